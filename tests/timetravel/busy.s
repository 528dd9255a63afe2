# busy: three children compute and write to their own pages of memory, preempted by the timer, and print a letter from
# time to time; the parent meanwhile reads lines from the console and prints their lengths, up to an empty line.

.include "common.inc"

.equ CHILDREN, 3
.equ ROUNDS, 30
.equ WORK, 3000
.equ ROOM, 80

.text

# s0 = children left to start, or the child's letter
proc main, frame=ROOM
        li      s0, CHILDREN
1:      call    fork
        beqz    a0, child
        addi    s0, s0, -1
        bnez    s0, 1b
2:      li      a0, 0
        mv      a1, sp
        li      a2, ROOM
        call    read
        li      t0, 1
        ble     a0, t0, 3f
        mv      a1, a0
        la      a0, heard
        call    printf
        j       2b
3:      li      a0, 0
        call    wait
        bgez    a0, 3b
        li      a0, 7
        return

child:  addi    s0, s0, 'a'
        li      s1, ROUNDS
4:      li      t0, WORK
        la      a1, numbers
        li      a2, 1
        li      a3, 1664525
5:      mul     a2, a2, a3
        add     a2, a2, t0
        sw      a2, 0(a1)
        li      t1, 4092                # a word of the page or other
        and     t1, a2, t1
        la      a1, numbers
        add     a1, a1, t1
        lw      t1, 0(a1)
        add     a2, a2, t1
        addi    t0, t0, -1
        bnez    t0, 5b
        mv      a0, s0
        call    putchar
        addi    s1, s1, -1
        bnez    s1, 4b
        li      a0, 0
        return
endp

.section .rodata
heard:  .asciz "[%d]\n"

.bss
        .balign 4096
numbers: .zero 4096
