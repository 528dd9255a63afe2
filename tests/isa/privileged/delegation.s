# medeleg and mideleg: traps from S and U go to S-mode with scause, sepc, stval and the stacked SIE and SPP; M's own never
        .include "check.inc"
        .include "pages.inc"
        start
        li t5, 0xb1ff          # all but the call from S-mode
        csrw medeleg, t5
        csrw mideleg, zero
        la t5, to_s_mode
        csrw stvec, t5
        li t5, 2
        csrs mstatus, t5            # SIE
        # From M-mode: nothing is delegated.
        li a0, 0x40000
here:   lw a1, 0(a0)
        check_trap 5, 0x40000, here
        # From U-mode: to S, with SPP = U and SPIE = SIE.
        li s5, 0
        lower U, user
user:   lw a1, 4(a0)
        check s5, 1
        check s4, 5
        check s3, 0x40004
        check s2, 0x20              # SPIE, and neither SIE nor SPP
        check_address s1, user
        # The handler returned to U-mode, as a second call shows; cause 8 went there too.
call:   ecall
        check s5, 2
        check s4, 8
        check s3, 0
        check_address s1, call
        # Up to S-mode: the supervisor's handler sets SPP when s6 asks for it; from there cause 9 reaches M-mode.
        li s6, 1
        ecall
        to_m
        li s5, 2
        lower S, super
super:  ebreak
        check s5, 3
        check s4, 3
        andi s2, s2, 0x100
        check s2, 0x100             # SPP = S
        check_address s1, super
again:  ecall
        check s5, 3
        check_trap 9, 0, again
        # M's own CSRs from S-mode: illegal, delegated.
bad:    csrr a2, mscratch
        check s5, 4
        check s4, 2
        check s3, 0x34002673
        to_m
        finish
        # The supervisor's handler counts in s5; notes scause in s4, stval in s3, sstatus in s2, sepc in s1.
        .balign 4
to_s_mode:
        addi s5, s5, 1
        csrr s4, scause
        csrr s3, stval
        csrr s2, sstatus
        andi s2, s2, 0x122
        csrr s1, sepc
        addi t5, s1, 4
        csrw sepc, t5
        beqz s6, 1f
        li s6, 0
        li t5, 0x100
        csrs sstatus, t5
1:      sret
