# csrrsi: the operand is a number, 0 to 31; otherwise as csrrs
        .include "check.inc"
        start
        li a0, 0x0
        csrw mscratch, a0
        csrrsi a2, mscratch, 0
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x0
        csrw mscratch, a0
        csrrsi zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0x0
        li a0, 0x0
        csrw mscratch, a0
        csrrsi a2, mscratch, 1
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x1
        csrw mscratch, a0
        csrrsi zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0x1
        li a0, 0x0
        csrw mscratch, a0
        csrrsi a2, mscratch, 21
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x15
        csrw mscratch, a0
        csrrsi zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0x15
        li a0, 0x0
        csrw mscratch, a0
        csrrsi a2, mscratch, 31
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x1f
        csrw mscratch, a0
        csrrsi zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0x1f
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrsi a2, mscratch, 0
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffff
        csrw mscratch, a0
        csrrsi zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffff
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrsi a2, mscratch, 1
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffff
        csrw mscratch, a0
        csrrsi zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffff
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrsi a2, mscratch, 21
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffff
        csrw mscratch, a0
        csrrsi zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffff
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrsi a2, mscratch, 31
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffff
        csrw mscratch, a0
        csrrsi zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffff
        li a0, 0x12345678
        csrw mscratch, a0
        csrrsi a2, mscratch, 0
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345678
        csrw mscratch, a0
        csrrsi zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345678
        li a0, 0x12345678
        csrw mscratch, a0
        csrrsi a2, mscratch, 1
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345679
        csrw mscratch, a0
        csrrsi zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345679
        li a0, 0x12345678
        csrw mscratch, a0
        csrrsi a2, mscratch, 21
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x1234567d
        csrw mscratch, a0
        csrrsi zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0x1234567d
        li a0, 0x12345678
        csrw mscratch, a0
        csrrsi a2, mscratch, 31
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x1234567f
        csrw mscratch, a0
        csrrsi zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0x1234567f
        # mhartid is read-only: 0 reads it, another operand traps.
        csrrsi a2, mhartid, 0
        check a2, 0
        li a2, 99
ro:     csrrsi a2, mhartid, 1
        check_trap 2, 0xf140e673, ro
        check a2, 99
        finish
