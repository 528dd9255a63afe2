# The timer's work: waking sleepers in time, and setting the timer for what comes next.

.include "kernel.inc"

.text

# time_before(x low, x high, y low, y high) -> 1 when x < y, else 0. Leaf.
.globl time_before
time_before:
        bne     a1, a3, 1f
        sltu    a0, a0, a2
        ret
1:      sltu    a0, a1, a3
        ret

# clock_interrupt(): the timer went off. Wakes every sleeper whose time has come; the dispatcher, which always
# follows, sees to the quantum and sets the timer anew. Called by `trap`.
# Locals: the time now.
proc clock_interrupt, frame=16
        count   KS_CLOCK_INTERRUPTS
        la      t0, dispatch_wanted
        li      t1, 1
        sw      t1, 0(t0)
        call    time_now
        sw      a0, 0(sp)
        sw      a1, 4(sp)
1:      la      s0, sleepers
        lw      s0, 0(s0)
        beqz    s0, 2f
        lw      a0, 0(sp)
        lw      a1, 4(sp)
        lw      a2, P_WAKE(s0)
        lw      a3, P_WAKE + 4(s0)
        call    time_before
        bnez    a0, 2f                  # the first in the queue sleeps on, and so all others
        mv      a0, s0
        call    process_ready
        j       1b
2:
endp

# timer_arm(now low, now high, ticks): sets the timer to `ticks` from now (-1: never), or to the time at which the first
# sleeper wants to wake up if that is earlier. Called by the dispatcher.
# Locals: the time to set.
proc timer_arm, args=3, frame=16
        li      t0, -1
        bne     a2, t0, 1f
        sw      t0, 0(sp)
        sw      t0, 4(sp)
        j       2f
1:      add     a0, a0, a2
        sltu    t0, a0, a2
        add     a1, a1, t0
        sw      a0, 0(sp)
        sw      a1, 4(sp)
2:      la      s0, sleepers
        lw      s0, 0(s0)
        beqz    s0, 3f
        lw      a0, P_WAKE(s0)
        lw      a1, P_WAKE + 4(s0)
        lw      a2, 0(sp)
        lw      a3, 4(sp)
        call    time_before
        beqz    a0, 3f
        lw      a0, P_WAKE(s0)
        lw      a1, P_WAKE + 4(s0)
        j       4f
3:      lw      a0, 0(sp)
        lw      a1, 4(sp)
4:      call    timer_set
endp

.bss
        .balign 4
.globl sleepers
sleepers:       .zero 8                 # those in nanosleep, the earliest P_WAKE first
