# lhu: zero extension, every alignment, offsets of both signs, across a page, out of memory
        .include "check.inc"
        start
        la a0, values
        lhu a1, 0(a0)
        check a1, 0x8201
        lhu a1, 1(a0)
        check a1, 0x7f82
        lhu a1, 2(a0)
        check a1, 0xff7f
        lhu a1, 3(a0)
        check a1, 0xff
        lhu a1, 4(a0)
        check a1, 0x8000
        lhu a1, 5(a0)
        check a1, 0xfe80
        lhu a1, 6(a0)
        check a1, 0x34fe
        lhu a1, 7(a0)
        check a1, 0x5634
        lhu a1, 8(a0)
        check a1, 0x7856
        la a0, values + 8
        lhu a1, -8(a0)
        check a1, 0x8201
        la a0, values - 2047
        lhu a1, 2047(a0)
        check a1, 0x8201
        la a0, values + 2048
        lhu a1, -2048(a0)
        check a1, 0x8201
        # Over its own base; into x0.
        la a0, values
        lhu a0, 4(a0)
        check a0, 0x8000
        la a0, values
        lhu zero, 1(a0)
        check zero, 0
        # Across a page.
        li a2, 0x80400000
        li a3, 0x80401000
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        lhu a1, -1(a3)
        check a1, 0x5544
        # Where nothing is, the load traps and its destination keeps its value.
        li a0, 0x40000
        li a1, 99
here:   lhu a1, 4(a0)
        check a1, 99
        check_trap 5, 0x40004, here
        j over
        .balign 4
values: .byte 0x1, 0x82, 0x7f, 0xff, 0x0, 0x80, 0xfe, 0x34, 0x56, 0x78
        .balign 4
over:
        finish
