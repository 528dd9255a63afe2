# wide.s: numbers of 64 bits, such as clocks, held in two words, low word first.

.include "common.inc"

.text

# wide_divide(number, divisor) -> remainder; number: address of 64 bits, which
# become the quotient. The schoolbook way, one bit after the other: the divisor
# is taken off the running remainder whenever it fits. divisor < 2**31. A leaf.
.globl wide_divide
wide_divide:
        li      a2, 0                   # remainder
        li      a3, 64                  # bits left to do
1:      lw      t0, 4(a0)
        srli    t1, t0, 31              # the number's top bit moves into the remainder
        slli    a2, a2, 1
        or      a2, a2, t1
        slli    t0, t0, 1
        lw      t1, 0(a0)
        srli    t1, t1, 31
        or      t0, t0, t1
        sw      t0, 4(a0)
        lw      t1, 0(a0)
        slli    t1, t1, 1
        bltu    a2, a1, 2f
        sub     a2, a2, a1
        ori     t1, t1, 1               # and a bit of the quotient comes in below
2:      sw      t1, 0(a0)
        addi    a3, a3, -1
        bnez    a3, 1b
        mv      a0, a2
        ret

# wide_subtract(a, b): a = a - b; both: addresses of 64 bits. A leaf.
.globl wide_subtract
wide_subtract:
        lw      t0, 0(a0)
        lw      t1, 0(a1)
        sltu    a2, t0, t1              # borrow
        sub     t0, t0, t1
        sw      t0, 0(a0)
        lw      t0, 4(a0)
        lw      t1, 4(a1)
        sub     t0, t0, t1
        sub     t0, t0, a2
        sw      t0, 4(a0)
        ret
