# cow: copy on write.
#
# Teaches: fork copies no memory. Parent and child share every page until one of
# them writes to it; only then the kernel copies that page. A fork that is soon
# followed by exec costs next to nothing.
# Look at: fork takes a few pages (the child's page tables), not PAGES of them;
# each first write to a page is one copy, the second write to the same page none;
# reading is none; and the parent's data stay what they were.

.include "common.inc"
.include "kstat.inc"

.equ PAGE_SHIFT, 12
.equ PAGE,  1 << PAGE_SHIFT
.equ PAGES, 8

.text

# s0 = next page, or pages free before fork; s1 = pages to go
proc main
        la      s0, area                # give every page a value: now they exist
        li      s1, PAGES
1:      li      t0, 'p'
        sw      t0, 0(s0)
        li      t0, PAGE
        add     s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, 1b
        la      a0, filled
        li      a1, PAGES
        call    printf

        li      a0, KS_FREE
        call    kstat_word
        mv      s0, a0
        call    fork
        bltz    a0, failed
        beqz    a0, child
        li      a0, KS_FREE             # the child has not run yet
        call    kstat_word
        sub     a1, s0, a0
        la      a0, forked
        call    printf
        li      a0, 0
        call    wait
        la      t0, area
        lw      a1, 0(t0)
        la      a0, parents
        call    printf
        li      a0, 0
        return

child:  la      s0, area
        la      a0, reads
        mv      a1, s0
        li      a2, 0
        call    try
        li      s1, PAGES
2:      la      a0, writes
        mv      a1, s0
        li      a2, 1
        call    try
        li      t0, PAGE
        add     s0, s0, t0
        addi    s1, s1, -1
        bnez    s1, 2b
        la      a0, writes_again
        la      a1, area
        li      a2, 1
        call    try
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# try(text, page, write): reads or writes the first word of the page, and says
# how many pages the kernel has copied for it
# s0 = the page, s1 = copies before
proc try, args=3, frame=16
        sw      a0, 0(sp)
        sw      a2, 4(sp)
        mv      s0, a1
        li      a0, KS_COW_COPIES
        call    kstat_word
        mv      s1, a0
        lw      t0, 4(sp)
        bnez    t0, 1f
        lw      t0, 0(s0)
        j       2f
1:      li      t0, 'c'
        sw      t0, 0(s0)
2:      li      a0, KS_COW_COPIES
        call    kstat_word
        sub     a2, a0, s1
        la      t0, area
        sub     a1, s0, t0
        srli    a1, a1, PAGE_SHIFT
        lw      a0, 0(sp)
        call    printf
        return
endp

.section .rodata
name:           .asciz "cow"
filled:         .asciz "parent: %d pages filled with 'p'\n"
forked:         .asciz "parent: fork took %d pages, for the child's page tables\n"
reads:          .asciz "child reads page %d: %d copied\n"
writes:         .asciz "child writes page %d: %d copied\n"
writes_again:   .asciz "child writes page %d again: %d copied\n"
parents:        .asciz "parent: my page 0 still holds '%c'\n"

.bss
.balign PAGE
area:   .space  PAGES*PAGE
