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
        finish
        pages_end
