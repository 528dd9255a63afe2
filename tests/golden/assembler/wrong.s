        .include "missing.inc"
        addd    a0, a0, a1
        add     a0, a0, a9
        addi    a0, a1, 5000
        lw      a0, 4
        lw      a0, 4(4)
        beq     a0, a1
        .wrod   3
        .macro  twice reg, amount
        addi    \reg, \reg, \amount
        addi    \reg, \reg, \amount
        .endm
        twice   a0, 3000
        twice   t9, 1
        li      a0, 0x1ffffffff
        j       5b
        csrr    a0, mstatsu
        .word   1 + (2 * 3
        .ascii  "open
        lw      a0, %hi(x)(a1)
