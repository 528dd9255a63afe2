# xori: the immediate is sign extended: -1 inverts
        .include "check.inc"
        start
        ri xori, 0x0, 0, 0x0
        ri xori, 0x0, 1, 0x1
        ri xori, 0x0, -1, 0xffffffff
        ri xori, 0x0, 2047, 0x7ff
        ri xori, 0x0, -2048, 0xfffff800
        ri xori, 0x0, 1365, 0x555
        ri xori, 0x1, 0, 0x1
        ri xori, 0x1, 1, 0x0
        ri xori, 0x1, -1, 0xfffffffe
        ri xori, 0x1, 2047, 0x7fe
        ri xori, 0x1, -2048, 0xfffff801
        ri xori, 0x1, 1365, 0x554
        ri xori, 0x7fffffff, 0, 0x7fffffff
        ri xori, 0x7fffffff, 1, 0x7ffffffe
        ri xori, 0x7fffffff, -1, 0x80000000
        ri xori, 0x7fffffff, 2047, 0x7ffff800
        ri xori, 0x7fffffff, -2048, 0x800007ff
        ri xori, 0x7fffffff, 1365, 0x7ffffaaa
        ri xori, 0x80000000, 0, 0x80000000
        ri xori, 0x80000000, 1, 0x80000001
        ri xori, 0x80000000, -1, 0x7fffffff
        ri xori, 0x80000000, 2047, 0x800007ff
        ri xori, 0x80000000, -2048, 0x7ffff800
        ri xori, 0x80000000, 1365, 0x80000555
        ri xori, 0xffffffff, 0, 0xffffffff
        ri xori, 0xffffffff, 1, 0xfffffffe
        ri xori, 0xffffffff, -1, 0x0
        ri xori, 0xffffffff, 2047, 0xfffff800
        ri xori, 0xffffffff, -2048, 0x7ff
        ri xori, 0xffffffff, 1365, 0xfffffaaa
        ri xori, 0x12345678, 0, 0x12345678
        ri xori, 0x12345678, 1, 0x12345679
        ri xori, 0x12345678, -1, 0xedcba987
        ri xori, 0x12345678, 2047, 0x12345187
        ri xori, 0x12345678, -2048, 0xedcbae78
        ri xori, 0x12345678, 1365, 0x1234532d
        ri xori, 0xfffff800, 0, 0xfffff800
        ri xori, 0xfffff800, 1, 0xfffff801
        ri xori, 0xfffff800, -1, 0x7ff
        ri xori, 0xfffff800, 2047, 0xffffffff
        ri xori, 0xfffff800, -2048, 0x0
        ri xori, 0xfffff800, 1365, 0xfffffd55
        xori a1, zero, -3
        check a1, 0xfffffffd
        finish
