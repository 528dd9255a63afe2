# mret: MIE = MPIE, MPIE = 1, MPP = least level; clears MPRV when it leaves M-mode; pc = mepc; illegal below M-mode
        .include "check.inc"
        start
        .equ MIE, 0x8
        .equ MPIE, 0x80
        .equ MPP, 0x1800
        .equ MPRV, 0x20000
        csrw mie, zero
        # From M to M with MPIE clear and MIE set: MPRV stays.
        li a0, MPIE
        csrc mstatus, a0
        li a0, MPP | MPRV | MIE
        csrs mstatus, a0
        la a1, 1f
        csrw mepc, a1
        mret
        j fail
1:      csrr a0, mstatus
        li a1, MPIE | MPP | MPRV | MIE
        and a0, a0, a1
        check a0, MPIE | MPRV
        # With MPIE set; the two lowest bits of mepc do not exist, except on QEMU.
        li a0, MPP | MPIE
        csrs mstatus, a0
        la a1, 2f + 3 - 3 * ON_QEMU
        csrw mepc, a1
        mret
        j fail
2:      csrr a0, mstatus
        li a1, MPIE | MIE
        and a0, a0, a1
        check a0, MPIE | MIE
        # Down to U: MPRV falls, mret is illegal there.
        li a0, MPP
        csrc mstatus, a0
        li a0, MPRV
        csrs mstatus, a0
        la a1, 3f
        csrw mepc, a1
        mret
        j fail
3:      mret
        check_trap 2, 0x30200073, 3b
        to_m
        csrr a0, mstatus
        li a1, MPRV
        and a0, a0, a1
        .if ON_QEMU == 0            # QEMU 7.2 follows the older manual and leaves MPRV
        check a0, 0
        .endif
        finish
