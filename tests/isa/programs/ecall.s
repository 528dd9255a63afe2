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
        la s7, 1f
        csrci mstatus, 8
        mret
from_s: ecall
1:      # The handler returned to S-mode: a second call, which must say so too, and then to U-mode through sret.
again:  ecall
        check_trap 9, 0, again
        addi s8, s8, -1
        la a1, from_u
        csrw sepc, a1
        li a0, 0x100
        csrc sstatus, a0
        sret
from_u: ecall
        check_trap 8, 0, from_u
        finish
