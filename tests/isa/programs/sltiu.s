# sltiu: the immediate is sign extended, then compared as unsigned
        .include "check.inc"
        start
        ri sltiu, 0x0, 0, 0x0
        ri sltiu, 0x0, 1, 0x1
        ri sltiu, 0x0, -1, 0x1
        ri sltiu, 0x0, 2047, 0x1
        ri sltiu, 0x0, -2048, 0x1
        ri sltiu, 0x0, 1365, 0x1
        ri sltiu, 0x1, 0, 0x0
        ri sltiu, 0x1, 1, 0x0
        ri sltiu, 0x1, -1, 0x1
        ri sltiu, 0x1, 2047, 0x1
        ri sltiu, 0x1, -2048, 0x1
        ri sltiu, 0x1, 1365, 0x1
        ri sltiu, 0x7fffffff, 0, 0x0
        ri sltiu, 0x7fffffff, 1, 0x0
        ri sltiu, 0x7fffffff, -1, 0x1
        ri sltiu, 0x7fffffff, 2047, 0x0
        ri sltiu, 0x7fffffff, -2048, 0x1
        ri sltiu, 0x7fffffff, 1365, 0x0
        ri sltiu, 0x80000000, 0, 0x0
        ri sltiu, 0x80000000, 1, 0x0
        ri sltiu, 0x80000000, -1, 0x1
        ri sltiu, 0x80000000, 2047, 0x0
        ri sltiu, 0x80000000, -2048, 0x1
        ri sltiu, 0x80000000, 1365, 0x0
        ri sltiu, 0xffffffff, 0, 0x0
        ri sltiu, 0xffffffff, 1, 0x0
        ri sltiu, 0xffffffff, -1, 0x0
        ri sltiu, 0xffffffff, 2047, 0x0
        ri sltiu, 0xffffffff, -2048, 0x0
        ri sltiu, 0xffffffff, 1365, 0x0
        ri sltiu, 0x12345678, 0, 0x0
        ri sltiu, 0x12345678, 1, 0x0
        ri sltiu, 0x12345678, -1, 0x1
        ri sltiu, 0x12345678, 2047, 0x0
        ri sltiu, 0x12345678, -2048, 0x1
        ri sltiu, 0x12345678, 1365, 0x0
        ri sltiu, 0xfffff800, 0, 0x0
        ri sltiu, 0xfffff800, 1, 0x0
        ri sltiu, 0xfffff800, -1, 0x1
        ri sltiu, 0xfffff800, 2047, 0x0
        ri sltiu, 0xfffff800, -2048, 0x0
        ri sltiu, 0xfffff800, 1365, 0x0
        sltiu a1, zero, -3
        check a1, 0x1
        finish
