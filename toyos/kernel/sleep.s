# Sleeping and waking up. Every event has a queue of its own; a sleeper that is woken becomes Ready, never Running.

.include "kernel.inc"

.text

# sleep_on(queue): the current process sleeps on this queue. Does not come back: woken up, the process makes its system
# call again from the start. Called by system calls that must wait.
proc sleep_on, args=1
        mv      a1, zero
        call    sleep_before
endp

# sleep_before(queue, pcb): the same, but in the queue's order in front of this sleeper (0: last). Called by nanosleep.
proc sleep_before, args=2
        mv      a2, a1
        load_current a1
        li      t0, STATE_SLEEP
        sw      t0, P_STATE(a1)
        call    queue_insert
        call    dispatch
endp

# wake_all(queue): everybody on this queue becomes Ready. Called when the event has happened.
# s0 = queue.
proc wake_all, args=1
        mv      s0, a0
1:      lw      a0, 0(s0)
        beqz    a0, 2f
        call    process_ready
        j       1b
2:
endp

# process_ready(pcb): a new or sleeping process becomes Ready. Called by wake_all, fork and the clock.
# s0 = pcb.
proc process_ready, args=1
        mv      s0, a0
        call    queue_remove
        mv      a0, s0
        call    sched_enqueue
        la      t0, dispatch_wanted
        li      t1, 1
        sw      t1, 0(t0)
endp
