# addi: the immediate is signed; sums wrap
        .include "check.inc"
        start
        ri addi, 0x0, 0, 0x0
        ri addi, 0x0, 1, 0x1
        ri addi, 0x0, -1, 0xffffffff
        ri addi, 0x0, 2047, 0x7ff
        ri addi, 0x0, -2048, 0xfffff800
        ri addi, 0x0, 1365, 0x555
        ri addi, 0x1, 0, 0x1
        ri addi, 0x1, 1, 0x2
        ri addi, 0x1, -1, 0x0
        ri addi, 0x1, 2047, 0x800
        ri addi, 0x1, -2048, 0xfffff801
        ri addi, 0x1, 1365, 0x556
        ri addi, 0x7fffffff, 0, 0x7fffffff
        ri addi, 0x7fffffff, 1, 0x80000000
        ri addi, 0x7fffffff, -1, 0x7ffffffe
        ri addi, 0x7fffffff, 2047, 0x800007fe
        ri addi, 0x7fffffff, -2048, 0x7ffff7ff
        ri addi, 0x7fffffff, 1365, 0x80000554
        ri addi, 0x80000000, 0, 0x80000000
        ri addi, 0x80000000, 1, 0x80000001
        ri addi, 0x80000000, -1, 0x7fffffff
        ri addi, 0x80000000, 2047, 0x800007ff
        ri addi, 0x80000000, -2048, 0x7ffff800
        ri addi, 0x80000000, 1365, 0x80000555
        ri addi, 0xffffffff, 0, 0xffffffff
        ri addi, 0xffffffff, 1, 0x0
        ri addi, 0xffffffff, -1, 0xfffffffe
        ri addi, 0xffffffff, 2047, 0x7fe
        ri addi, 0xffffffff, -2048, 0xfffff7ff
        ri addi, 0xffffffff, 1365, 0x554
        ri addi, 0x12345678, 0, 0x12345678
        ri addi, 0x12345678, 1, 0x12345679
        ri addi, 0x12345678, -1, 0x12345677
        ri addi, 0x12345678, 2047, 0x12345e77
        ri addi, 0x12345678, -2048, 0x12344e78
        ri addi, 0x12345678, 1365, 0x12345bcd
        ri addi, 0xfffff800, 0, 0xfffff800
        ri addi, 0xfffff800, 1, 0xfffff801
        ri addi, 0xfffff800, -1, 0xfffff7ff
        ri addi, 0xfffff800, 2047, 0xffffffff
        ri addi, 0xfffff800, -2048, 0xfffff000
        ri addi, 0xfffff800, 1365, 0xfffffd55
        addi a1, zero, -3
        check a1, 0xfffffffd
        finish
