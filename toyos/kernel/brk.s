# brk: the end of the heap.

.include "kernel.inc"
.include "space.inc"

.text

# sys_brk(address) -> the end of the heap as it is afterwards: `address`, or what it was when that is not possible
# (as on Linux; brk(0) asks). Pages are mapped at once, so that a process which was given memory has it.
# s0 = current, s1 = next page; locals: 0 = end wanted, 4 = first page that was mapped here.
proc sys_brk, args=1, frame=16
        load_current s0
        sw      a0, 0(sp)
        lw      t0, P_BRK_START(s0)
        bltu    a0, t0, .Ldone
        li      t0, USER_HEAP_END
        bgtu    a0, t0, .Ldone
        lw      s1, P_BRK(s0)
        page_up s1
        page_up a0
        bltu    a0, s1, .Lshrink
        sw      s1, 4(sp)
        sub     a0, a0, s1              # more than there is: do not even begin
        srli    a0, a0, PAGE_SHIFT
        la      t0, kstat
        lw      t0, KS_FREE(t0)
        bgtu    a0, t0, .Ldone
.Lgrow: lw      a0, 0(sp)
        bgeu    s1, a0, .Lset
        addi    a0, s0, P_SPACE
        mv      a1, s1
        li      a2, PTE_USER_DATA
        call    space_map
        beqz    a0, .Lno_memory
        li      t0, PAGE_SIZE
        add     s1, s1, t0
        j       .Lgrow

.Lno_memory:
        lw      t0, P_BRK(s0)           # as before: take back what was mapped
        sw      t0, 0(sp)
        lw      a0, 4(sp)
.Lshrink:
        sw      a0, 4(sp)               # pages from there up to s1 go, the last one first
1:      lw      a0, 4(sp)
        bgeu    a0, s1, 2f
        li      t0, -PAGE_SIZE
        add     s1, s1, t0
        addi    a0, s0, P_SPACE
        mv      a1, s1
        call    space_unmap
        j       1b
2:      call    mmu_flush
.Lset:  lw      t0, 0(sp)
        sw      t0, P_BRK(s0)
.Ldone: lw      a0, P_BRK(s0)
endp
