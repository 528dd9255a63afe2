# mulhsu: the high word of the product of a signed and an unsigned number, in this order
        .include "check.inc"
        start
        rr mulhsu, 0x0, 0x0, 0x0
        rr mulhsu, 0x1, 0x1, 0x0
        rr mulhsu, 0x3, 0x7, 0x0
        rr mulhsu, 0x0, 0xffffffff, 0x0
        rr mulhsu, 0xffffffff, 0x0, 0x0
        rr mulhsu, 0xffffffff, 0xffffffff, 0xffffffff
        rr mulhsu, 0x80000000, 0x1, 0xffffffff
        rr mulhsu, 0x7fffffff, 0x1, 0x0
        rr mulhsu, 0x80000000, 0x80000000, 0xc0000000
        rr mulhsu, 0x7fffffff, 0x7fffffff, 0x3fffffff
        rr mulhsu, 0x80000000, 0x7fffffff, 0xc0000000
        rr mulhsu, 0x12345678, 0x9abcdef0, 0xb00ea4e
        rr mulhsu, 0xffffffff, 0x1, 0xffffffff
        rr mulhsu, 0x80000000, 0xffffffff, 0x80000000
        same mulhsu, 0x5, 0x0
        same mulhsu, 0xffffffff, 0xffffffff
        same mulhsu, 0x80000000, 0xc0000000
        li a0, 9
        mulhsu a1, zero, a0
        check a1, 0x0
        mulhsu a1, a0, zero
        check a1, 0x0
        finish
