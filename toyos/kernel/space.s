# Address spaces: a process's page tables and the frames under them.
#
# A space is two words, in a PCB at P_SPACE or in exec's hands while it is being built: the root table and the number of
# pages mapped. Its lower half belongs to the process, its upper half is the kernel's (paging.s). Translations that
# the hart may have cached are the caller's business, except where it says so.
#
#   space_new(space)                    -> 0 or -ENOMEM
#   space_entry(space, address, make)   -> address of the page's entry, or 0
#   space_map(space, address, flags)    -> the new frame, or 0
#   space_unmap(space, address)
#   space_free(space)
#   table_next(entry, end)              -> the next entry that maps something
# space_share, for fork, is in space_share.s; space_page, which finds the page for an access, in space_page.s.

.include "kernel.inc"
.include "space.inc"

.text

# space_new(space) -> 0, or -ENOMEM: makes an empty space.
# s0 = space.
proc space_new, args=1
        mv      s0, a0
        sw      zero, SPACE_ROOT(s0)
        sw      zero, SPACE_PAGES(s0)
        call    frame_alloc
        beqz    a0, 1f
        sw      a0, SPACE_ROOT(s0)
        li      t0, 4 * PTE_USER_ENTRIES
        add     a0, a0, t0
        la      a1, kernel_root + 4 * PTE_USER_ENTRIES
        li      a2, PAGE_SIZE - 4 * PTE_USER_ENTRIES
        call    memcpy
        mv      a0, zero
        return
1:      li      a0, -ENOMEM
endp

# space_entry(space, address, make) -> address of the entry that maps the page of this user address. Where there is no
# second-level table yet: 0 when `make` is 0, else a table is made; 0 also when there is no frame for it.
# s0 = address, s1 = entry in the root.
proc space_entry, args=3
        mv      s0, a1
        lw      s1, SPACE_ROOT(a0)
        srli    t0, a1, MEGAPAGE_SHIFT
        slli    t0, t0, 2
        add     s1, s1, t0
        lw      a0, 0(s1)
        bnez    a0, 1f
        beqz    a2, 2f
        call    frame_alloc
        beqz    a0, 2f
        srli    a0, a0, 2
        ori     a0, a0, PTE_V
        sw      a0, 0(s1)
1:      frame_of a0
        srli    s0, s0, PAGE_SHIFT
        andi    s0, s0, PTE_ENTRIES - 1
        slli    s0, s0, 2
        add     a0, a0, s0
        return
2:      mv      a0, zero
endp

# space_map(space, address, flags) -> a zeroed frame that is now mapped at the page of `address`, where nothing was; 0
# when there is no memory.
# s0 = space, s1 = address of the entry.
proc space_map, args=3, frame=16
        sw      a2, 0(sp)
        mv      s0, a0
        li      a2, 1
        call    space_entry
        beqz    a0, 1f
        mv      s1, a0
        call    frame_alloc
        beqz    a0, 1f
        srli    t0, a0, 2
        lw      t1, 0(sp)
        or      t0, t0, t1
        sw      t0, 0(s1)
        lw      t0, SPACE_PAGES(s0)
        addi    t0, t0, 1
        sw      t0, SPACE_PAGES(s0)
1:
endp

# space_unmap(space, address): takes away the page of this address, if there is one.
# s0 = space.
proc space_unmap, args=2
        mv      s0, a0
        mv      a2, zero
        call    space_entry
        beqz    a0, 1f
        lw      t0, 0(a0)
        beqz    t0, 1f
        sw      zero, 0(a0)
        mv      a0, t0
        frame_of a0
        call    frame_free
        lw      t0, SPACE_PAGES(s0)
        addi    t0, t0, -1
        sw      t0, SPACE_PAGES(s0)
1:
endp

# space_free(space): gives back all its frames and tables. If it is the one the hart translates through, the hart
# goes on with the kernel's own tables.
# s0 = entry of the root, s1 = end of the user's entries; local 0 = space.
proc space_free, args=1, frame=16
        sw      a0, 0(sp)
        lw      s0, SPACE_ROOT(a0)
        beqz    s0, 4f
        la      t0, mmu_root
        lw      t0, 0(t0)
        bne     t0, s0, 1f
        la      a0, kernel_root
        call    mmu_load
1:      li      s1, 4 * PTE_USER_ENTRIES
        add     s1, s1, s0
2:      mv      a0, s0
        mv      a1, s1
        call    table_next
        addi    s0, a0, 4
        beq     a0, s1, 3f
        lw      a0, 0(a0)
        frame_of a0
        call    table_free
        j       2b
3:      lw      s0, 0(sp)
        lw      a0, SPACE_ROOT(s0)
        call    frame_free
        sw      zero, SPACE_ROOT(s0)
        sw      zero, SPACE_PAGES(s0)
4:
endp

# table_free(table): frees the frames that a second-level table maps, and the table. Called by space_free.
# s0 = entry, s1 = end; local 0 = table.
proc table_free, args=1, frame=16
        sw      a0, 0(sp)
        mv      s0, a0
        li      s1, PAGE_SIZE
        add     s1, s1, a0
1:      mv      a0, s0
        mv      a1, s1
        call    table_next
        addi    s0, a0, 4
        beq     a0, s1, 2f
        lw      a0, 0(a0)
        frame_of a0
        call    frame_free
        j       1b
2:      lw      a0, 0(sp)
        call    frame_free
endp

# table_next(entry, end) -> address of the first entry from there on that is not 0, or `end`, a multiple of GROUP. Leaf.
# Tables are nearly empty, so four entries are looked at together.
.equ GROUP, 16                  # bytes
.globl table_next
table_next:
        beq     a0, a1, 2f              # one by one until a group begins, or to find the one in a group
        lw      t0, 0(a0)
        bnez    t0, 2f
        addi    a0, a0, 4
        andi    t0, a0, GROUP - 1
        bnez    t0, table_next
1:      beq     a0, a1, 2f
        lw      t0, 0(a0)
        lw      t1, 4(a0)
        or      t0, t0, t1
        lw      t1, 8(a0)
        or      t0, t0, t1
        lw      t1, 12(a0)
        or      t0, t0, t1
        bnez    t0, table_next
        addi    a0, a0, GROUP
        j       1b
2:      ret
