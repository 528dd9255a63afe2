# Vectored mtvec and stvec: interrupts go to base + 4 * cause, exceptions to base; mcause, mepc and xtval of interrupts
        .include "check.inc"
        .include "pages.inc"
        start
        la t5, table + 1
        csrw mtvec, t5
        csrr a0, mtvec
        check_address a0, table + 1
        li s0, 0
        ebreak
        check s0, 1
        # Software interrupt of the machine: mepc is the instruction that was not begun.
        li a0, 8
        csrw mie, a0
        li a1, 0x2000000
        li a2, 1
        sw a2, 0(a1)
        csrr a2, mip
        andi a2, a2, 8
        check a2, 8
taken:  csrsi mstatus, 8
after:  nop
        check s0, 3
        check_address s1, after
        check s2, 0x80000003
        check s3, 0
        # Timer of the machine.
        li a0, 0x80
        csrw mie, a0
        li a1, 0x2004000
        sw zero, 0(a1)
        sw zero, 4(a1)
        nop
        nop
        check s0, 7
        # Delegated: stvec, vectored too, from S-mode; in S-mode with SIE clear it waits.
        csrw mie, zero
        la t5, table_s + 1
        csrw stvec, t5
        li a0, 0x222
        csrw mideleg, a0
        csrw mie, a0
        li s0, 0
        lower S, super
super:  csrsi sip, 2
        nop
        check s0, 0
        csrsi sstatus, 2
next:   nop
        check s0, 11
        check_address s1, next
        check s2, 0x80000001
        csrr a0, scause
        check a0, 0x80000001
        j pass
        .balign 64
table:  j exception
        .word 0, 0
        j software
        .word 0, 0, 0
        j timer
exception:
        li s0, 1
        csrr t5, mepc
        addi t5, t5, 4
        csrw mepc, t5
        mret
software:
        li s0, 3
        csrr s2, mcause
        csrr s3, mtval
        j off
timer:  li s0, 7
off:    csrr s1, mepc
        csrw mie, zero
        mret
        .balign 64
table_s: j fail
        j software_s
software_s:
        li s0, 11
        csrr s1, sepc
        csrr s2, scause
        csrci sip, 2
        sret
pass:
        finish
