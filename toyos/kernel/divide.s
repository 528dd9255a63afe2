# Division of times.

.text

# divide(low, high, divisor) -> a0 = low, a1 = high word of the quotient, a2 = remainder. The divisor is less than
# 2^31. Leaf. The high word is divided at once; the low word bit by bit: t0 = remainder so far, t1 = bits left, a3 =
# high quotient.
.globl divide
divide:
        divu    a3, a1, a2
        remu    t0, a1, a2
        li      t1, 32
1:      slli    t0, t0, 1
        bgez    a0, 2f                  # the next bit of the dividend comes in from the left
        addi    t0, t0, 1
2:      slli    a0, a0, 1
        bltu    t0, a2, 3f
        sub     t0, t0, a2
        addi    a0, a0, 1
3:      addi    t1, t1, -1
        bnez    t1, 1b
        mv      a1, a3
        mv      a2, t0
        ret
