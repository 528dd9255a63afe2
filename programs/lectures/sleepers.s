# sleepers: Sleep -> Ready -> Running, and never straight from Sleep to Running.
#
# Teaches: a process that waits for an event is asleep and costs no processor
# time. When the event comes, it becomes ready, which only means that it may be
# chosen; it runs when the processor is free for it.
# Look at: the first list shows S, three times. Then the parent keeps the
# processor busy until all three times are over: the second list shows R, woken
# but not running. When the parent waits, they run in the order of their times,
# not of their making.

.include "common.inc"
.include "proclist.inc"
.include "time.inc"

.equ SLEEPERS, 3
.equ STEP,     1000             # microseconds: they sleep 3, 2, 1 of these
.equ BUSY,     6*STEP           # microseconds: less than a quantum (10 ms)
.equ TICKS_A_MICROSECOND, TIMEBASE/1000000

.text

# s0 = next sleeper's time in STEPs, s1 = time when the parent began to be busy
proc main
        li      s0, SLEEPERS
1:      call    fork
        bltz    a0, failed
        beqz    a0, sleeper
        addi    s0, s0, -1
        bnez    s0, 1b
        call    yield                   # each goes to sleep
        la      a0, first_list
        call    puts
        call    show_states
        call    clock_ticks
        mv      s1, a0
2:      call    clock_ticks
        sub     a0, a0, s1
        li      t0, BUSY*TICKS_A_MICROSECOND
        bltu    a0, t0, 2b
        la      a0, second_list
        call    puts
        call    show_states
3:      li      a0, 0
        call    wait
        bgez    a0, 3b
        li      a0, 0
        return

sleeper:
        li      t0, STEP
        mul     a0, s0, t0
        call    usleep
        call    getpid
        mv      a1, a0
        mv      a2, s0
        la      a0, awake
        call    printf
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# show_states(): the children and their states
# s0 = record (proclist.inc), s1 = own pid; at sp: the end of the records
proc show_states, frame=16
        call    getpid
        mv      s1, a0
        mv      a0, sp
        call    process_records
        mv      s0, a0
1:      lw      t0, 0(sp)
        bgeu    s0, t0, 3f
        lw      t0, PL_PPID(s0)
        bne     t0, s1, 2f
        lw      a1, PL_PID(s0)
        lw      a2, PL_STATE(s0)
        la      a0, state
        call    printf
2:      addi    s0, s0, PL_SIZE
        j       1b
3:      return
endp

.section .rodata
name:           .asciz "sleepers"
first_list:     .asciz "parent: my children have gone to sleep"
second_list:    .asciz "parent: I have kept the processor until their times were over"
state:          .asciz "  process %d is in state %c\n"
awake:          .asciz "process %d runs again after %d ms of sleep\n"
