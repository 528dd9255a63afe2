# csrrw: writes the register, even with x0; returns the old value
        .include "check.inc"
        start
        .macro form old, operand, new
        li a0, \old
        csrw mscratch, a0
        li a1, \operand
        csrrw a2, mscratch, a1
        check a2, \old
        csrr a2, mscratch
        check a2, \new
        # over its operand
        csrw mscratch, a0
        csrrw a1, mscratch, a1
        check a1, \old
        csrr a2, mscratch
        check a2, \new
        # into x0
        csrw mscratch, a0
        li a1, \operand
        csrrw zero, mscratch, a1
        check zero, 0
        csrr a2, mscratch
        check a2, \new
        .endm
        form 0x0, 0x0, 0x0
        form 0x0, 0xffffffff, 0xffffffff
        form 0xffffffff, 0x0, 0x0
        form 0x12345678, 0xff00ff0, 0xff00ff0
        form 0xffffffff, 0x80000001, 0x80000001
        # x0 as the operand.
        li a0, 0x1234
        csrw mscratch, a0
        csrrw a2, mscratch, zero
        check a2, 0x1234
        csrr a2, mscratch
        check a2, 0x0
        # mhartid is read-only.
        li a2, 99
ro:     csrrw a2, mhartid, zero
        check_trap 2, 0xf1401673, ro
        check a2, 99
        # There is no CSR 0x5ff.
none:   .word 0x5ff01673
        check_trap 2, 0x5ff01673, none
        check a2, 99
        finish
