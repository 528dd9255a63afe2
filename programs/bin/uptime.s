# uptime: how long the machine has run, and what the kernel has done since.

.include "common.inc"
.include "kstat.inc"
.include "time.inc"

.equ TICKS_A_MILLISECOND, TIMEBASE/1000
.equ MILLISECONDS, 1000         # a second

# The words of the output, in its order.
.equ U_UP,    KS_SIZE           # seconds, milliseconds
.equ U_IDLE,  KS_SIZE+8
.equ U_REST,  KS_SIZE+16

.text
proc main, frame=KS_SIZE+48
        mv      a0, sp
        li      a1, KS_SIZE
        call    kstat
        bltz    a0, 1f
        addi    a0, sp, KS_UPTIME
        addi    a1, sp, U_UP
        call    split_time
        addi    a0, sp, KS_IDLE
        addi    a1, sp, U_IDLE
        call    split_time
        lw      t0, KS_PROCESSES(sp)
        sw      t0, U_REST(sp)
        lw      t0, KS_FORKS(sp)
        sw      t0, U_REST+4(sp)
        lw      t0, KS_SWITCHES(sp)
        sw      t0, U_REST+8(sp)
        lw      t0, KS_SYSTEM_CALLS(sp)
        sw      t0, U_REST+12(sp)
        lw      t0, KS_PAGE_FAULTS(sp)
        sw      t0, U_REST+16(sp)
        lw      t0, KS_CLOCK_INTERRUPTS(sp)
        sw      t0, U_REST+20(sp)
        la      a0, text
        addi    a1, sp, U_UP
        call    vprintf
        li      a0, 0
        return
1:      la      a0, name
        call    perror
        li      a0, 1
        return
endp

# split_time(ticks, result): 64 bits of clock ticks -> seconds and milliseconds
proc split_time, args=2
        mv      s0, a0
        mv      s1, a1
        li      a1, TICKS_A_MILLISECOND
        call    wide_divide
        mv      a0, s0
        li      a1, MILLISECONDS
        call    wide_divide
        sw      a0, 4(s1)
        lw      t0, 0(s0)
        sw      t0, 0(s1)
        return
endp

.section .rodata
name:   .asciz "uptime"
text:   .ascii "up %u.%03u s, idle %u.%03u s, %u processes\n"
        .asciz "%u forks, %u switches, %u system calls, %u page faults, %u clock interrupts\n"
