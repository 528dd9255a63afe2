# syscall_cost: a system call is not a context switch.
#
# Teaches: a system call enters the kernel and comes back to the same process: a
# change of mode. A context switch also saves one process and loads another. The
# second costs more; how much more can be counted.
# Look at: the instructions of each, from the processor's own counter. The empty
# loop is taken off, so the numbers are those of the call alone.

.include "common.inc"
.include "signal.inc"

.equ CALLS, 1000

# measure PROCEDURE: s1 = instructions of CALLS turns of a loop that calls it
.macro measure procedure
        call    instructions
        mv      s1, a0
        li      s0, CALLS
77:     call    \procedure
        addi    s0, s0, -1
        bnez    s0, 77b
        call    instructions
        sub     s1, a0, s1
.endm

.text

# At sp: pid of the partner; 4(sp): the empty loop; 8(sp): a call.
proc main, frame=16
        measure nothing
        sw      s1, 4(sp)

        measure getpid            # a call that needs no switch
        lw      t0, 4(sp)
        sub     a1, s1, t0
        li      t0, CALLS
        divu    a1, a1, t0
        sw      a1, 8(sp)
        la      a0, call_line
        call    printf

        measure yield             # nobody else is ready: no switch either
        lw      t0, 4(sp)
        sub     a1, s1, t0
        li      t0, CALLS
        divu    a1, a1, t0
        la      a0, yield_line
        call    printf

        call    fork
        bltz    a0, failed
        beqz    a0, partner
        sw      a0, 0(sp)
        call    yield                   # the partner's first turn has costs of its own
        measure yield             # to the partner and back: two switches a turn
        lw      t0, 4(sp)
        sub     a1, s1, t0
        li      t0, 2*CALLS
        divu    a1, a1, t0
        mv      s1, a1
        la      a0, switch_line
        call    printf
        lw      t0, 8(sp)
        sub     a1, s1, t0
        la      a0, difference
        call    printf
        lw      a0, 0(sp)
        li      a1, SIGKILL
        call    kill
        li      a0, 0
        call    wait
        li      a0, 0
        return

partner:
        call    yield
        j       partner

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# nothing(): what the empty loop calls. A leaf.
nothing:
        ret

.section .rodata
name:           .asciz "syscall_cost"
call_line:      .asciz "system call (getpid):                   %d instructions\n"
yield_line:     .asciz "system call (yield, nobody else ready): %d instructions\n"
switch_line:    .asciz "system call with a switch (yield):      %d instructions\n"
difference:     .asciz "the switch itself:                      %d instructions more than getpid\n"
