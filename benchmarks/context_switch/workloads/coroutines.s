# coroutines: two threads of one process that the kernel knows nothing of. They switch by a procedure call, and a call
# saves only what calls must keep.
#
#   coroutines LAPS DEPTH PASS
#
# Each, in a lap: calls itself down to DEPTH, hands over to the other by setjmp and longjmp if PASS is 1, and returns
# all the way up. With PASS 0 there is only one, and nothing is handed over: what the laps cost without the switch.

.include "common.inc"
.include "setjmp.inc"
.include "laps.inc"

.equ STACK, 16384

.globl at_work                          # the host counts laps by it

.text

# s0 = argv's words still to be read, s1 = where the next goes; then s0 = laps left
proc main, args=2
        read_settings
        la      t0, pass
        lw      t0, 0(t0)
        beqz    t0, 3f
        la      a0, places
        call    setjmp
        bnez    a0, 3f
        la      t0, turn                # the second begins, on its own stack, and comes back to here
        li      t1, JMP_BUF_SIZE
        sw      t1, 0(t0)
        la      sp, stack_top
        call    second
3:      call    first
        li      a0, 0
endp

# first(): the thread that measures
# s0 = laps left
proc first
        measured_laps
endp

# second(): the other; never returns
proc second
1:      call    lap
        j       1b
endp

        lap_procedures

# work(): hands over, and comes back when the other has
proc work
at_work:
        la      t0, pass
        lw      t0, 0(t0)
        beqz    t0, 1f
        la      t0, turn
        lw      t1, 0(t0)
        la      a0, places
        add     a0, a0, t1
        call    setjmp
        bnez    a0, 1f
        la      t0, turn
        lw      t1, 0(t0)
        li      a1, JMP_BUF_SIZE
        sub     t1, a1, t1
        sw      t1, 0(t0)
        la      a0, places
        add     a0, a0, t1
        li      a1, 1
        call    longjmp
1:
endp

.data
        .balign 4
settings:                       # in the order of the arguments
laps:   .word   1
depth:  .word   0
pass:   .word   0
turn:   .word   0               # offset in `places` of the thread that runs

.bss
        .balign 8
places: .zero   2 * JMP_BUF_SIZE
        .balign 4096
stack:  .zero   STACK
stack_top:
