# Superpages: aligned ones map four MiB; the low bits of their frame must be zero; bits of pointer entries are reserved
        .include "check.inc"
        .include "pages.inc"
        start
        pages
        .equ SUPER, 0x48000000
        .equ INDEX, SUPER >> 22
        .equ FRAME, 0x20200000      # of 0x80800000
        li s1, 0x80923454
        li a1, 0x5a5a1234
        sw a1, 0(s1)
        li s0, SUPER + 0x123454
        entry root, INDEX, FRAME|PV|PR|PW|PA|PD
        loan S
        lw a2, 0(s0)
        own
        outcome 0, 0
        check a2, 0x5a5a1234
        # A store through it, with D clear: the root entry gets it.
        entry root, INDEX, FRAME|PV|PR|PW
        loan S
        sh a2, 2(s0)
        own
        outcome 0, 0
        lw a2, 0(s1)
        check a2, 0x12341234
        la t6, root
        lw a2, INDEX * 4(t6)
        check a2, FRAME|PV|PR|PW|PA|PD
        # Misaligned.
        entry root, INDEX, FRAME|0x400|PV|PR|PW|PA|PD
        loan S
        lw a2, 0(s0)
        own
        outcome 13, SUPER + 0x123454
        entry root, INDEX, FRAME|0x80000|PV|PR|PW|PA|PD
        loan S
        sw a2, 0(s0)
        own
        outcome 15, SUPER + 0x123454
        # A pointer with A, D or U.
        .macro pointer flags
        la t5, leaves
        srli t5, t5, 12
        slli t5, t5, 10
        ori t5, t5, PV|\flags
        la t6, root
        sw t5, INDEX * 4(t6)
        sfence.vma
        .endm
        leaf 0x123, frame, PV|PR|PA|PD
        pointer 0
        loan S
        lw a2, 0(s0)
        own
        outcome 0, 0
        .irp flag, PA, PD, PU
        pointer \flag
        loan S
        lw a2, 0(s0)
        own
        outcome 13, SUPER + 0x123454
        .endr
        # A table where no memory is: an access fault of the access's own kind (on QEMU 7.2 a page fault).
        .if ON_QEMU == 0
        entry root, INDEX, 0x10000 | PV
        loan S
        lw a2, 0(s0)
        own
        outcome 5, SUPER + 0x123454
        loan S
        sw a2, 0(s0)
        own
        outcome 7, SUPER + 0x123454
        .endif
        finish
        pages_end
