# time COMMAND [WORD]...: runs the command, then says how long it took: by the
# clock, and of the processor. Its own status is the command's.

.include "common.inc"
.include "errno.inc"
.include "time.inc"
.include "wait.inc"

.equ BEFORE,  0                 # timespecs, then the line's words
.equ AFTER,   TIMESPEC_SIZE
.equ USED,    2*TIMESPEC_SIZE   # tms
.equ WORDS,   USED+TMS_SIZE
.equ STATUS,  WORDS+16
.equ SIZE,    STATUS+16
.equ NOT_FOUND, 127
.equ NOT_EXECUTABLE, 126
.equ BY_SIGNAL, 128
.equ NANOSECONDS, 1000000000
.equ NANOSECONDS_A_MILLISECOND, 1000000

.text

# s0 = argv of the command, then its status, s1 = its pid
proc main, args=2, frame=SIZE
        li      t0, 2
        blt     a0, t0, usage
        addi    s0, a1, 4
        li      a0, CLOCK_MONOTONIC
        addi    a1, sp, BEFORE
        call    clock_gettime
        call    fork
        mv      s1, a0
        bltz    s1, no_fork
        beqz    s1, child
        mv      a0, s1
        addi    a1, sp, STATUS
        li      a2, 0
        call    waitpid
        li      a0, CLOCK_MONOTONIC
        addi    a1, sp, AFTER
        call    clock_gettime
        addi    a0, sp, USED
        call    times

        lw      t0, AFTER+TIMESPEC_SEC(sp)      # seconds and milliseconds by the clock
        lw      t1, BEFORE+TIMESPEC_SEC(sp)
        sub     t0, t0, t1
        lw      t1, AFTER+TIMESPEC_NSEC(sp)
        lw      a0, BEFORE+TIMESPEC_NSEC(sp)
        sub     t1, t1, a0
        bgez    t1, 1f
        addi    t0, t0, -1
        li      a0, NANOSECONDS
        add     t1, t1, a0
1:      li      a0, NANOSECONDS_A_MILLISECOND
        divu    t1, t1, a0
        sw      t0, WORDS(sp)
        sw      t1, WORDS+4(sp)
        lw      t0, USED+TMS_CUTIME(sp)         # hundredths of a second of the processor
        li      t1, CLOCK_TICKS
        divu    a0, t0, t1
        sw      a0, WORDS+8(sp)
        remu    a0, t0, t1
        sw      a0, WORDS+12(sp)
        la      a1, result
        li      a0, 2
        addi    a2, sp, WORDS
        call    vdprintf

        lw      s0, STATUS(sp)
        andi    a0, s0, STATUS_SIGNAL_MASK
        beqz    a0, 2f
        addi    a0, a0, BY_SIGNAL
        return
2:      srli    a0, s0, STATUS_CODE_SHIFT
        andi    a0, a0, STATUS_CODE_MASK
        return

child:  lw      a0, 0(s0)
        mv      a1, s0
        call    execvp
        la      t0, errno
        lw      s1, 0(t0)
        mv      a0, s1
        call    strerror
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, cannot_run
        call    eprintf
        li      a0, NOT_FOUND
        li      t0, ENOENT
        beq     s1, t0, 3f
        li      a0, NOT_EXECUTABLE
3:      return

no_fork:
        la      a0, name
        call    perror
        li      a0, 1
        return
usage:  la      a0, usage_text
        call    eprintf
        li      a0, 2
        return
endp

.section .rodata
name:           .asciz "time"
result:         .asciz "real %u.%03u s  processor %u.%02u s\n"
cannot_run:     .asciz "time: %s: %s\n"
usage_text:     .asciz "usage: time COMMAND [WORD]...\n"
