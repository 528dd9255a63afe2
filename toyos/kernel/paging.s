# The kernel's half of every address space.
#
# RAM is mapped at its physical address, devices at DEV_BASE + physical; all of it global and closed to processes. The
# first megapage, where the kernel lies, is mapped by single pages: text read-only, the rest not executable, the guard
# page of the stack not at all. A process's root table gets its upper half from here (space.s).

.include "kernel.inc"
.include "board.inc"
.include "pte.inc"

.text

# Makes a page-table entry of the physical address in a register. Uses t1.
.macro entry_of register, flags
        srli    \register, \register, 2
        li      t1, \flags
        or      \register, \register, t1
.endm

# Address of the entry for the megapage of an address, in the kernel's root, into t0. Uses a0.
.macro root_entry_of register
        srli    a0, \register, MEGAPAGE_SHIFT
        slli    a0, a0, 2
        la      t0, kernel_root
        add     t0, t0, a0
.endm

# paging_init(): makes the kernel's tables and turns paging on. Called once at boot, after frames_init.
# s0 = address, s1 = end of RAM.
proc paging_init
        la      a0, kstat
        lw      a0, KS_TOTAL(a0)
        slli    a0, a0, PAGE_SHIFT
        li      s0, KERNEL_BASE
        add     s1, s0, a0
1:      root_entry_of s0
        mv      a0, s0
        entry_of a0, PTE_KERNEL_DATA
        sw      a0, 0(t0)
        li      t1, MEGAPAGE_SIZE
        add     s0, s0, t1
        bltu    s0, s1, 1b

        call    kernel_pages_map
        li      s0, KERNEL_BASE
        root_entry_of s0
        la      a0, kernel_table
        srli    a0, a0, 2
        ori     a0, a0, PTE_V
        sw      a0, 0(t0)

        la      s0, device_list
2:      lw      a1, 0(s0)
        li      t0, DEV_BASE
        add     a1, a1, t0
        root_entry_of a1
        lw      a0, 0(s0)
        srli    a0, a0, MEGAPAGE_SHIFT
        slli    a0, a0, MEGAPAGE_SHIFT
        entry_of a0, PTE_KERNEL_DATA
        sw      a0, 0(t0)
        addi    s0, s0, 4
        la      t0, device_list_end
        bltu    s0, t0, 2b

        la      a0, kernel_root
        call    mmu_load
endp

# kernel_pages_map(): fills kernel_table, the pages of the first megapage of RAM. Leaf. Called by paging_init.
# a0 = page, a1 = its entry's address, a2 = end of text.
kernel_pages_map:
        li      a0, KERNEL_BASE
        la      a1, kernel_table
        la      a2, _etext
1:      mv      a3, a0
        bgeu    a0, a2, 2f
        entry_of a3, PTE_KERNEL_TEXT
        j       4f
2:      la      t0, kernel_stack_guard
        bne     a0, t0, 3f
        mv      a3, zero
        j       4f
3:      entry_of a3, PTE_KERNEL_DATA
4:      sw      a3, 0(a1)
        addi    a1, a1, 4
        li      t0, PAGE_SIZE
        add     a0, a0, t0
        li      t0, KERNEL_BASE + MEGAPAGE_SIZE
        bltu    a0, t0, 1b
        ret

.section .rodata
        .balign 4
device_list:    .word FINISHER_BASE, PLIC_BASE, UART_BASE
device_list_end:

.bss
        .balign PAGE_SIZE
.globl kernel_root
kernel_root:    .zero PAGE_SIZE
kernel_table:   .zero PAGE_SIZE
