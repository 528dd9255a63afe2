# execcmd COMMAND [WORD]...: runs the command given to it, in a child.
#
# Teaches: what may go wrong, and in which process. fork fails in the parent;
# exec fails in the child, which is a copy of this program still, so it must say
# so and end, or there would be two of it.
# Look at: execvp searches PATH; argv + 1 is a complete argument list already.
# Try it with a command that does not exist, and with a file that is no program.

.include "common.inc"
.include "wait.inc"

.equ USAGE, 2
.equ CANNOT_RUN, 127
.equ BY_SIGNAL, 128

.text

# s0 = argv of the command
proc main, args=2, frame=16
        addi    s0, a1, 4
        lw      t0, 0(s0)
        beqz    t0, usage
        call    fork
        bltz    a0, failed
        beqz    a0, child
        mv      a1, sp
        li      a2, 0
        call    waitpid
        lw      a0, 0(sp)
        andi    a1, a0, STATUS_SIGNAL_MASK
        bnez    a1, killed
        srli    s1, a0, STATUS_CODE_SHIFT
        la      a0, ended
        lw      a1, 0(s0)
        mv      a2, s1
        call    printf
        mv      a0, s1
        return
killed: addi    s1, a1, BY_SIGNAL
        mv      a0, a1
        call    strsignal
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, died
        call    printf
        mv      a0, s1
        return

child:  lw      a0, 0(s0)
        mv      a1, s0
        call    execvp
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, cannot_run
        call    eprintf
        li      a0, CANNOT_RUN
        return

failed: la      a0, cannot_fork
        call    perror
        li      a0, 1
        return
usage:  la      a0, usage_text
        call    eprintf
        li      a0, USAGE
        return
endp

.section .rodata
ended:          .asciz "execcmd: %s ended with code %d\n"
died:           .asciz "execcmd: %s was ended by a signal: %s\n"
cannot_run:     .asciz "execcmd: cannot run %s: %s\n"
cannot_fork:    .asciz "execcmd: cannot make a process"
usage_text:     .asciz "usage: execcmd COMMAND [WORD]...\n"
