# wait4: a parent learns how a child ended, and the child's PCB is free again.

.include "kernel.inc"
.include "wait.inc"
.include "time.inc"

.equ W_PID,     0
.equ W_STATUS,  4
.equ W_OPTIONS, 8
.equ W_RUSAGE,  12
.equ W_FOUND,   16              # whether there is such a child at all
.equ W_FRAME,   32

.text

# sys_wait4(pid, status, options, rusage) -> pid of the child that ended. pid > 0: this child; -1 or 0: any (there are
# no process groups yet, so all are in one). Sleeps until there is one; with WNOHANG returns 0 instead. `status` and
# `rusage` may be 0. -ECHILD: no such child; -EINVAL: unknown option; -EFAULT: nothing has happened, the child can be
# waited for again.
# s0 = current, s1 = child.
proc sys_wait4, args=4, frame=W_FRAME
        sw      a0, W_PID(sp)
        sw      a1, W_STATUS(sp)
        sw      a2, W_OPTIONS(sp)
        sw      a3, W_RUSAGE(sp)
        sw      zero, W_FOUND(sp)
        li      a0, -EINVAL
        li      t0, WNOHANG | WUNTRACED
        or      t1, a2, t0
        bne     t0, t1, .Ldone
        load_current s0
        addi    s1, s0, P_CHILD - P_SIBLING     # so that the first P_SIBLING is P_CHILD
.Lnext: lw      s1, P_SIBLING(s1)
        beqz    s1, .Lnone
        lw      a0, W_PID(sp)
        li      t0, -1
        beq     a0, t0, 1f
        beqz    a0, 1f
        lw      t0, P_PID(s1)
        bne     a0, t0, .Lnext
1:      li      t0, 1
        sw      t0, W_FOUND(sp)
        lw      t0, P_STATE(s1)
        li      t1, STATE_ZOMBIE
        bne     t0, t1, .Lnext

        lw      a0, W_STATUS(sp)
        beqz    a0, 2f
        addi    a1, s1, P_STATUS
        li      a2, 4
        call    copyout
        bnez    a0, .Ldone
2:      lw      a1, W_RUSAGE(sp)
        beqz    a1, 3f
        mv      a0, s1
        call    rusage_copyout
        bnez    a0, .Ldone
3:      mv      a0, s0
        mv      a1, s1
        call    child_reap
        return

.Lnone: li      a0, -ECHILD
        lw      t0, W_FOUND(sp)
        beqz    t0, .Ldone
        lw      t0, W_OPTIONS(sp)
        andi    t0, t0, WNOHANG
        mv      a0, zero
        bnez    t0, .Ldone
        addi    a0, s0, P_CHILDREN_QUEUE
        call    sleep_on
.Ldone:
endp

# child_reap(parent, zombie) -> its pid. Its CPU time and that of its own children are added to what the parent's
# children have used; then it is gone.
# s0 = parent, s1 = zombie; local 0 = pid.
proc child_reap, args=2, frame=16
        mv      s0, a0
        mv      s1, a1
        lw      t0, P_PID(s1)
        sw      t0, 0(sp)
        addi    a0, s0, P_CHILDREN_TIME
        addi    a1, s1, P_CPU_TIME
        call    time_add
        addi    a0, s0, P_CHILDREN_TIME
        addi    a1, s1, P_CHILDREN_TIME
        call    time_add
        mv      a0, s1
        call    child_remove
        mv      a0, s1
        call    pcb_free
        lw      a0, 0(sp)
endp

# time_add(to, from): adds one 64-bit time in memory to another. Leaf.
time_add:
        lw      t0, 0(a0)
        lw      t1, 0(a1)
        add     t0, t0, t1
        sw      t0, 0(a0)
        sltu    t0, t0, t1
        lw      t1, 4(a1)
        add     t0, t0, t1
        lw      t1, 4(a0)
        add     t0, t0, t1
        sw      t0, 4(a0)
        ret

# rusage_copyout(child, user address) -> 0 or an error: a struct rusage with the child's CPU time.
# s0 = child, s1 = user address; locals: the structure.
.equ R_FRAME, 80
proc rusage_copyout, args=2, frame=R_FRAME
        mv      s0, a0
        mv      s1, a1
        mv      a0, sp
        mv      a1, zero
        li      a2, RUSAGE_SIZE
        call    memset
        lw      a0, P_CPU_TIME(s0)
        lw      a1, P_CPU_TIME + 4(s0)
        li      a2, TIMEBASE
        call    divide
        sw      a0, RUSAGE_UTIME_SEC(sp)
        li      t0, TIMEBASE / 1000000
        divu    a2, a2, t0
        sw      a2, RUSAGE_UTIME_USEC(sp)
        mv      a0, s1
        mv      a1, sp
        li      a2, RUSAGE_SIZE
        call    copyout
endp
