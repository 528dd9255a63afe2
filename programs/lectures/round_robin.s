# round_robin: three processes that never wait share one processor.
#
# Teaches: a process that does not give up the processor loses it when its
# quantum is over; the timer interrupt sees to that. It then stands at the end of
# the ready queue.
# Look at: the letters come in runs of nearly equal length, A B C A B C: one run
# is one quantum. At the end the processes are zombies, and the kernel still
# knows how often each was taken off the processor.

.include "common.inc"
.include "proclist.inc"

.equ WORKERS, 3
.equ STEPS,   16                # letters of each
.equ WORK,    100000            # turns of the loop between two letters
.equ PAUSE,   500000            # microseconds

.text

# s0 = worker
proc main
        li      s0, 0
1:      call    fork
        bltz    a0, failed
        beqz    a0, worker
        addi    s0, s0, 1
        li      t0, WORKERS
        bltu    s0, t0, 1b
        li      a0, PAUSE               # until they have ended
        call    usleep
        li      a0, '\n'
        call    putchar
        call    show_switches
2:      li      a0, 0
        call    wait
        bgez    a0, 2b
        li      a0, 0
        return

worker: addi    s0, s0, 'A'
        li      s1, STEPS
3:      li      t0, WORK
4:      addi    t0, t0, -1
        bnez    t0, 4b
        mv      a0, s0
        call    putchar
        addi    s1, s1, -1
        bnez    s1, 3b
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# show_switches(): for each child, why it has left the processor
# s0 = record (proclist.inc), s1 = own pid; at sp: the end of the records
proc show_switches, frame=16
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
        lw      a2, PL_INVOLUNTARY(s0)
        lw      a3, PL_VOLUNTARY(s0)
        la      a0, switches
        call    printf
2:      addi    s0, s0, PL_SIZE
        j       1b
3:      return
endp

.section .rodata
switches: .asciz "process %d: %d times because its quantum was over, %d times of its own will\n"
name:   .asciz "round_robin"
