# All interrupts at once: MSI MTI SEI SSI STI (MEI, before all, takes a device); delegated ones after those of M-mode; one
# level down M-mode's come whatever MIE says, and delegated ones wait in M-mode
        .include "check.inc"
        .include "pages.inc"
        start
        .if ON_QEMU                 # QEMU 7.2 takes the lowest number first
        .equ ORDER, 0x13579
        .equ ORDER_BY_LEVEL, 0x37159
        .else
        .equ ORDER, 0x37915
        .equ ORDER_BY_LEVEL, ORDER
        .endif
        .macro everything
        li a1, 0x2000000
        li a2, 1
        sw a2, 0(a1)                # MSIP
        li a1, 0x2004000
        sw zero, 0(a1)
        sw zero, 4(a1)              # MTIP
        li a2, 0x222
        csrw mip, a2                # SEIP STIP SSIP
        li a2, 0xaaa
        csrw mie, a2
        li s0, 0
        .endm
        la t5, note
        csrw mtvec, t5
        la t5, note_s
        csrw stvec, t5
        csrci mstatus, 8
        everything
        csrr a0, mip
        andi a0, a0, 0x2aa
        check a0, 0x2aa
        nop
        check s0, 0
        csrsi mstatus, 8
        nop
        csrci mstatus, 8
        check s0, ORDER
        # S's delegated: in M-mode, with MIE set, only M's come.
        li a0, 0x222
        csrw mideleg, a0
        everything
        csrsi mstatus, 8
        nop
        csrci mstatus, 8
        check s0, 0x37
        # In S-mode with MIE and SIE clear: M's come at once, S's wait for SIE.
        everything
        csrci mstatus, 2
        li a0, 0x80
        csrc mstatus, a0
        lower S, super
super:  nop
        check s0, 0x37
        csrsi sstatus, 2
        nop
        check s0, ORDER_BY_LEVEL
        finish
        # Appends the cause to s0, a digit each, and switches that interrupt off.
        .balign 4
note:   csrr t6, mcause
        slli s0, s0, 4
        andi t5, t6, 15
        or s0, s0, t5
        li t5, 1
        sll t5, t5, t6
        csrc mie, t5
        mret
        .balign 4
note_s: csrr t6, scause
        slli s0, s0, 4
        andi t5, t6, 15
        or s0, s0, t5
        li t5, 1
        sll t5, t5, t6
        csrc sie, t5
        sret
