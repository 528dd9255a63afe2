# lw: no extension, every alignment, offsets of both signs, across a page, out of memory
        .include "check.inc"
        start
        la a0, values
        lw a1, 0(a0)
        check a1, 0xff7f8201
        lw a1, 1(a0)
        check a1, 0xff7f82
        lw a1, 2(a0)
        check a1, 0x8000ff7f
        lw a1, 3(a0)
        check a1, 0xfe8000ff
        lw a1, 4(a0)
        check a1, 0x34fe8000
        lw a1, 5(a0)
        check a1, 0x5634fe80
        lw a1, 6(a0)
        check a1, 0x785634fe
        la a0, values + 8
        lw a1, -8(a0)
        check a1, 0xff7f8201
        la a0, values - 2047
        lw a1, 2047(a0)
        check a1, 0xff7f8201
        la a0, values + 2048
        lw a1, -2048(a0)
        check a1, 0xff7f8201
        # Over its own base; into x0.
        la a0, values
        lw a0, 4(a0)
        check a0, 0x34fe8000
        la a0, values
        lw zero, 1(a0)
        check zero, 0
        # Across a page.
        li a2, 0x80400000
        li a3, 0x80401000
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        lw a1, -1(a3)
        check a1, 0x77665544
        lw a1, -2(a3)
        check a1, 0x66554433
        lw a1, -3(a3)
        check a1, 0x55443322
        # Where nothing is, the load traps and its destination keeps its value.
        li a0, 0x40000
        li a1, 99
here:   lw a1, 4(a0)
        check a1, 99
        check_trap 5, 0x40004, here
        j over
        .balign 4
values: .byte 0x1, 0x82, 0x7f, 0xff, 0x0, 0x80, 0xfe, 0x34, 0x56, 0x78
        .balign 4
over:
        finish
