# ecall: the cause says from which privilege level; mtval is 0; mepc is its own address
        .include "check.inc"
        start
from_m: ecall
        check_trap 11, 0, from_m
        li a0, 0x1800
        csrc mstatus, a0
        li a0, 0x0800
        csrs mstatus, a0            # MPP = S
        la a1, from_s
        csrw mepc, a1
        csrci mstatus, 8
        mret
        j fail
from_s: ecall
        check_trap 9, 0, from_s
        la a1, from_u
        csrw sepc, a1
        li a0, 0x100
        csrc sstatus, a0
        sret
        j fail
from_u: ecall
        check_trap 8, 0, from_u
        finish
