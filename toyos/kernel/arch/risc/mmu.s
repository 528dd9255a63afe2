# The address-space register and the translation cache. Leaves, for the portable part of the kernel.

.include "kernel.inc"

.equ SATP_SV32, 0x80000000

.text

# mmu_load(root): translation goes through the page table at the physical address `root` from now on.
.globl mmu_load
mmu_load:
        la      t0, mmu_root
        sw      a0, 0(t0)
        srli    a0, a0, PAGE_SHIFT
        li      t0, SATP_SV32
        or      a0, a0, t0
        csrw    satp, a0
        sfence.vma
        ret

# mmu_flush(): forgets all cached translations, after many entries have changed.
.globl mmu_flush
mmu_flush:
        sfence.vma
        ret

# mmu_flush_page(address): forgets the cached translation of one page.
.globl mmu_flush_page
mmu_flush_page:
        sfence.vma a0
        ret

# mmu_flush_code(): forgets prefetched and decoded instructions, after code has been written.
.globl mmu_flush_code
mmu_flush_code:
        fence.i
        ret

.bss
.globl mmu_root
        .balign 4
mmu_root: .zero 4               # the root that is loaded
