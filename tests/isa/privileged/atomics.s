# Atomics that must not happen, and what keeps a reservation
        .include "check.inc"
        .include "pages.inc"
        start
        .if ON_QEMU                 # QEMU 7.2 takes amo for loads; sc.w compares values instead of reservations
        .equ STORE, 4
        .equ AFTER_OWN_STORE, 1
        .else
        .equ STORE, 6
        .equ AFTER_OWN_STORE, 0
        .endif
        .equ WORD, 0x80100000
        # Misaligned.
        .irp by, 1, 2, 3
        li s0, WORD + \by
        lr.w a1, (s0)
        outcome 4, WORD + \by
        .if ON_QEMU == 0            # it looks at the reservation first, and fails without a trap
        sc.w a1, a1, (s0)
        outcome 6, WORD + \by
        .endif
        amoadd.w a1, a1, (s0)
        outcome STORE, WORD + \by
        .endr
        # No memory there.
        li s0, 0xc0000000
        lr.w a1, (s0)
        outcome 5, 0xc0000000
        .if ON_QEMU == 0            # likewise
        amoadd.w a1, a1, (s0)
        outcome 7, 0xc0000000
        sc.w a1, a1, (s0)
        outcome 7, 0xc0000000
        # A device.
        li s0, 0x10000000
        amoor.w a1, zero, (s0)
        outcome 7, 0x10000000
        lr.w a1, (s0)
        outcome 5, 0x10000000
        .endif
        # The reservation survives a store of the hart's own, but no trap; it is for its word only, and for one sc.w.
        li s0, WORD
        li s1, 7
        sw s1, 0(s0)
        lr.w a1, (s0)
        sw zero, 0(s0)
        sc.w a2, s1, (s0)
        check a2, AFTER_OWN_STORE
        lr.w a1, (s0)
        ecall
        sc.w a2, s1, (s0)
        check a2, 1
        outcome 11, 0
        lr.w a1, (s0)
        addi s2, s0, 4
        sc.w a2, s1, (s2)
        check a2, 1
        sc.w a2, s1, (s0)
        check a2, 1
        lr.w a1, (s0)
        sc.w a2, s1, (s0)
        check a2, 0
        sc.w a2, s1, (s0)
        check a2, 1
        finish
