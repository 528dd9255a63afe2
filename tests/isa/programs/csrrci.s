# csrrci: the operand is a number, 0 to 31; otherwise as csrrc
        .include "check.inc"
        start
        li a0, 0x0
        csrw mscratch, a0
        csrrci a2, mscratch, 0
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x0
        csrw mscratch, a0
        csrrci zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0x0
        li a0, 0x0
        csrw mscratch, a0
        csrrci a2, mscratch, 1
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x0
        csrw mscratch, a0
        csrrci zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0x0
        li a0, 0x0
        csrw mscratch, a0
        csrrci a2, mscratch, 21
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x0
        csrw mscratch, a0
        csrrci zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0x0
        li a0, 0x0
        csrw mscratch, a0
        csrrci a2, mscratch, 31
        check a2, 0x0
        csrr a2, mscratch
        check a2, 0x0
        csrw mscratch, a0
        csrrci zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0x0
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrci a2, mscratch, 0
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffff
        csrw mscratch, a0
        csrrci zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffff
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrci a2, mscratch, 1
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xfffffffe
        csrw mscratch, a0
        csrrci zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0xfffffffe
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrci a2, mscratch, 21
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffea
        csrw mscratch, a0
        csrrci zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffea
        li a0, 0xffffffff
        csrw mscratch, a0
        csrrci a2, mscratch, 31
        check a2, 0xffffffff
        csrr a2, mscratch
        check a2, 0xffffffe0
        csrw mscratch, a0
        csrrci zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0xffffffe0
        li a0, 0x12345678
        csrw mscratch, a0
        csrrci a2, mscratch, 0
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345678
        csrw mscratch, a0
        csrrci zero, mscratch, 0
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345678
        li a0, 0x12345678
        csrw mscratch, a0
        csrrci a2, mscratch, 1
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345678
        csrw mscratch, a0
        csrrci zero, mscratch, 1
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345678
        li a0, 0x12345678
        csrw mscratch, a0
        csrrci a2, mscratch, 21
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345668
        csrw mscratch, a0
        csrrci zero, mscratch, 21
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345668
        li a0, 0x12345678
        csrw mscratch, a0
        csrrci a2, mscratch, 31
        check a2, 0x12345678
        csrr a2, mscratch
        check a2, 0x12345660
        csrw mscratch, a0
        csrrci zero, mscratch, 31
        check zero, 0
        csrr a2, mscratch
        check a2, 0x12345660
        # mhartid is read-only: 0 reads it, another operand traps.
        csrrci a2, mhartid, 0
        check a2, 0
        li a2, 99
ro:     csrrci a2, mhartid, 1
        check_trap 2, 0xf140f673, ro
        check a2, 99
        finish
