# The address-space register and the translation cache. Leaves, for the portable part of the kernel.

.include "kernel.inc"

.equ SATP_SV32, 0x80000000

.text

# mmu_load(root): translation goes through the page table at the physical address `root` from now on.
.globl mmu_load
mmu_load:
        movl    a0, mmu_root
        srll2   $PAGE_SHIFT, a0
        orl2    $SATP_SV32, a0
        csrw    satp, a0
        sfence.vma
        rsb

# mmu_flush(): forgets all cached translations, after many entries have changed.
.globl mmu_flush
mmu_flush:
        sfence.vma
        rsb

# mmu_flush_page(address): forgets the cached translation of one page.
.globl mmu_flush_page
mmu_flush_page:
        tbis    (a0)
        rsb

# mmu_flush_code(): forgets prefetched and decoded instructions, after code has been written.
.globl mmu_flush_code
mmu_flush_code:
        fence.i
        rsb

.bss
.globl mmu_root
        .balign 4
mmu_root: .zero 4               # the root that is loaded
