# jumps: setjmp and longjmp, out of more procedures than a machine has windows.

.include "common.inc"
.include "setjmp.inc"

.equ DEPTH, 40                  # procedures that are left at once
.equ LAST,  3                   # value of the last jump

.text

# s0 and s1 hold what they held at setjmp, whatever the procedures in between have done with them.
proc main, frame=16
        li      s0, 100
        li      s1, 7
        li      t0, 55
        sw      t0, 0(sp)
        la      a0, place
        call    setjmp
        add     a1, s0, a0
        mv      a2, s1
        lw      a3, 0(sp)
        la      t0, value
        sw      a0, 0(t0)
        la      a0, text
        call    printf
        la      t0, value
        lw      t0, 0(t0)
        li      t1, LAST
        bgeu    t0, t1, 1f
        call    careless
1:      li      a0, 0
        return
endp

# careless(): does not come back, but jumps with 0 (which counts as 1), 1, 2 and 3.
proc careless
        la      t0, jumps
        lw      a1, 0(t0)
        addi    t1, a1, 1
        sw      t1, 0(t0)
        li      s0, 1
        li      s1, 2
        li      a0, DEPTH
        call    down
endp

# down(depth, value): jumps from so many calls below
proc down, args=2
        li      s0, 3
        addi    a0, a0, -1
        beqz    a0, 1f
        call    down
        return
1:      la      a0, place
        call    longjmp
endp

.section .rodata
text:   .asciz "%d %d %d\n"

.bss
        .balign 4
value:  .zero   4
jumps:  .zero   4
place:  .zero   JMP_BUF_SIZE
