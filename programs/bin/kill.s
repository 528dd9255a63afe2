# kill [-SIGNAL] PID...: sends a signal, TERM if none is named; SIGNAL is a
# number or one of the names below.

.include "common.inc"
.include "signal.inc"

.equ USAGE, 2

.text

# s0 = next word of argv, s1 = signal; at 4(sp) the exit status
proc main, args=2, frame=16
        addi    s0, a1, 4
        li      s1, SIGTERM
        sw      zero, 4(sp)
        lw      a0, 0(s0)
        beqz    a0, usage
        lbu     t0, 0(a0)
        li      t1, '-'
        bne     t0, t1, 1f
        addi    a0, a0, 1
        call    signal_number
        bltz    a0, usage
        mv      s1, a0
        addi    s0, s0, 4
        lw      a0, 0(s0)
        beqz    a0, usage
1:      lw      a0, 0(s0)
        beqz    a0, 4f
        mv      a1, sp
        call    strtol10
        lw      t0, 0(sp)
        lw      t1, 0(s0)
        beq     t0, t1, not_a_pid       # no digits
        lbu     t0, 0(t0)
        bnez    t0, not_a_pid           # digits and something else
        mv      a1, s1
        call    kill
        bgez    a0, 3f
        la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        j       2f
not_a_pid:
        la      a2, no_number
2:      lw      a1, 0(s0)
        la      a0, message
        call    eprintf
        li      t0, 1
        sw      t0, 4(sp)
3:      addi    s0, s0, 4
        j       1b
4:      lw      a0, 4(sp)
        return
usage:  la      a0, usage_text
        call    eprintf
        li      a0, USAGE
        return
endp

# signal_number(text) -> number of the signal that the text names, or -1
proc signal_number, args=1, frame=16
        mv      s0, a0
        mv      a1, sp
        call    strtol10
        lw      t0, 0(sp)
        beq     t0, s0, 1f
        lbu     t0, 0(t0)
        bnez    t0, 4f
        return
1:      la      s1, names
2:      lw      a0, 0(s1)
        beqz    a0, 4f
        mv      a1, s0
        call    strcmp
        beqz    a0, 3f
        lw      a0, 0(s1)               # "SIGTERM" is "TERM" too
        addi    a0, a0, 3
        mv      a1, s0
        call    strcmp
        beqz    a0, 3f
        addi    s1, s1, 8
        j       2b
3:      lw      a0, 4(s1)
        return
4:      li      a0, -1
        return
endp

.section .rodata
.balign 4
names:  .word   hup, SIGHUP, int, SIGINT, quit, SIGQUIT, ill, SIGILL, abrt, SIGABRT
        .word   bus, SIGBUS, fpe, SIGFPE, kill_, SIGKILL, usr1, SIGUSR1, segv, SIGSEGV
        .word   usr2, SIGUSR2, pipe, SIGPIPE, alrm, SIGALRM, term, SIGTERM, chld, SIGCHLD
        .word   cont, SIGCONT, stop, SIGSTOP, tstp, SIGTSTP, 0
hup:    .asciz "SIGHUP"
int:    .asciz "SIGINT"
quit:   .asciz "SIGQUIT"
ill:    .asciz "SIGILL"
abrt:   .asciz "SIGABRT"
bus:    .asciz "SIGBUS"
fpe:    .asciz "SIGFPE"
kill_:  .asciz "SIGKILL"
usr1:   .asciz "SIGUSR1"
segv:   .asciz "SIGSEGV"
usr2:   .asciz "SIGUSR2"
pipe:   .asciz "SIGPIPE"
alrm:   .asciz "SIGALRM"
term:   .asciz "SIGTERM"
chld:   .asciz "SIGCHLD"
cont:   .asciz "SIGCONT"
stop:   .asciz "SIGSTOP"
tstp:   .asciz "SIGTSTP"
message:        .asciz "kill: %s: %s\n"
no_number:      .asciz "not a process number"
usage_text:     .asciz "usage: kill [-SIGNAL] PID... (SIGNAL: a number, or a name such as TERM or KILL)\n"
