start: beq a0, a1, far_forward
    bnez a0, undefined
    blt a0, a1, start
    bgeu a0, a1, 1f
    .space 4088
1:  beq a0, a1, start
    bne a0, a1, 1b
    .balign 16
    .rept 1000
    bgt a0, a1, far_forward
    .endr
far_forward: nop
    j start
    .globl known
    .weak loose
known: beqz a0, known
loose: beqz a0, loose
    bleu a0, a1, known
    .word . - start
