# Misaligned accesses across two pages: both are translated; a fault names the first byte in the page that faulted, and
# a store that faults there has written nothing
        .include "check.inc"
        .include "pages.inc"
        start
        pages
        .equ EDGE, AREA + 4096
        leaf 0, other, PV|PR|PW|PA|PD
        leaf 1, frame, PV|PR|PW|PA|PD
        li s0, EDGE - 2
        li a1, 0x44332211
        loan S
        sw a1, 0(s0)
        lw a2, 0(s0)
        own
        check a2, 0x44332211
        la t6, frame
        lhu a2, 0(t6)
        check a2, 0x4433
        la t6, other + 4094
        lhu a2, 0(t6)
        check a2, 0x2211
        # The second page is missing.
        leaf 1, frame, 0
        loan S
        lw a2, 0(s0)
        own
        outcome 13, EDGE
        li a1, -1
        loan S
        sw a1, 0(s0)
        own
        outcome 15, EDGE
        la t6, other + 4094
        lhu a2, 0(t6)
        check a2, 0x2211
        # The first page is missing; the second may only be read.
        leaf 0, other, 0
        leaf 1, frame, PV|PR|PA
        loan S
        lw a2, 0(s0)
        own
        outcome 13, EDGE - 2
        leaf 0, other, PV|PR|PW|PA|PD
        loan S
        lhu a2, 1(s0)
        own
        outcome 0, 0
        check a2, 0x3322
        loan S
        sh a1, 1(s0)
        own
        outcome 15, EDGE
        la t6, other + 4094
        lhu a2, 0(t6)
        check a2, 0x2211
        # Wherever the border lies in the word; and user pages, the second one the supervisor's.
        leaf 0, other, PV|PR|PW|PU|PA|PD
        leaf 1, frame, PV|PR|PW|PU|PA|PD
        .irp before, 1, 2, 3
        li s0, EDGE - \before
        li a1, 0x11223344 * \before
        loan U
        sw a1, 0(s0)
        lw a2, 0(s0)
        own
        outcome 0, 0
        check a2, 0x11223344 * \before
        .endr
        leaf 1, frame, PV|PR|PW|PA|PD
        .irp before, 1, 2, 3
        li s0, EDGE - \before
        loan U
        lw a2, 0(s0)
        own
        outcome 13, EDGE
        loan U
        sw zero, 0(s0)
        own
        outcome 15, EDGE
        .endr
        # Both pages fault: the first one tells.
        leaf 0, other, PV|PR|PW|PA|PD
        loan U
        sw zero, 0(s0)
        own
        outcome 15, EDGE - 3
        # The second page, or the first, is no memory.
        leaf 0, other, PV|PR|PW|PU|PA|PD
        entry leaves, 1, 0x30000000|PV|PR|PW|PU|PA|PD
        loan U
        lw a2, 0(s0)
        own
        outcome 5, EDGE
        loan U
        sw zero, 0(s0)
        own
        outcome 7, EDGE
        leaf 1, frame, PV|PR|PW|PU|PA|PD
        entry leaves, 0, 0x30000000|PV|PR|PW|PU|PA|PD
        loan U
        lhu a2, 2(s0)
        own
        .if ON_QEMU                 # it loads what is aligned around the half, and names that
        outcome 5, EDGE - 2
        .else
        outcome 5, EDGE - 1
        .endif
        loan U
        sh zero, 2(s0)
        own
        outcome 7, EDGE - 1
        # Both are, and hold what was last written: no store that faulted has left anything.
        .if ON_QEMU == 0            # it stores byte by byte, and so up to the fault
        leaf 0, other, PV|PR|PW|PU|PA|PD
        loan U
        lw a2, 0(s0)
        own
        outcome 0, 0
        check a2, 0x11223344 * 3
        .endif
        finish
        pages_end
