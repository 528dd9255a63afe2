# Sstc: stimecmp is S-mode's own when menvcfgh.STCE and mcounteren.TM say so; STIP then follows it and nobody writes it
        .include "check.inc"
        .include "pages.inc"
        start
        li s0, 0x80000000
        csrc menvcfgh, s0
        csrw mcounteren, zero
        # Off: STIP is plain software's.
        li a0, 0x20
        csrs mip, a0
        csrr a1, mip
        and a1, a1, a0
        check a1, 0x20
        csrc mip, a0
        csrr a1, mip
        and a1, a1, a0
        check a1, 0
        lower S, 1f
        .balign 4
1:      csrw stimecmp, zero
        check s9, 2
        addi s8, s8, -1
        to_m
        # STCE without TM: still not for S-mode.
        csrs menvcfgh, s0
        lower S, 1f
        .balign 4
1:      csrw stimecmp, zero
        check s9, 2
        addi s8, s8, -1
        to_m
        csrwi mcounteren, 2
        li a0, -1
        csrw stimecmph, a0
        csrw stimecmp, a0
        csrr a1, mip
        andi a1, a1, 0x20
        check a1, 0
        # M-mode's writes to STIP have no effect.
        li a0, 0x20
        csrs mip, a0
        csrr a1, mip
        andi a1, a1, 0x20
        check a1, 0
        # In S-mode: the past is pending at once, the far future not.
        li a0, 0x20
        csrw mideleg, a0
        csrw mie, a0
        lower S, 1f
        .balign 4
1:      csrw stimecmph, zero
        csrw stimecmp, zero
        csrr a1, sip
        andi a1, a1, 0x20
        check a1, 0x20
        csrr a0, time
        addi a0, a0, 1000
        csrw stimecmp, a0
        wfi
        csrr a1, time
        bltu a1, a0, fail
        csrr a1, sip
        andi a1, a1, 0x20
        check a1, 0x20
        finish
