# exec_files FILE...: tries to become each of the files in turn, and prints the error of each that it could not become.

.include "common.inc"
.include "syscall.inc"

.text

# s0 = next argument.
proc main, args=3
        addi    s0, a1, 4
1:      lw      a0, 0(s0)
        beqz    a0, 2f
        li      a1, 0
        li      a2, 0
        syscall SYS_execve
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, line
        call    printf
        addi    s0, s0, 4
        j       1b
2:
endp

.section .rodata
line:   .asciz "%s: %d\n"
