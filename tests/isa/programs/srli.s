# srli: zeros enter from the left; counts 0 to 31
        .include "check.inc"
        start
        ri srli, 0x1, 0, 0x1
        ri srli, 0x1, 1, 0x0
        ri srli, 0x1, 4, 0x0
        ri srli, 0x1, 16, 0x0
        ri srli, 0x1, 31, 0x0
        ri srli, 0x80000000, 0, 0x80000000
        ri srli, 0x80000000, 1, 0x40000000
        ri srli, 0x80000000, 4, 0x8000000
        ri srli, 0x80000000, 16, 0x8000
        ri srli, 0x80000000, 31, 0x1
        ri srli, 0x12345678, 0, 0x12345678
        ri srli, 0x12345678, 1, 0x91a2b3c
        ri srli, 0x12345678, 4, 0x1234567
        ri srli, 0x12345678, 16, 0x1234
        ri srli, 0x12345678, 31, 0x0
        ri srli, 0xfedcba98, 0, 0xfedcba98
        ri srli, 0xfedcba98, 1, 0x7f6e5d4c
        ri srli, 0xfedcba98, 4, 0xfedcba9
        ri srli, 0xfedcba98, 16, 0xfedc
        ri srli, 0xfedcba98, 31, 0x1
        ri srli, 0xffffffff, 0, 0xffffffff
        ri srli, 0xffffffff, 1, 0x7fffffff
        ri srli, 0xffffffff, 4, 0xfffffff
        ri srli, 0xffffffff, 16, 0xffff
        ri srli, 0xffffffff, 31, 0x1
        finish
