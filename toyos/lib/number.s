# number.s: from digits to a number. Leaves, as in string.s.

.text

# strtol10(text, end) -> signed decimal number at the start of text, after
# spaces; end: address of a word that receives the address of the first byte
# that is not part of it (text itself if there was no digit), or 0. Wraps
# around silently on overflow.
.globl strtol10
strtol10:
        mv      a2, a0                  # "no digit" until one is seen
        li      a3, 0                   # the number
1:      lbu     t0, 0(a0)
        li      t1, ' '
        bne     t0, t1, 2f
        addi    a0, a0, 1
        j       1b
2:      li      t1, '-'
        beq     t0, t1, 3f
        li      t1, '+'
        bne     t0, t1, 5f
        li      t1, 0
        j       4f
3:      li      t1, 1                   # t1: negative
4:      addi    a0, a0, 1
        j       6f
5:      li      t1, 0
6:      lbu     t0, 0(a0)
        addi    t0, t0, -'0'
        sltiu   t0, t0, 10              # a digit?
        beqz    t0, 7f
        lbu     t0, 0(a0)
        addi    t0, t0, -'0'
        addi    a0, a0, 1
        slli    a2, a3, 3               # number * 10 + digit
        slli    a3, a3, 1
        add     a3, a3, a2
        add     a3, a3, t0
        mv      a2, a0                  # the number ends here, so far
        j       6b
7:      beqz    t1, 8f
        neg     a3, a3
8:      beqz    a1, 9f
        sw      a2, 0(a1)
9:      mv      a0, a3
        ret

# atoi(text) -> signed decimal number at the start of text, 0 if there is none
.globl atoi
atoi:
        li      a1, 0
        j       strtol10
