# The dispatcher: which process goes on after a trap, and when the timer must interrupt it.
#
# It runs only when `dispatch_wanted` says that there is something to decide: somebody became ready, the current process
# gave up the hart or lost it, or the timer went off. It knows nothing of the policy; scheduler files answer it:
#   sched_enqueue(pcb)      a process is ready
#   sched_pick()            -> the process to run next, taken off the ready queue, or 0
#   sched_tick(pcb, ticks)  -> ticks that a process which has run for `ticks` may go on; 0: it must give way;
#                           -1: no limit
# There is no periodic tick: the timer is set for the next thing that will happen, or not at all.

.include "kernel.inc"

.equ D_NOW,   0                 # the time at which this dispatch happens
.equ D_LIMIT, 8                 # ticks that the chosen process may run
.equ D_FRAME, 16

.text

# dispatch(): loads the state of the process that goes on. Does not come back. Called at the end of a trap, by sleep_on
# and by everything else that ends the run of the current process for good.
# s0 = process that ran, s1 = process that goes on.
proc dispatch, frame=D_FRAME
        la      t0, dispatch_wanted
        sw      zero, 0(t0)
        load_current s0
        mv      a0, s0
        call    charge
        sw      a0, D_NOW(sp)
        sw      a1, D_NOW + 4(sp)

        lw      t0, P_STATE(s0)
        li      t1, STATE_RUNNING
        bne     t0, t1, .Lvoluntary     # it sleeps or has ended
        la      t0, process0
        lw      t0, 0(t0)
        beq     s0, t0, .Lidle_leaves
        la      t0, yield_wanted
        lw      t1, 0(t0)
        sw      zero, 0(t0)
        bnez    t1, .Lyields
        la      t0, dispatched_at
        lw      t0, 0(t0)
        sub     a1, a0, t0
        mv      a0, s0
        call    sched_tick
        sw      a0, D_LIMIT(sp)
        mv      s1, s0
        bnez    a0, .Lgo                # it goes on
        mv      a0, s0                  # its quantum is over
        call    sched_enqueue
        call    sched_pick
        mv      s1, a0
        addi    a0, s0, P_INVOLUNTARY
        j       .Lswitch
.Lyields:
        mv      a0, s0
        call    sched_enqueue
        j       .Lvoluntary
.Lidle_leaves:
        li      t0, STATE_READY         # on no queue: it runs when that is empty
        sw      t0, P_STATE(s0)
.Lvoluntary:
        call    sched_pick
        mv      s1, a0
        addi    a0, s0, P_VOLUNTARY
.Lswitch:
        bnez    s1, 1f
        la      s1, process0
        lw      s1, 0(s1)
1:      beq     s0, s1, 2f              # count it where it happened, and in all
        lw      t0, 0(a0)
        addi    t0, t0, 1
        sw      t0, 0(a0)
        count   KS_SWITCHES
2:      li      t0, STATE_RUNNING
        sw      t0, P_STATE(s1)
        la      t0, current
        sw      s1, 0(t0)
        lw      a0, D_NOW(sp)
        la      t0, dispatched_at
        sw      a0, 0(t0)
        la      t0, process0
        lw      t0, 0(t0)
        beq     s1, t0, .Lnobody
        mv      a0, s1
        mv      a1, zero
        call    sched_tick
        sw      a0, D_LIMIT(sp)

        lw      a0, P_SPACE(s1)         # its address space, unless the hart has it already
        la      t0, mmu_root
        lw      t0, 0(t0)
        beq     a0, t0, .Lgo
        call    mmu_load
.Lgo:   lw      a0, D_NOW(sp)
        lw      a1, D_NOW + 4(sp)
        lw      a2, D_LIMIT(sp)
        call    timer_arm
        mv      a0, s1
        j       resume
.Lnobody:
        lw      a0, D_NOW(sp)
        lw      a1, D_NOW + 4(sp)
        li      a2, -1
        call    timer_arm
        j       idle
endp

# charge(pcb) -> a0 = low, a1 = high word of the time now: the time since the last charge is the process's. Called by
# dispatch, and where somebody asks for the CPU time of the current process.
# s0 = pcb.
proc charge, args=1
        mv      s0, a0
        call    time_now
        la      t0, charged_until
        lw      a2, 0(t0)
        lw      a3, 4(t0)
        sw      a0, 0(t0)
        sw      a1, 4(t0)
        sltu    t0, a0, a2              # a3:a2 = time that has passed
        sub     a2, a0, a2
        sub     a3, a1, a3
        sub     a3, a3, t0
        lw      t0, P_CPU_TIME(s0)
        add     t0, t0, a2
        sw      t0, P_CPU_TIME(s0)
        sltu    t0, t0, a2
        lw      t1, P_CPU_TIME + 4(s0)
        add     t1, t1, a3
        add     t1, t1, t0
        sw      t1, P_CPU_TIME + 4(s0)
endp

# sys_sched_yield() -> 0: the process goes to the end of the ready queue once this call is finished.
.globl sys_sched_yield
sys_sched_yield:
        li      a0, 1
        la      t0, yield_wanted
        sw      a0, 0(t0)
        la      t0, dispatch_wanted
        sw      a0, 0(t0)
        mv      a0, zero
        ret

.bss
        .balign 4
.globl dispatch_wanted
dispatch_wanted: .zero 4        # not zero: there is something to decide at the end of this trap
yield_wanted:    .zero 4        # not zero: the current process gives way
dispatched_at:   .zero 4        # when the current process was chosen (low word: quanta are short)
charged_until:   .zero 8        # up to when CPU time has been charged
