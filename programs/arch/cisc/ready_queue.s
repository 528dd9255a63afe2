# ready_queue: a ready queue in two instructions.
#
# Teaches: what a CISC processor does in one instruction. `insque` puts an entry into a doubly linked list and
# `remque` takes one out, four and two stores each, and a fault in the middle leaves the list as it was. The VAX had
# them for exactly this: queues of processes. The loop counts with `sob`, `calls` saves the registers that its mask
# names, and operands lie wherever they are: in a register, behind one, in the instruction.
# Look at: round robin, as the queue gives it: whoever ran goes to the end, until its work is done.
# Runs in cisc mode only: toyos run --mode cisc programs/arch/cisc/ready_queue.s

.include "common.inc"

.equ NEXT,      0               # an entry of the queue: links, then what it is about
.equ PREVIOUS,  4
.equ NAME,      8
.equ WORK,      12              # turns that it still needs
.equ SIZE,      16
.equ ENTRIES,   3

.text

# main() -> 0.
# s0 = entry that runs; s1 = entries left, while the queue is built.
proc main
        moval   queue, queue + NEXT     # an empty list is a head that points to itself
        moval   queue, queue + PREVIOUS
        moval   entries, s0
        movl    $ENTRIES, s1
1:      calls   s0/s1, enqueue
        addl2   $SIZE, s0
        sob     s1, 1b

2:      movl    queue + NEXT, s0        # the first in the queue runs
        beql    s0, $queue, 3f          # only the head is left
        remque  (s0)
        moval   line, a0
        movl    NAME(s0), a1
        movl    WORK(s0), a2
        call    printf
        decl    WORK(s0)
        beql    WORK(s0), $0, 2b        # done
        calls   s0, enqueue
        br      2b
3:      movl    $0, a0
endp

# enqueue: puts the entry at s0 behind the last one. Called with `calls`, so it ends in `rets`.
enqueue:
        movl    queue + PREVIOUS, a0
        insque  (s0), (a0)
        rets

.section .rodata
line:           .asciz "%s runs, %u to go\n"
first:          .asciz "edit"
second:         .asciz "compile"
third:          .asciz "print"

.data
        .balign 4
queue:          .zero 8
entries:        .word 0, 0, first, 2
                .word 0, 0, second, 3
                .word 0, 0, third, 1
