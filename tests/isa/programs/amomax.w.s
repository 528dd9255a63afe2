# amomax.w: the old value returns, the new one is stored
        .include "check.inc"
        start
        .macro amo old, operand, new
        la a0, place
        li a1, \old
        sw a1, 0(a0)
        li a2, \operand
        amomax.w a3, a2, (a0)
        check a3, \old
        lw a3, 0(a0)
        check a3, \new
        # over its operand
        sw a1, 0(a0)
        amomax.w.aqrl a2, a2, (a0)
        check a2, \old
        lw a3, 0(a0)
        check a3, \new
        .endm
        amo 0x0, 0x0, 0x0
        amo 0x1, 0x1, 0x1
        amo 0x3, 0x7, 0x7
        amo 0x0, 0xffffffff, 0x0
        amo 0xffffffff, 0x0, 0x0
        amo 0xffffffff, 0xffffffff, 0xffffffff
        amo 0x80000000, 0x1, 0x1
        amo 0x7fffffff, 0x1, 0x7fffffff
        amo 0x80000000, 0x80000000, 0x80000000
        amo 0x7fffffff, 0x7fffffff, 0x7fffffff
        amo 0x80000000, 0x7fffffff, 0x7fffffff
        amo 0x12345678, 0x9abcdef0, 0x12345678
        amo 0xffffffff, 0x1, 0x1
        amo 0x80000000, 0xffffffff, 0xffffffff
        # Over its address; into x0; with x0 as the operand.
        la a0, place
        li a1, 6
        sw a1, 0(a0)
        li a2, 3
        amomax.w.rl a0, a2, (a0)
        check a0, 6
        la a0, place
        lw a3, 0(a0)
        check a3, 0x6
        sw a1, 0(a0)
        amomax.w.aq zero, a2, (a0)
        check zero, 0
        lw a3, 0(a0)
        check a3, 0x6
        sw a1, 0(a0)
        amomax.w a3, zero, (a0)
        check a3, 6
        lw a3, 0(a0)
        check a3, 0x6
        # Misaligned: a trap, nothing changes. (QEMU calls this and the next trap one of a load.)
        .if ON_QEMU == 0
        sw a1, 0(a0)
        addi a0, a0, 2
        li a3, 99
here:   amomax.w a3, a2, (a0)
        check_trap_at 6, place + 2, here
        check a3, 99
        lw a3, -2(a0)
        check a3, 6
        # Where nothing is.
        li a0, 0x40000
nowhere: amomax.w a3, a2, (a0)
        check_trap 7, 0x40000, nowhere
        .endif
        j over
        .balign 4
place:  .word 0, 0
over:
        finish
