# A and D are set by the walk: A by every use, D by a store; not by an access that is refused
        .include "check.inc"
        .include "pages.inc"
        start
        pages
        .macro becomes flags
        la t6, leaves
        lw a2, 0(t6)
        andi a2, a2, 0xff
        check a2, \flags
        .endm
        li s0, AREA
        leaf 0, frame, PV|PR|PW
        becomes PV|PR|PW
        loan S
        lw a1, 0(s0)
        own
        becomes PV|PR|PW|PA
        loan S
        sw a1, 0(s0)
        own
        becomes PV|PR|PW|PA|PD
        leaf 0, frame, PV|PR|PW
        loan S
        sb a1, 5(s0)
        own
        becomes PV|PR|PW|PA|PD
        leaf 0, frame, PV|PR|PW
        loan S
        amoor.w a1, zero, (s0)
        own
        becomes PV|PR|PW|PA|PD
        # Refused.
        leaf 0, frame, PV|PR
        loan S
        sw a1, 0(s0)
        own
        becomes PV|PR
        outcome 15, AREA
        leaf 0, frame, PV|PR|PW|PU
        loan S
        lw a1, 0(s0)
        own
        becomes PV|PR|PW|PU
        outcome 13, AREA
        # Fetched.
        leaf 0, code, PV|PX
        li s7, 0
        li t5, AREA
        csrw mepc, t5
        li t5, MPP
        csrc mstatus, t5
        li t5, 0x800
        csrs mstatus, t5
        li s6, 1
        la s7, 1f
        mret
1:      outcome 9, 0
        becomes PV|PX|PA
        finish
        .balign 4096
code:   ecall
        pages_end
