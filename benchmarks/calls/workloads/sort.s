# sort: quicksort of 256 words: what a program does that has other work than calling.

.include "common.inc"
.include "../../marks.inc"

.equ WORDS, 256

.globl at_call                           # the host counts calls by it

.text

# s0 = place, s1 = number: a linear congruential sequence fills the words
proc main
        la      s0, words
        li      s1, 12345
        li      a0, WORDS
1:      li      t0, 1103515245
        mul     s1, s1, t0
        li      t0, 12345
        add     s1, s1, t0
        srli    t0, s1, 8
        sw      t0, 0(s0)
        addi    s0, s0, 4
        addi    a0, a0, -1
        bnez    a0, 1b
        begin
        la      a0, words
        addi    a1, s0, -4
        call    sort
        end
        li      a0, 0
endp

# sort(first, last): addresses of words; sorts them in place
# s0 = where the upper part begins, s1 = last
proc sort, args=2, frame=16
at_call:
        sw      a0, 0(sp)
        mv      s1, a1
        bgeu    a0, a1, 1f
        call    split
        mv      s0, a0
        addi    a1, a0, -4
        lw      a0, 0(sp)
        call    sort
        addi    a0, s0, 4
        mv      a1, s1
        call    sort
1:
endp

# split(first, last) -> where the last word belongs: those below it that are smaller, those above it that are not. It is
# there now. Leaf.
split:
        lw      a2, 0(a1)               # the last word, which divides the others
        mv      a3, a0                  # where the next smaller one goes
1:      bgeu    a0, a1, 3f
        lw      t0, 0(a0)
        bgeu    t0, a2, 2f
        lw      t1, 0(a3)
        sw      t0, 0(a3)
        sw      t1, 0(a0)
        addi    a3, a3, 4
2:      addi    a0, a0, 4
        j       1b
3:      lw      t1, 0(a3)
        sw      a2, 0(a3)
        sw      t1, 0(a1)
        mv      a0, a3
        ret

.bss
        .balign 4
words:  .zero   4 * WORDS
