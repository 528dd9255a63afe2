# sleep SECONDS: does nothing for so long. SECONDS may have a fraction: 0.25.

.include "common.inc"

.equ MICROSECONDS, 1000000

.text

# s0 = seconds, s1 = microseconds
proc main, args=2, frame=16
        li      t0, 2
        bne     a0, t0, usage
        lw      a0, 4(a1)
        lbu     t0, 0(a0)               # a digit first: no sign, no blank
        addi    t0, t0, -'0'
        sltiu   t0, t0, 10
        beqz    t0, usage
        mv      a1, sp
        call    strtol10
        mv      s0, a0
        bltz    s0, usage
        li      s1, 0
        lw      t0, 0(sp)
        lbu     t1, 0(t0)
        beqz    t1, 3f
        li      a0, '.'
        bne     t1, a0, usage
        li      a1, MICROSECONDS/10     # weight of the first digit
1:      addi    t0, t0, 1
        lbu     t1, 0(t0)
        beqz    t1, 3f
        addi    t1, t1, -'0'
        sltiu   a0, t1, 10
        beqz    a0, usage
        mul     t1, t1, a1
        add     s1, s1, t1
        li      a0, 10
        divu    a1, a1, a0
        j       1b
3:      mv      a0, s0
        call    sleep
        mv      a0, s1
        call    usleep
        li      a0, 0
        return
usage:  la      a0, usage_text
        call    eprintf
        li      a0, 2
        return
endp

.section .rodata
usage_text:     .asciz "usage: sleep SECONDS (such as 2 or 0.25)\n"
