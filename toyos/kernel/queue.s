# Queues of PCBs: doubly linked lists. A queue is two words, head and tail, both zero when it is empty; a PCB is on
# one queue at most, and P_QUEUE says on which. All of these are leaves and use a0-a3, t0, t1.

.include "kernel.inc"

.equ Q_HEAD, 0
.equ Q_TAIL, 4

.text

# queue_insert(queue, pcb, before): puts the PCB in front of `before`, which is on the queue, or at the end when that
# is 0.
# queue_append(queue, pcb): puts it at the end.
.globl queue_append
.globl queue_insert
queue_append:
        mv      a2, zero
queue_insert:
        sw      a0, P_QUEUE(a1)
        sw      a2, P_NEXT(a1)
        beqz    a2, 1f
        lw      t0, P_PREV(a2)
        sw      a1, P_PREV(a2)
        j       2f
1:      lw      t0, Q_TAIL(a0)
        sw      a1, Q_TAIL(a0)
2:      sw      t0, P_PREV(a1)          # t0 = its left neighbour, or 0
        beqz    t0, 3f
        sw      a1, P_NEXT(t0)
        ret
3:      sw      a1, Q_HEAD(a0)
        ret

# queue_remove(pcb): takes the PCB off the queue it is on; nothing happens when it is on none.
.globl queue_remove
queue_remove:
        lw      a1, P_QUEUE(a0)
        beqz    a1, 3f
        sw      zero, P_QUEUE(a0)
        lw      t0, P_PREV(a0)
        lw      t1, P_NEXT(a0)
        beqz    t0, 1f
        sw      t1, P_NEXT(t0)
        j       2f
1:      sw      t1, Q_HEAD(a1)
2:      beqz    t1, 4f
        sw      t0, P_PREV(t1)
3:      ret
4:      sw      t0, Q_TAIL(a1)
        ret
