# kill: ending another process. Signals that a process can catch come later; here is what they do by default.

.include "kernel.inc"
.include "signal.inc"

.text

# sys_kill(pid, signal) -> 0; -ESRCH: no such process; -EINVAL: no such signal, or one that stops, or a pid that means a
# group (neither exists yet); -EPERM for process 0 and for init, which must not end. Signal 0 only asks whether the
# process is there. A zombie is there and cannot die again.
# s0 = PCB, s1 = signal.
proc sys_kill, args=2
        mv      s1, a1
        li      t0, SIG_LAST
        bgtu    s1, t0, .Linvalid
        bltz    a0, .Linvalid
        call    pid_find
        mv      s0, a0
        li      a0, -ESRCH
        beqz    s0, .Ldone
        mv      a0, zero
        beqz    s1, .Ldone
        la      t0, ignored
1:      lbu     t1, 0(t0)
        beqz    t1, 2f
        beq     t1, s1, .Ldone
        addi    t0, t0, 1
        j       1b
2:      la      t0, stopping
3:      lbu     t1, 0(t0)
        beqz    t1, 4f
        beq     t1, s1, .Linvalid
        addi    t0, t0, 1
        j       3b
4:      lw      t0, P_PID(s0)
        li      t1, 1
        li      a0, -EPERM
        bleu    t0, t1, .Ldone
        lw      t0, P_STATE(s0)
        li      t1, STATE_ZOMBIE
        mv      a0, zero
        beq     t0, t1, .Ldone
        mv      a0, s0
        mv      a1, s1
        call    process_end
        mv      a0, zero
        return
.Linvalid:
        li      a0, -EINVAL
.Ldone:
endp

.section .rodata
ignored:        .byte SIGCHLD, SIGCONT, SIGURG, SIGWINCH, 0
stopping:       .byte SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, 0
