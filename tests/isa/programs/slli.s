# slli: zeros enter from the right; counts 0 to 31
        .include "check.inc"
        start
        ri slli, 0x1, 0, 0x1
        ri slli, 0x1, 1, 0x2
        ri slli, 0x1, 4, 0x10
        ri slli, 0x1, 16, 0x10000
        ri slli, 0x1, 31, 0x80000000
        ri slli, 0x80000000, 0, 0x80000000
        ri slli, 0x80000000, 1, 0x0
        ri slli, 0x80000000, 4, 0x0
        ri slli, 0x80000000, 16, 0x0
        ri slli, 0x80000000, 31, 0x0
        ri slli, 0x12345678, 0, 0x12345678
        ri slli, 0x12345678, 1, 0x2468acf0
        ri slli, 0x12345678, 4, 0x23456780
        ri slli, 0x12345678, 16, 0x56780000
        ri slli, 0x12345678, 31, 0x0
        ri slli, 0xfedcba98, 0, 0xfedcba98
        ri slli, 0xfedcba98, 1, 0xfdb97530
        ri slli, 0xfedcba98, 4, 0xedcba980
        ri slli, 0xfedcba98, 16, 0xba980000
        ri slli, 0xfedcba98, 31, 0x0
        ri slli, 0xffffffff, 0, 0xffffffff
        ri slli, 0xffffffff, 1, 0xfffffffe
        ri slli, 0xffffffff, 4, 0xfffffff0
        ri slli, 0xffffffff, 16, 0xffff0000
        ri slli, 0xffffffff, 31, 0x80000000
        finish
