# The one place that decides whether a process may touch an address, for the page-fault handler and for the kernel's
# copies from and to user memory alike.

.include "kernel.inc"
.include "space.inc"

.text

# space_page(space, address, access) -> a0 = physical address behind `address`, or 0 and a1 = -EFAULT (it is not the
# process's to use in this way) or -ENOMEM. `access` is PTE_R, PTE_W or PTE_X.
# A page of the stack's region that was never touched is made now, and a shared page about to be written is copied now.
# s0 = address, s1 = address of its entry; locals 0 = space, 4 = access.
proc space_page, args=3, frame=16
        mv      s0, a1
        sw      a0, 0(sp)
        sw      a2, 4(sp)
        bltz    a1, .Lfault             # from KERNEL_BASE on
        mv      a2, zero
        call    space_entry
        beqz    a0, .Labsent
        mv      s1, a0
        lw      a0, 0(s1)
        beqz    a0, .Labsent
        lw      t0, 4(sp)
        and     t1, a0, t0
        bnez    t1, .Lallowed
        li      t1, PTE_W               # not allowed as it stands: perhaps it waits for its copy
        bne     t0, t1, .Lfault
        andi    t1, a0, PTE_COW
        beqz    t1, .Lfault
        mv      a0, s1
        call    page_unshare
        beqz    a0, .Lno_memory
        mv      a0, s0
        call    mmu_flush_page
        lw      a0, 0(s1)
.Lallowed:
        frame_of a0
.Lbyte: slli    s0, s0, 32 - PAGE_SHIFT # a0 = frame; add the offset in the page
        srli    s0, s0, 32 - PAGE_SHIFT
        or      a0, a0, s0
        return

.Labsent:
        lw      t0, 4(sp)
        li      t1, PTE_X
        beq     t0, t1, .Lfault
        li      t0, USER_STACK_LOW
        bltu    s0, t0, .Lfault
        li      t0, USER_STACK_TOP
        bgeu    s0, t0, .Lfault
        lw      a0, 0(sp)
        mv      a1, s0
        li      a2, PTE_USER_DATA
        call    space_map
        bnez    a0, .Lbyte
.Lno_memory:
        mv      a0, zero
        li      a1, -ENOMEM
        return
.Lfault:
        mv      a0, zero
        li      a1, -EFAULT
endp

# page_unshare(entry) -> 0 when there is no memory: the page becomes this process's own and writable. If nobody else
# has it any more, nothing is copied.
# s0 = address of the entry, s1 = shared frame.
proc page_unshare, args=1
        mv      s0, a0
        lw      s1, 0(s0)
        frame_of s1
        mv      a0, s1
        call    frame_references
        li      t0, 1
        beq     a0, t0, 1f
        call    frame_take
        beqz    a0, 2f
        lw      t0, 0(s0)
        andi    t0, t0, PTE_FLAGS
        srli    t1, a0, 2
        or      t0, t0, t1
        sw      t0, 0(s0)
        mv      a1, s1
        li      a2, PAGE_SIZE
        call    memcpy
        mv      a0, s1
        call    frame_free
        count   KS_COW_COPIES
1:      lw      t0, 0(s0)
        xori    t0, t0, PTE_W | PTE_COW
        sw      t0, 0(s0)
        li      a0, 1
2:
endp
