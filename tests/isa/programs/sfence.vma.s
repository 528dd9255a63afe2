# sfence.vma: after each of its four forms a changed entry holds; illegal in U-mode, and in S-mode under TVM
        .include "check.inc"
        start
        .equ LEAF, 0xcf             # V R W X A D
        # The root: superpages for the program and for the test finisher, and at 0x40000000 a superpage that will change.
        la a0, root
        li a1, 0x20000000 | LEAF
        srli a2, a0, 12
        li a3, 2048
        add a3, a0, a3
        sw a1, 0(a3)
        li a1, LEAF
        sw a1, 0(a0)
        li a3, 0x80000000
        or a2, a2, a3
        csrw satp, a2
        # Where the two pages are that it will show.
        li a1, 0x80800000
        li a2, 11
        sw a2, 0(a1)
        li a1, 0x80c00000
        li a2, 22
        sw a2, 0(a1)
        li a1, 0x20200000 | LEAF    # 0x80800000
        sw a1, 1024(a0)
        li a2, 0x800
        csrs mstatus, a2
        li a2, 0x1000
        csrc mstatus, a2
        la a2, 1f
        csrw mepc, a2
        mret
1:      sfence.vma
        li s0, 0x40000000
        li s1, 0x20200000 | LEAF
        li t0, 0x20300000 | LEAF    # 0x80c00000
        lw a1, 0(s0)
        check a1, 11
        .macro changes entry, expected, operands:vararg
        sw \entry, 1024(a0)
        sfence.vma \operands
        lw a1, 0(s0)
        check a1, \expected
        .endm
        changes t0, 22
        changes s1, 11, s0
        changes t0, 22, zero, zero
        changes s1, 11, s0, zero
        changes t0, 22, zero, t1
        changes s1, 11, s0, t1
        # Gone altogether.
        sw zero, 1024(a0)
        sfence.vma s0
gone:   lw a1, 0(s0)
        check_trap 13, 0x40000000, gone
        j over
        .balign 4096
root:   .space 4096
over:
        finish
