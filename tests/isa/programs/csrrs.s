# csrrs: sets the bits that the operand has; x0 writes nothing, so that read-only CSRs can be read
        .include "check.inc"
        start
        .macro form old, operand, new
        li a0, \old
        csrw mscratch, a0
        li a1, \operand
        csrrs a2, mscratch, a1
        check a2, \old
        csrr a2, mscratch
        check a2, \new
        # over its operand
        csrw mscratch, a0
        csrrs a1, mscratch, a1
        check a1, \old
        csrr a2, mscratch
        check a2, \new
        # into x0
        csrw mscratch, a0
        li a1, \operand
        csrrs zero, mscratch, a1
        check zero, 0
        csrr a2, mscratch
        check a2, \new
        .endm
        form 0x0, 0x0, 0x0
        form 0x0, 0xffffffff, 0xffffffff
        form 0xffffffff, 0x0, 0xffffffff
        form 0x12345678, 0xff00ff0, 0x1ff45ff8
        form 0xffffffff, 0x80000001, 0xffffffff
        # x0 as the operand.
        li a0, 0x1234
        csrw mscratch, a0
        csrrs a2, mscratch, zero
        check a2, 0x1234
        csrr a2, mscratch
        check a2, 0x1234
        # mhartid is read-only: x0 reads it, a register traps even if it holds 0. (Not on QEMU.)
        csrrs a2, mhartid, zero
        check a2, 0
        li a2, 99
        .if ON_QEMU == 0
        li a1, 0
ro:     csrrs a2, mhartid, a1
        check_trap 2, 0xf145a673, ro
        check a2, 99
        .endif
        # There is no CSR 0x5ff.
none:   .word 0x5ff02673
        check_trap 2, 0x5ff02673, none
        check a2, 99
        finish
