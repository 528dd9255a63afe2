# ring: processes that pass the processor round, and what each does with it.
#
#   ring PROCESSES LAPS DEPTH BYTES CALLS SPIN TOGETHER
#
# Every process, in a lap: calls itself down to DEPTH; there it sums its own array of BYTES, makes CALLS trees of calls,
# and gives the processor to the next one; then it returns all the way up. The ready queue is first come, first served,
# so the processor itself is the token that goes round, and needs no pipe.
# SPIN 0: it gives the processor up by sched_yield. Otherwise it goes round an empty loop SPIN times and never yields:
# the timer takes the processor away.
# TOGETHER 1: there are two, and the second has a stack of its own, so that it can live in the address space of the
# first. Both then sleep once, which is the host's opportunity to put it there (recording.py).
# The first process measures, after WARM laps, and its end is the end of the run.

.include "common.inc"
.include "signal.inc"
.include "time.inc"
.include "laps.inc"

.equ ARRAY_MAX,   65536
.equ STACK,       16384
.equ TREE,        6             # height of a tree of calls
.equ NAP,         1000000       # nanoseconds

# Sleeps for a moment, and needs no stack for it.
.macro nap
        la      a0, moment
        li      a1, 0
        syscall SYS_nanosleep
.endm

.text

# s0 = argv's words still to be read, s1 = where the next goes; then s0 = processes still to be made
proc main, args=2
        read_settings
        la      t0, together
        lw      t0, 0(t0)
        bnez    t0, beside

        la      t0, processes
        lw      s0, 0(t0)
3:      addi    s0, s0, -1
        beqz    s0, 4f
        call    fork
        bltz    a0, failed
        bnez    a0, 3b
        call    member
4:      call    first
        li      a0, 0
        return

beside: li      a0, SIGCHLD
        la      a1, stack_top
        syscall SYS_clone
        bltz    a0, failed
        beqz    a0, 6f
        nap
        call    first
5:      j       5b                      # the end of either would be the end of their common memory
6:      nap                             # on the other stack, which is still empty: it will be that of the first's memory
        call    member

failed: la      a0, name
        call    perror
        li      a0, 1
endp

# first(): the process that measures
# s0 = laps left
proc first
        call    array_fill
        measured_laps
endp

# member(): any other process; never returns
proc member
        call    array_fill
1:      call    lap
        j       1b
endp

        lap_procedures

# work(): the sum, the calls, and the hand-over
# s0 = trees left
.globl at_work                          # the host counts laps by it
proc work
at_work:
        call    array_sum
        la      t0, calls
        lw      s0, 0(t0)
        beqz    s0, 2f
1:      li      a0, TREE
        call    tree
        addi    s0, s0, -1
        bnez    s0, 1b
2:      la      t0, spin
        lw      t0, 0(t0)
        bnez    t0, 3f
        syscall SYS_sched_yield
        return
3:      addi    t0, t0, -1
        bnez    t0, 3b
endp

# tree(height) -> Fibonacci's number, by as many calls as it takes
# s0 = height, s1 = the first subtree's result
proc tree, args=1
        mv      s0, a0
        li      t0, 2
        bltu    a0, t0, 1f
        addi    a0, a0, -1
        call    tree
        mv      s1, a0
        addi    a0, s0, -2
        call    tree
        add     a0, a0, s1
1:
endp

# array_fill(): stores into every page of the array, so that it is this process's own. Leaf.
array_fill:
        la      a0, array
        la      t0, bytes
        lw      a1, 0(t0)
        add     a1, a1, a0
        li      t1, 1
1:      bgeu    a0, a1, 2f
        sw      t1, 0(a0)
        addi    a0, a0, 64
        j       1b
2:      ret

# array_sum() -> the sum of the array's words. Leaf.
array_sum:
        la      a0, array
        la      t0, bytes
        lw      a1, 0(t0)
        add     a1, a1, a0
        li      t1, 0
1:      bgeu    a0, a1, 2f
        lw      t0, 0(a0)
        add     t1, t1, t0
        addi    a0, a0, 4
        j       1b
2:      mv      a0, t1
        ret

.section .rodata
name:   .asciz "ring"
        .balign 8
moment: .word   0, 0, NAP, 0

.data
        .balign 4
settings:                       # in the order of the arguments
processes: .word 1
laps:   .word   1
depth:  .word   0
bytes:  .word   0
calls:  .word   0
spin:   .word   0
together: .word 0

.bss
        .balign 4096
array:  .zero   ARRAY_MAX
stack:  .zero   STACK
stack_top:
