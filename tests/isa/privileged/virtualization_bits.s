# TVM: satp and sfence.vma trap in S-mode; TW: wfi does; TSR: sret does; none of them in M-mode
        .include "check.inc"
        .include "pages.inc"
        start
        .equ TVM, 0x100000
        .equ TW, 0x200000
        .equ TSR, 0x400000
        li a0, TVM|TW|TSR
        csrs mstatus, a0
        csrr a1, satp
        csrw satp, a1
        sfence.vma
        lower S, super
super:
1:      csrr a1, satp
        check_trap 2, 0x180025f3, 1b
1:      csrw satp, zero
        check_trap 2, 0x18001073, 1b
1:      sfence.vma
        check_trap 2, 0x12000073, 1b
1:      wfi
        check_trap 2, 0x10500073, 1b
1:      sret
        check_trap 2, 0x10200073, 1b
        to_m
        li a0, TVM|TW|TSR
        csrc mstatus, a0
        lower S, free
free:   csrr a1, satp
        csrw satp, a1
        sfence.vma
        to_m
        # In U-mode sfence.vma, satp and sret trap anyway.
        lower U, user
user:
1:      sfence.vma
        check_trap 2, 0x12000073, 1b
1:      csrr a1, satp
        check_trap 2, 0x180025f3, 1b
1:      csrr a1, sstatus
        check_trap 2, 0x100025f3, 1b
        to_m
        finish
