# The first instructions: from reset in M-mode to kernel_main in S-mode.
#
# M-mode is left at once and never entered again: every trap and interrupt is delegated to the kernel.
# In: a0 = number of the hart, a1 = address of the device tree, paging off.

.include "kernel.inc"
.include "board.inc"

.equ MSTATUS_MPP_S,     0x800           # mret goes to S-mode
.equ MENVCFGH_STCE,     0x80000000      # the kernel owns a timer (Sstc)
.equ COUNTERS_ALL,      7               # cycle, time and instret may be read below
.equ PMP_ALL,           0x1f            # read, write and execute in all of memory (NAPOT, with an address of ones)
.equ BSS_STEP,          16              # bytes of bss that are cleared in one go
.equ SIE_TIMER,         0x20
.equ SIE_EXTERNAL,      0x200

.text
.globl _start
_start:
        bnez    a0, park                # one hart runs the kernel
        la      t0, boot_failure
        csrw    mtvec, t0
        li      t0, -1
        csrw    medeleg, t0
        csrw    mideleg, t0
        csrw    pmpaddr0, t0
        li      t0, PMP_ALL
        csrw    pmpcfg0, t0
        li      t0, MENVCFGH_STCE
        csrs    menvcfgh, t0
        li      t0, COUNTERS_ALL
        csrw    mcounteren, t0
        csrw    scounteren, t0
        li      t0, MSTATUS_MPP_S
        csrw    mstatus, t0
        la      t0, supervisor
        csrw    mepc, t0
        mret

# A trap in M-mode: the hart lacks something that the kernel needs. Ends the machine with status 1.
        .balign 4
boot_failure:
        li      t0, FINISHER_BASE
        li      t1, 1 << 16 | 0x3333
        sw      t1, 0(t0)
park:   wfi
        j       park

# S-mode, paging off. The bss is cleared here, whoever loaded the kernel.
supervisor:
        la      t0, _edata
        la      t1, _end
1:      andi    a0, t0, BSS_STEP - 1    # single bytes up to where the long steps fit
        beqz    a0, 2f
        bgeu    t0, t1, 4f
        sb      zero, 0(t0)
        addi    t0, t0, 1
        j       1b
2:      addi    t0, t0, BSS_STEP
        bgtu    t0, t1, 3f
        sw      zero, -16(t0)
        sw      zero, -12(t0)
        sw      zero, -8(t0)
        sw      zero, -4(t0)
        j       2b
3:      addi    t0, t0, -BSS_STEP       # and what is left
        bgeu    t0, t1, 4f
        sb      zero, 0(t0)
        addi    t0, t0, BSS_STEP + 1
        j       3b
4:      la      sp, kernel_stack_top
        la      t0, trap_entry
        csrw    stvec, t0
        csrw    sscratch, zero          # a trap from here on is the kernel's own fault
        li      t0, SIE_TIMER | SIE_EXTERNAL
        csrw    sie, t0
        li      t0, -1                  # no timer interrupt yet
        csrw    stimecmp, t0
        csrw    stimecmph, t0
        mv      a0, a1
        call    kernel_main
