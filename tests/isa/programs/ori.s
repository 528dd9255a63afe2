# ori: the immediate is sign extended
        .include "check.inc"
        start
        ri ori, 0x0, 0, 0x0
        ri ori, 0x0, 1, 0x1
        ri ori, 0x0, -1, 0xffffffff
        ri ori, 0x0, 2047, 0x7ff
        ri ori, 0x0, -2048, 0xfffff800
        ri ori, 0x0, 1365, 0x555
        ri ori, 0x1, 0, 0x1
        ri ori, 0x1, 1, 0x1
        ri ori, 0x1, -1, 0xffffffff
        ri ori, 0x1, 2047, 0x7ff
        ri ori, 0x1, -2048, 0xfffff801
        ri ori, 0x1, 1365, 0x555
        ri ori, 0x7fffffff, 0, 0x7fffffff
        ri ori, 0x7fffffff, 1, 0x7fffffff
        ri ori, 0x7fffffff, -1, 0xffffffff
        ri ori, 0x7fffffff, 2047, 0x7fffffff
        ri ori, 0x7fffffff, -2048, 0xffffffff
        ri ori, 0x7fffffff, 1365, 0x7fffffff
        ri ori, 0x80000000, 0, 0x80000000
        ri ori, 0x80000000, 1, 0x80000001
        ri ori, 0x80000000, -1, 0xffffffff
        ri ori, 0x80000000, 2047, 0x800007ff
        ri ori, 0x80000000, -2048, 0xfffff800
        ri ori, 0x80000000, 1365, 0x80000555
        ri ori, 0xffffffff, 0, 0xffffffff
        ri ori, 0xffffffff, 1, 0xffffffff
        ri ori, 0xffffffff, -1, 0xffffffff
        ri ori, 0xffffffff, 2047, 0xffffffff
        ri ori, 0xffffffff, -2048, 0xffffffff
        ri ori, 0xffffffff, 1365, 0xffffffff
        ri ori, 0x12345678, 0, 0x12345678
        ri ori, 0x12345678, 1, 0x12345679
        ri ori, 0x12345678, -1, 0xffffffff
        ri ori, 0x12345678, 2047, 0x123457ff
        ri ori, 0x12345678, -2048, 0xfffffe78
        ri ori, 0x12345678, 1365, 0x1234577d
        ri ori, 0xfffff800, 0, 0xfffff800
        ri ori, 0xfffff800, 1, 0xfffff801
        ri ori, 0xfffff800, -1, 0xffffffff
        ri ori, 0xfffff800, 2047, 0xffffffff
        ri ori, 0xfffff800, -2048, 0xfffff800
        ri ori, 0xfffff800, 1365, 0xfffffd55
        ori a1, zero, -3
        check a1, 0xfffffffd
        finish
