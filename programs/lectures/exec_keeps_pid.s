# exec_keeps_pid: exec changes the program, not the process.
#
# Teaches: after exec the pid and the parent are the same, but the memory is that
# of a program that has just begun: variables have their first values again.
# Look at: the pid before and after; `counter`, which was 5 before exec.

.include "common.inc"

.text

proc main, args=2
        mv      s0, a0
        call    getpid
        mv      s1, a0
        call    getppid
        mv      a2, a0
        mv      a1, s1
        la      t0, counter
        lw      a3, 0(t0)
        la      a0, line
        call    printf
        li      t0, 1
        bgt     s0, t0, again           # exec has given it an argument
        la      t0, counter
        li      t1, 5
        sw      t1, 0(t0)
        mv      a1, t1
        la      a0, changed
        call    printf
        la      a0, name
        mv      a1, a0
        la      a2, argument
        li      a3, 0
        call    execlp
        la      a0, name
        call    perror
        li      a0, 1
        return
again:  la      a0, same
        call    puts
        li      a0, 0
        return
endp

.section .rodata
name:           .asciz "exec_keeps_pid"
argument:       .asciz "again"
line:           .asciz "pid %d, parent %d, counter %d\n"
changed:        .asciz "counter becomes %d; now exec of the same program\n"
same:           .asciz "same process, fresh program"

.data
.balign 4
counter:        .word 1
