# heap: malloc, realloc and free in the order that a file tells, and after each
# step a look at every block: is its content what was put there?
#
# Input: /etc/steps, pairs of words: a place 0 .. PLACES-1 and a size. If the
# place is empty, a block of that size goes there; if not, size 0 frees it and
# any other size changes it. Each block is filled with its place's number.
# Output: "sound", or what was wrong.

.include "common.inc"
.include "fcntl.inc"

.equ PLACES, 32
.equ BYTES,  16384
.equ TOO_LARGE, 0x1000000       # sizes from here on are refused; that is right

.text

# s0 = next step, s1 = place's entry in `blocks`; at sp: end of the steps
proc main, frame=16
        la      a0, steps_file
        li      a1, O_RDONLY
        call    open
        la      a1, steps
        li      a2, BYTES
        call    read
        la      s0, steps
        add     t0, s0, a0
        sw      t0, 0(sp)
1:      lw      t0, 0(sp)
        bgeu    s0, t0, 9f
        lw      t0, 0(s0)
        slli    t0, t0, 3               # entries: address, size
        la      s1, blocks
        add     s1, s1, t0
        lw      a0, 0(s1)
        lw      a1, 4(s0)
        beqz    a0, 2f
        bnez    a1, 3f
        call    free
        sw      zero, 0(s1)
        j       5f
2:      mv      a0, a1
        call    malloc
        j       4f
3:      call    realloc
4:      lw      a1, 4(s0)
        beqz    a0, 6f
        andi    t0, a0, 7
        bnez    t0, 7f
        sw      a0, 0(s1)
        lw      a2, 4(s1)               # realloc must have kept the smaller size
        sw      a1, 4(s1)
        call    same
        beqz    a0, 8f
        lw      a0, 0(s1)
        lw      a1, 0(s0)
        lw      a2, 4(s1)
        call    memset
5:      call    check
        beqz    a0, 8f
        addi    s0, s0, 8
        j       1b
6:      li      t0, TOO_LARGE
        bgeu    a1, t0, 5b              # refused, and the old block still there
        la      a0, refused
        j       fail
7:      la      a0, not_aligned
        j       fail
8:      la      a0, changed
fail:   call    puts
        li      a0, 1
        return
9:      la      a0, sound
        call    puts
        li      a0, 0
        return
endp

# same(block, size, old size) -> 1 if the smaller of the two sizes of bytes are
# all alike, else 0; a new block (old size 0) always is. A leaf.
same:   bleu    a1, a2, 1f
        mv      a1, a2
1:      beqz    a1, 3f
        lbu     t0, 0(a0)
2:      lbu     t1, 0(a0)
        bne     t0, t1, 4f
        addi    a0, a0, 1
        addi    a1, a1, -1
        bnez    a1, 2b
3:      li      a0, 1
        ret
4:      li      a0, 0
        ret

# check() -> 1 if every block holds its place's number throughout, else 0. Empty
# places get size 0.
# s0 = place, s1 = its entry
proc check
        li      s0, 0
        la      s1, blocks
1:      lw      a0, 0(s1)
        beqz    a0, 2f
        lw      a1, 4(s1)
        mv      a2, a1
        beqz    a1, 3f
        lbu     t0, 0(a0)
        bne     t0, s0, 4f
        call    same
        beqz    a0, 4f
        j       3f
2:      sw      zero, 4(s1)
3:      addi    s0, s0, 1
        addi    s1, s1, 8
        li      t0, PLACES
        bltu    s0, t0, 1b
        li      a0, 1
        return
4:      li      a0, 0
        return
endp

.section .rodata
steps_file:     .asciz "/etc/steps"
sound:          .asciz "sound"
refused:        .asciz "a size that there is room for was refused"
not_aligned:    .asciz "a block is not aligned"
changed:        .asciz "a block's content has changed"

.bss
.balign 4
blocks: .space  8*PLACES
steps:  .space  BYTES
