# The scheduling policy "round robin": one queue, first come first served, and everybody may run for a quantum.
#
# A policy is a file with these three procedures and the word sched_quantum; the dispatcher calls them.

.include "kernel.inc"

.ifndef QUANTUM
.equ QUANTUM, 100000            # clock ticks: 10 ms
.endif

.text

# sched_enqueue(pcb): the process is Ready now and waits for its turn. It is on no queue before.
proc sched_enqueue, args=1
        li      t0, STATE_READY
        sw      t0, P_STATE(a0)
        mv      a1, a0
        la      a0, ready_queue
        call    queue_append
endp

# sched_pick() -> the process whose turn it is, taken off the queue, or 0 when nobody is ready.
# s0 = the process.
proc sched_pick
        la      t0, ready_queue
        lw      s0, 0(t0)
        beqz    s0, 1f
        mv      a0, s0
        call    queue_remove
1:      mv      a0, s0
endp

# sched_tick(pcb, ticks) -> how many ticks a process that has run for `ticks` may go on; 0: it must give way; -1: until
# something happens, since nobody else is ready. Leaf.
.globl sched_tick
sched_tick:
        mv      t1, a0
        li      a0, -1
        la      t0, ready_queue
        lw      t0, 0(t0)
        beqz    t0, 2f
        lw      t0, P_QUANTUM(t1)
        mv      a0, zero
        bgeu    a1, t0, 2f
        sub     a0, t0, a1
2:      ret

.section .rodata
        .balign 4
.globl sched_quantum
sched_quantum:  .word QUANTUM           # what pcb_new gives every process

.bss
        .balign 4
.globl ready_queue
ready_queue:    .zero 8                 # state Ready
