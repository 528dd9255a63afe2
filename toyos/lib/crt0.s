# crt0.s: where every program begins.
#
# The kernel's exec leaves on the stack: argc, the words of argv, a 0, the words
# of the environment, a 0 (and above them the texts themselves), sp at argc.
# This code calls main(argc, argv, envp) and passes its result to exit().

.include "common.inc"

.text
.globl _start
_start:
        lw      a0, 0(sp)               # argc
        addi    a1, sp, 4               # argv
        slli    t0, a0, 2
        add     a2, a1, t0
        addi    a2, a2, 4               # envp: behind argv's closing 0
        la      t0, environ
        sw      a2, 0(t0)
        call    main
        call    exit
