# Fetches: X and U of the entry and the privilege level decide, not SUM, MXR or MPRV; A is set, D is not. A fault's xepc and
# xtval are the address that could not be fetched, also where the code before it ran into the page
        .include "check.inc"
        .include "pages.inc"
        start
        pages
        .macro fetch level, bits, flags, cause, value
        leaf 0, code, \flags
        from \level, \bits, AREA, \cause, \value, AREA
        .endm
        # Goes to `start` at a privilege level; a trap with cause and xtval must come there, at xepc.
        .macro from level, bits, start, cause, value, at
        li t5, MPP|SUM|MXR
        csrc mstatus, t5
        li t5, \level << 11 | (\bits)
        csrs mstatus, t5
        li t5, \start
        csrw mepc, t5
        li s6, 1
        la s7, 1f
        mret
        .balign 4
1:      li s6, 0
        li s7, 0
        outcome \cause, \value
        check s11, \at
        .endm
        fetch S, 0, PV|PX|PA, 9, 0
        fetch S, 0, PV|PR|PW|PX|PA, 9, 0
        fetch U, 0, PV|PX|PU|PA, 8, 0
        # The other one's pages.
        fetch S, 0, PV|PX|PU|PA, 12, AREA
        fetch S, SUM|MXR, PV|PR|PX|PU|PA, 12, AREA
        fetch U, 0, PV|PX|PA, 12, AREA
        fetch U, SUM|MXR, PV|PR|PX|PA, 12, AREA
        # Not to be executed, not valid, reserved, a pointer where a leaf must be.
        fetch S, MXR, PV|PR|PW|PA|PD, 12, AREA
        fetch S, 0, PR|PX|PA, 12, AREA
        fetch S, 0, PV|PW|PX|PA|PD, 12, AREA
        fetch S, 0, PV, 12, AREA
        # A, not D.
        fetch S, 0, PV|PR|PW|PX, 9, 0
        la t6, leaves
        lw a2, 0(t6)
        andi a2, a2, 0xff
        check a2, PV|PR|PW|PX|PA
        # Refused: nothing is set.
        fetch S, 0, PV|PX|PU, 12, AREA
        la t6, leaves
        lw a2, 0(t6)
        andi a2, a2, 0xff
        check a2, PV|PX|PU
        # From the last word of a page into one that may not be executed, and into one that may.
        la t6, code + 4092
        li t5, 0x00000013           # nop
        sw t5, 0(t6)
        fence.i
        leaf 0, code, PV|PX|PA
        leaf 1, code, PV|PR|PA
        from S, 0, AREA + 4092, 12, AREA + 4096, AREA + 4096
        leaf 1, code, PV|PX|PA
        from S, 0, AREA + 4092, 9, 0, AREA + 4096
        # Memory that is not there: an access fault, the entry marked as used.
        entry leaves, 0, 0x30000000|PV|PX
        from S, 0, AREA, 1, AREA, AREA
        entry leaves, 0, 0x40000000|PV|PX|PA
        from S, 0, AREA, 1, AREA, AREA
        # A misaligned superpage.
        entry root, 0x120, 0x20200400|PV|PR|PX|PA
        from S, 0, 0x48000000, 12, 0x48000000, 0x48000000
        # A table where no memory is (on QEMU 7.2 a page fault).
        .if ON_QEMU == 0
        entry root, 0x120, 0x10000|PV
        from S, 0, 0x48000008, 1, 0x48000008, 0x48000008
        .endif
        finish
        .balign 4096
code:   ecall
        .balign 4096
        pages_end
