# What the exceptions are called: number -> text, for a panic.

.include "kernel.inc"

.equ NAMED,     17              # exceptions of the privileged architecture that have a name

.section .rodata
.balign 4
names:          .word c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, unknown, c11, c12, c13, unknown, c15, c16
c0:             .asciz "jump to a misaligned address"
c1:             .asciz "instruction fetch where nothing is"
c2:             .asciz "illegal instruction"
c3:             .asciz "breakpoint"
c4:             .asciz "misaligned read"
c5:             .asciz "read where nothing is"
c6:             .asciz "misaligned write"
c7:             .asciz "write where nothing is"
c8:             .asciz "system call"
c9:             .asciz "system call from the kernel"
c11:            .asciz "system call from machine mode"
c12:            .asciz "page fault, execute"
c13:            .asciz "page fault, read"
c15:            .asciz "page fault, write"
c16:            .asciz "double trap"
unknown:        .asciz "not known to this kernel"

.text

# cause_name(number) -> text. Called by fault_report. Leaf.
.globl cause_name
cause_name:
        la      t1, unknown
        li      t0, NAMED
        bgeu    a0, t0, 1f
        slli    a0, a0, 2
        la      t0, names
        add     t0, t0, a0
        lw      t1, 0(t0)
1:      mv      a0, t1
        ret
