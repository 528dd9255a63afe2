# Who may read and write a page: R, W, X and U of the entry, the privilege level, SUM and MXR; M-mode through MPRV
        .include "check.inc"
        .include "pages.inc"
        start
        pages
        .macro case level, bits, flags, reads, writes
        leaf 0, frame, PA|PD|\flags
        li s0, AREA
        loan \level, \bits
        lw a1, 4(s0)
        own
        outcome \reads, AREA + 4
        loan \level, \bits
        sw a1, 8(s0)
        own
        outcome \writes, AREA + 8
        .endm
        case S, 0, PV|PR|PW, 0, 0
        case S, 0, PV|PR, 0, 15
        case S, 0, PV|PX, 13, 15
        case S, MXR, PV|PX, 0, 15
        case S, 0, PV|PR|PW|PX, 0, 0
        case S, 0, PV|PR|PX, 0, 15
        # Not valid; W without R is reserved; a pointer where a leaf must be.
        case S, 0, PR|PW, 13, 15
        case S, 0, PV|PW, 13, 15
        case S, MXR, PV|PW|PX, 13, 15
        case S, 0, PV, 13, 15
        # User pages from S-mode: only under SUM; supervisor pages from U-mode: never.
        case S, 0, PV|PR|PW|PU, 13, 15
        case S, SUM, PV|PR|PW|PU, 0, 0
        case S, MXR, PV|PX|PU, 13, 15
        case S, SUM|MXR, PV|PX|PU, 0, 15
        case S, SUM, PV|PR|PW, 0, 0
        case U, 0, PV|PR|PW|PU, 0, 0
        case U, 0, PV|PR|PU, 0, 15
        case U, MXR, PV|PX|PU, 0, 15
        case U, 0, PV|PX|PU, 13, 15
        case U, 0, PV|PR|PW, 13, 15
        case U, SUM|MXR, PV|PR|PW|PX, 13, 15
        # MPP = M: MPRV lends nothing, addresses are physical.
        la s0, frame
        loan M
        lw a1, 0(s0)
        own
        outcome 0, 0
        # Atomics ask for the right to write, lr.w for the right to read.
        leaf 0, frame, PA|PD|PV|PR
        li s0, AREA
        loan S
        lr.w a1, (s0)
        own
        outcome 0, 0
        .if ON_QEMU == 0            # QEMU 7.2 calls it a load
        loan S
        amoadd.w a1, a1, (s0)
        own
        outcome 15, AREA
        .endif
        .if ON_QEMU == 0            # QEMU looks at the reservation first
        loan S
        sc.w a1, a1, (s0)
        own
        outcome 15, AREA
        .endif
        finish
        pages_end
