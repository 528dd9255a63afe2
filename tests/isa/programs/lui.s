# lui: the upper twenty bits; the lower twelve are zero
        .include "check.inc"
        start
        lui a0, 0
        check a0, 0
        lui a0, 1
        check a0, 0x1000
        lui a0, 0x7ffff
        check a0, 0x7ffff000
        lui a0, 0x80000
        check a0, 0x80000000
        lui a0, 0xfffff
        check a0, 0xfffff000
        lui zero, 0x12345
        check zero, 0
        finish
