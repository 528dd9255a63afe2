start: bltz a0, elsewhere
    j elsewhere
    .section .text.other, "ax"
elsewhere: beqz a0, start
    j start
