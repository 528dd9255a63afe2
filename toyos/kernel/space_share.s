# Sharing an address space: what fork does instead of copying.
#
# Parent and child get the same frames. A page that may be written becomes read-only in both, marked PTE_COW; whoever
# writes to it first gets a copy (space_page.s).

.include "kernel.inc"
.include "space.inc"

.text

# space_share(parent, child) -> 0, or -ENOMEM with a part shared, which space_free of the child undoes. The child is an
# empty space. The parent's translations change: the caller flushes them. Called by fork.
# s0 = entry in the parent's root, s1 = entry in the child's; local 0 = end of the parent's.
proc space_share, args=2, frame=16
        lw      s0, SPACE_ROOT(a0)
        lw      s1, SPACE_ROOT(a1)
        lw      t0, SPACE_PAGES(a0)
        sw      t0, SPACE_PAGES(a1)
        li      t0, 4 * PTE_USER_ENTRIES
        add     t0, t0, s0
        sw      t0, 0(sp)
1:      lw      a1, 0(sp)
        mv      a0, s0
        call    table_next
        lw      a1, 0(sp)
        beq     a0, a1, 2f
        sub     t0, a0, s0              # the child's entry is as far on
        add     s1, s1, t0
        mv      s0, a0
        call    frame_alloc             # a table of the child's own
        beqz    a0, 3f
        srli    t0, a0, 2
        ori     t0, t0, PTE_V
        sw      t0, 0(s1)
        mv      a1, a0
        lw      a0, 0(s0)
        frame_of a0
        call    table_share
        addi    s0, s0, 4
        addi    s1, s1, 4
        j       1b
2:      mv      a0, zero
        return
3:      li      a0, -ENOMEM
endp

# table_share(parent's table, child's table): shares the pages of one second-level table. Called by space_share.
# s0 = parent's entry, s1 = from there to the child's; local 0 = end of the parent's.
proc table_share, args=2, frame=16
        mv      s0, a0
        sub     s1, a1, a0
        li      t0, PAGE_SIZE
        add     t0, t0, a0
        sw      t0, 0(sp)
1:      mv      a0, s0
        lw      a1, 0(sp)
        call    table_next
        lw      a1, 0(sp)
        beq     a0, a1, 3f
        mv      s0, a0
        lw      a0, 0(s0)
        andi    t0, a0, PTE_W
        beqz    t0, 2f
        xori    a0, a0, PTE_W | PTE_COW # W was 1 and COW 0
        sw      a0, 0(s0)
2:      add     t0, s0, s1
        sw      a0, 0(t0)
        frame_of a0
        call    frame_share
        addi    s0, s0, 4
        j       1b
3:
endp
