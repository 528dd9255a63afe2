# heap.s: malloc and free over brk.
#
# The heap is a row of blocks. Each begins with a header of HEADER bytes: the
# block's size with its header, and, while the block is free, the address of the
# next free block. The free list is ordered by address, so that free() can join
# a block with its neighbours. malloc takes the first free block that is large
# enough (first fit) and gives back what it does not need.

.include "common.inc"
.include "syscall.inc"
.include "errno.inc"

.equ H_SIZE, 0
.equ H_NEXT, 4
.equ HEADER, 8
.equ GRAIN,  8                  # sizes are multiples of this
.equ GROW,   4096               # ask the kernel for at least so much at a time

.text

# brk(address) -> 0, or -1: moves the end of the heap
proc brk, args=1
        mv      s0, a0
        syscall SYS_brk                 # gives the end that holds now
        beq     a0, s0, 1f
        li      a0, -ENOMEM
        call    syscall_result
        return
1:      la      t0, heap_end
        sw      s0, 0(t0)
        li      a0, 0
        return
endp

# sbrk(bytes) -> old end of the heap, or -1: makes the heap larger (or smaller)
proc sbrk, args=1
        mv      s0, a0
        la      t0, heap_end
        lw      s1, 0(t0)
        bnez    s1, 1f
        li      a0, 0                   # the first time: where is it?
        syscall SYS_brk
        addi    s1, a0, GRAIN-1         # blocks are to be aligned
        andi    s1, s1, -GRAIN
        la      t0, heap_end
        sw      s1, 0(t0)
1:      mv      a0, s1
        beqz    s0, 2f
        add     a0, s1, s0
        call    brk
        bltz    a0, 2f
        mv      a0, s1
2:      return
endp

# malloc(bytes) -> address of so many bytes, aligned to 8, or 0 (errno ENOMEM)
# s0 = size of the block wanted, s1 = address of the word that leads to the block.
proc malloc, args=1
        li      t0, 0x7fffff00          # larger could never be had, and would wrap
        bgtu    a0, t0, 5f
        addi    s0, a0, HEADER+GRAIN-1
        andi    s0, s0, -GRAIN
again:  la      s1, free_list
1:      lw      t0, 0(s1)
        beqz    t0, 4f
        lw      t1, H_SIZE(t0)
        bgeu    t1, s0, 2f
        addi    s1, t0, H_NEXT
        j       1b

2:      sub     t1, t1, s0              # what the block has too much
        li      a1, HEADER+GRAIN
        bltu    t1, a1, 3f
        add     a1, t0, s0              # becomes a free block in its place
        sw      t1, H_SIZE(a1)
        lw      a2, H_NEXT(t0)
        sw      a2, H_NEXT(a1)
        sw      a1, 0(s1)
        sw      s0, H_SIZE(t0)
        addi    a0, t0, HEADER
        return
3:      lw      a2, H_NEXT(t0)
        sw      a2, 0(s1)
        addi    a0, t0, HEADER
        return

4:      mv      a0, s0                  # nothing fits: a larger heap
        li      t0, GROW
        bgeu    a0, t0, 6f
        mv      a0, t0
6:      mv      s1, a0
        call    sbrk
        li      t0, -1
        beq     a0, t0, 7f
        sw      s1, H_SIZE(a0)
        addi    a0, a0, HEADER
        call    free
        j       again

5:      li      a0, -ENOMEM
        call    syscall_result
7:      li      a0, 0
        return
endp

# free(address): gives a block of malloc's back; 0 is allowed and does nothing
.globl free
free:
        beqz    a0, 5f
        addi    a0, a0, -HEADER
        la      a1, free_list           # the word that leads to the block's place
        li      a2, 0                   # the free block before it
1:      lw      t0, 0(a1)
        beqz    t0, 2f
        bgtu    t0, a0, 2f
        mv      a2, t0
        addi    a1, t0, H_NEXT
        j       1b
2:      sw      t0, H_NEXT(a0)
        sw      a0, 0(a1)
        beqz    t0, 3f
        lw      t1, H_SIZE(a0)          # does it touch the next one?
        add     a3, a0, t1
        bne     a3, t0, 3f
        lw      a3, H_SIZE(t0)
        add     t1, t1, a3
        sw      t1, H_SIZE(a0)
        lw      a3, H_NEXT(t0)
        sw      a3, H_NEXT(a0)
3:      beqz    a2, 5f
        lw      t1, H_SIZE(a2)          # does the one before touch it?
        add     a3, a2, t1
        bne     a3, a0, 5f
        lw      a3, H_SIZE(a0)
        add     t1, t1, a3
        sw      t1, H_SIZE(a2)
        lw      a3, H_NEXT(a0)
        sw      a3, H_NEXT(a2)
5:      ret

# calloc(count, size) -> address of count * size zeroed bytes, or 0
proc calloc, args=2
        mulhu   t0, a0, a1
        mul     s0, a0, a1
        beqz    t0, 1f
        li      s0, -1                  # too many: malloc will refuse
1:      mv      a0, s0
        call    malloc
        beqz    a0, 2f
        li      a1, 0
        mv      a2, s0
        call    memset
2:      return
endp

# realloc(address, bytes) -> address of a block of so many bytes that begins
# with what the old one held, or 0 (and the old one stays)
proc realloc, args=2
        mv      s0, a0
        mv      s1, a1
        bnez    s0, 1f
        mv      a0, s1
        call    malloc
        return
1:      lw      t0, -HEADER+H_SIZE(s0)
        addi    t0, t0, -HEADER         # bytes that the old block holds
        mv      a0, s0
        bleu    s1, t0, 2f
        mv      a0, s1
        call    malloc
        beqz    a0, 2f
        mv      s1, a0
        mv      a1, s0
        lw      a2, -HEADER+H_SIZE(s0)
        addi    a2, a2, -HEADER
        call    memcpy
        mv      a0, s0
        call    free
        mv      a0, s1
2:      return
endp

.bss
.balign 4
heap_end:       .space 4        # 0: not asked for yet
free_list:      .space 4
