# csrrc: clears the bits that the operand has; x0 writes nothing, so that read-only CSRs can be read
        .include "check.inc"
        start
        .macro form old, operand, new
        li a0, \old
        csrw mscratch, a0
        li a1, \operand
        csrrc a2, mscratch, a1
        check a2, \old
        csrr a2, mscratch
        check a2, \new
        # over its operand
        csrw mscratch, a0
        csrrc a1, mscratch, a1
        check a1, \old
        csrr a2, mscratch
        check a2, \new
        # into x0
        csrw mscratch, a0
        li a1, \operand
        csrrc zero, mscratch, a1
        check zero, 0
        csrr a2, mscratch
        check a2, \new
        .endm
        form 0x0, 0x0, 0x0
        form 0x0, 0xffffffff, 0x0
        form 0xffffffff, 0x0, 0xffffffff
        form 0x12345678, 0xff00ff0, 0x10045008
        form 0xffffffff, 0x80000001, 0x7ffffffe
        # x0 as the operand.
        li a0, 0x1234
        csrw mscratch, a0
        csrrc a2, mscratch, zero
        check a2, 0x1234
        csrr a2, mscratch
        check a2, 0x1234
        # mhartid is read-only: x0 reads it, a register traps even if it holds 0. (Not on QEMU.)
        csrrc a2, mhartid, zero
        check a2, 0
        li a2, 99
        .if ON_QEMU == 0
        li a1, 0
ro:     csrrc a2, mhartid, a1
        check_trap 2, 0xf145b673, ro
        check a2, 99
        .endif
        # There is no CSR 0x5ff.
none:   .word 0x5ff03673
        check_trap 2, 0x5ff03673, none
        check a2, 99
        finish
