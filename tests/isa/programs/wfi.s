# wfi: waits for an enabled interrupt, even if interrupts are off altogether; illegal in S-mode under TW
        .include "check.inc"
        start
        # A pending, enabled interrupt ends the wait at once; with MIE clear nothing is taken.
        csrci mstatus, 8
        li a0, 2
        csrw mie, a0
        csrw mip, a0
        wfi
        csrw mip, zero
        # The timer ends it.
        li a0, 0x200bff8
        lw a1, 0(a0)
        addi a1, a1, 1000
        li a2, 0x2004000
        li a3, -1
        sw a3, 4(a2)
        sw a1, 0(a2)
        sw zero, 4(a2)
        li a3, 0x80
        csrw mie, a3
        wfi
        lw a3, 0(a0)
        bltu a3, a1, fail
        csrr a3, mip
        andi a3, a3, 0x80
        check a3, 0x80
        # Under TW it is illegal in S-mode.
        csrw mie, zero
        li a0, 0x1800
        csrc mstatus, a0
        li a0, 0x200800             # TW, MPP = S
        csrs mstatus, a0
        la a1, 1f
        csrw mepc, a1
        mret
1:      wfi
        check_trap 2, 0x10500073, 1b
        finish
