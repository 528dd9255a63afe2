# lb: sign extension, every alignment, offsets of both signs, across a page, out of memory
        .include "check.inc"
        start
        la a0, values
        lb a1, 0(a0)
        check a1, 0x1
        lb a1, 1(a0)
        check a1, 0xffffff82
        lb a1, 2(a0)
        check a1, 0x7f
        lb a1, 3(a0)
        check a1, 0xffffffff
        lb a1, 4(a0)
        check a1, 0x0
        lb a1, 5(a0)
        check a1, 0xffffff80
        lb a1, 6(a0)
        check a1, 0xfffffffe
        lb a1, 7(a0)
        check a1, 0x34
        lb a1, 8(a0)
        check a1, 0x56
        lb a1, 9(a0)
        check a1, 0x78
        la a0, values + 8
        lb a1, -8(a0)
        check a1, 0x1
        la a0, values - 2047
        lb a1, 2047(a0)
        check a1, 0x1
        la a0, values + 2048
        lb a1, -2048(a0)
        check a1, 0x1
        # Over its own base; into x0.
        la a0, values
        lb a0, 4(a0)
        check a0, 0x0
        la a0, values
        lb zero, 1(a0)
        check zero, 0
        # Where nothing is, the load traps and its destination keeps its value.
        li a0, 0x40000
        li a1, 99
here:   lb a1, 4(a0)
        check a1, 99
        check_trap 5, 0x40004, here
        j over
        .balign 4
values: .byte 0x1, 0x82, 0x7f, 0xff, 0x0, 0x80, 0xfe, 0x34, 0x56, 0x78
        .balign 4
over:
        finish
