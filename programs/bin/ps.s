# ps [-s]: all processes, one line each; -s: short, without the numbers that
# change all the time.
#
#       S      N new, R ready, O running (on the processor), S asleep, Z zombie
#       TIME   processor time used, in milliseconds
#       PAGES  pages of memory, shared ones too
#       SWI    context switches away from it, because it waited or its time was up

.include "common.inc"
.include "proclist.inc"
.include "time.inc"

.equ TICKS_A_MILLISECOND, TIMEBASE/1000

.text

# s0 = record; the words of a line lie at sp, the end of the records at 28(sp)
proc main, args=2, frame=48
        sw      zero, 32(sp)            # 1: the short form
        lw      a0, 4(a1)
        beqz    a0, 4f
        la      a1, option
        call    strcmp
        bnez    a0, 5f
        li      t0, 1
        sw      t0, 32(sp)
4:      addi    a0, sp, 28
        call    process_records
        beqz    a0, 3f
        mv      s0, a0
        la      a0, heading
        lw      t0, 32(sp)
        beqz    t0, 6f
        la      a0, short_heading
6:      call    puts
1:      lw      t0, 28(sp)
        bgeu    s0, t0, 2f
        addi    a0, s0, PL_TIME
        li      a1, TICKS_A_MILLISECOND
        call    wide_divide
        lw      t0, 32(sp)
        bnez    t0, 7f
        lw      t0, PL_PID(s0)
        sw      t0, 0(sp)
        lw      t0, PL_PPID(s0)
        sw      t0, 4(sp)
        lw      t0, PL_STATE(s0)
        sw      t0, 8(sp)
        lw      t0, PL_TIME(s0)
        sw      t0, 12(sp)
        lw      t0, PL_PAGES(s0)
        sw      t0, 16(sp)
        lw      t0, PL_VOLUNTARY(s0)
        lw      t1, PL_INVOLUNTARY(s0)
        add     t0, t0, t1
        sw      t0, 20(sp)
        addi    t0, s0, PL_NAME
        sw      t0, 24(sp)
        la      a0, line
        mv      a1, sp
        call    vprintf
8:      addi    s0, s0, PL_SIZE
        j       1b
7:      lw      t0, PL_PID(s0)
        sw      t0, 0(sp)
        lw      t0, PL_PPID(s0)
        sw      t0, 4(sp)
        lw      t0, PL_STATE(s0)
        sw      t0, 8(sp)
        addi    t0, s0, PL_NAME
        sw      t0, 12(sp)
        la      a0, short_line
        mv      a1, sp
        call    vprintf
        j       8b
2:      li      a0, 0
        return
3:      la      a0, name
        call    perror
        li      a0, 1
        return
5:      la      a0, usage
        call    eprintf
        li      a0, 2
        return
endp

.section .rodata
name:           .asciz "ps"
heading:        .asciz "  PID  PPID S     TIME PAGES   SWI NAME"
short_heading:  .asciz "  PID  PPID S NAME"
option:         .asciz "-s"
usage:          .asciz "usage: ps [-s]\n"
short_line:     .asciz "%5d %5d %c %s\n"
line:           .asciz "%5d %5d %c %8u %5u %5u %s\n"
