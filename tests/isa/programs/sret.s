# sret: SIE = SPIE, SPIE = 1, SPP = U; clears MPRV; pc = sepc; illegal in U-mode, and in S-mode under TSR
        .include "check.inc"
        start
        .equ SIE, 0x2
        .equ SPIE, 0x20
        .equ SPP, 0x100
        .equ MPRV, 0x20000
        .equ TSR, 0x400000
        # From M-mode, under TSR, which does not matter there: to S.
        li a0, TSR | SPP | SPIE | MPRV
        csrs mstatus, a0
        la a1, 1f + 2
        csrw sepc, a1
        sret
        j fail
1:      csrr a0, sstatus
        li a1, SIE | SPIE | SPP
        and a0, a0, a1
        check a0, SIE | SPIE
2:      sret
        check_trap 2, 0x10200073, 2b
        # The handler's mret came back to S-mode. Through M-mode again, without TSR.
        la s7, 3f
        ecall
        j fail
3:      addi s8, s8, -1
        # That was still S-mode: MPP was S. A trap that leaves MPP alone needs a handler of its own.
        la s7, 4f
        ecall
4:      addi s8, s8, -1
        finish
