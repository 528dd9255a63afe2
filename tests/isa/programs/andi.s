# andi: the immediate is sign extended
        .include "check.inc"
        start
        ri andi, 0x0, 0, 0x0
        ri andi, 0x0, 1, 0x0
        ri andi, 0x0, -1, 0x0
        ri andi, 0x0, 2047, 0x0
        ri andi, 0x0, -2048, 0x0
        ri andi, 0x0, 1365, 0x0
        ri andi, 0x1, 0, 0x0
        ri andi, 0x1, 1, 0x1
        ri andi, 0x1, -1, 0x1
        ri andi, 0x1, 2047, 0x1
        ri andi, 0x1, -2048, 0x0
        ri andi, 0x1, 1365, 0x1
        ri andi, 0x7fffffff, 0, 0x0
        ri andi, 0x7fffffff, 1, 0x1
        ri andi, 0x7fffffff, -1, 0x7fffffff
        ri andi, 0x7fffffff, 2047, 0x7ff
        ri andi, 0x7fffffff, -2048, 0x7ffff800
        ri andi, 0x7fffffff, 1365, 0x555
        ri andi, 0x80000000, 0, 0x0
        ri andi, 0x80000000, 1, 0x0
        ri andi, 0x80000000, -1, 0x80000000
        ri andi, 0x80000000, 2047, 0x0
        ri andi, 0x80000000, -2048, 0x80000000
        ri andi, 0x80000000, 1365, 0x0
        ri andi, 0xffffffff, 0, 0x0
        ri andi, 0xffffffff, 1, 0x1
        ri andi, 0xffffffff, -1, 0xffffffff
        ri andi, 0xffffffff, 2047, 0x7ff
        ri andi, 0xffffffff, -2048, 0xfffff800
        ri andi, 0xffffffff, 1365, 0x555
        ri andi, 0x12345678, 0, 0x0
        ri andi, 0x12345678, 1, 0x0
        ri andi, 0x12345678, -1, 0x12345678
        ri andi, 0x12345678, 2047, 0x678
        ri andi, 0x12345678, -2048, 0x12345000
        ri andi, 0x12345678, 1365, 0x450
        ri andi, 0xfffff800, 0, 0x0
        ri andi, 0xfffff800, 1, 0x0
        ri andi, 0xfffff800, -1, 0xfffff800
        ri andi, 0xfffff800, 2047, 0x0
        ri andi, 0xfffff800, -2048, 0xfffff800
        ri andi, 0xfffff800, 1365, 0x0
        andi a1, zero, -3
        check a1, 0x0
        finish
