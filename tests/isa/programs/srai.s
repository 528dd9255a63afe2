# srai: the sign enters from the left; counts 0 to 31
        .include "check.inc"
        start
        ri srai, 0x1, 0, 0x1
        ri srai, 0x1, 1, 0x0
        ri srai, 0x1, 4, 0x0
        ri srai, 0x1, 16, 0x0
        ri srai, 0x1, 31, 0x0
        ri srai, 0x80000000, 0, 0x80000000
        ri srai, 0x80000000, 1, 0xc0000000
        ri srai, 0x80000000, 4, 0xf8000000
        ri srai, 0x80000000, 16, 0xffff8000
        ri srai, 0x80000000, 31, 0xffffffff
        ri srai, 0x12345678, 0, 0x12345678
        ri srai, 0x12345678, 1, 0x91a2b3c
        ri srai, 0x12345678, 4, 0x1234567
        ri srai, 0x12345678, 16, 0x1234
        ri srai, 0x12345678, 31, 0x0
        ri srai, 0xfedcba98, 0, 0xfedcba98
        ri srai, 0xfedcba98, 1, 0xff6e5d4c
        ri srai, 0xfedcba98, 4, 0xffedcba9
        ri srai, 0xfedcba98, 16, 0xfffffedc
        ri srai, 0xfedcba98, 31, 0xffffffff
        ri srai, 0xffffffff, 0, 0xffffffff
        ri srai, 0xffffffff, 1, 0xffffffff
        ri srai, 0xffffffff, 4, 0xffffffff
        ri srai, 0xffffffff, 16, 0xffffffff
        ri srai, 0xffffffff, 31, 0xffffffff
        finish
