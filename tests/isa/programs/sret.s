# sret: SIE = SPIE, SPIE = 1, SPP = U; clears MPRV; pc = sepc; illegal in U-mode, and in S-mode under TSR
        .include "check.inc"
        start
        .equ SIE, 0x2
        .equ SPIE, 0x20
        .equ SPP, 0x100
        .equ MPRV, 0x20000
        .equ TSR, 0x400000
        # From M-mode, under TSR, which does not matter there: to S.
        li a0, TSR | SPP | SPIE | MPRV
        csrs mstatus, a0
        la a1, 1f + 2 - 2 * ON_QEMU
        csrw sepc, a1
        sret
        j fail
1:      csrr a0, sstatus
        li a1, SIE | SPIE | SPP
        and a0, a0, a1
        check a0, SIE | SPIE
2:      sret
        check_trap 2, 0x10200073, 2b
        to_m
        # Without TSR; to U-mode, with SPIE clear.
        li a0, TSR | SPP | SPIE
        csrc mstatus, a0
        li a0, SIE
        csrs mstatus, a0
        la a1, 3f
        csrw sepc, a1
        sret
        j fail
3:      sret
        check_trap 2, 0x10200073, 3b
        to_m
        csrr a0, mstatus
        li a1, SIE | SPIE | SPP | MPRV
        and a0, a0, a1
        .if ON_QEMU == 0            # QEMU 7.2 follows the older manual and leaves MPRV
        check a0, SPIE
        .endif
        finish
