# sc.w: stores only under a reservation of this very word, and uses it up
        .include "check.inc"
        start
        la a0, place
        li a1, 7
        # None at the beginning.
        sc.w a2, a1, (a0)
        check a2, 1
        lw a3, 0(a0)
        check a3, 0
        lr.w a2, (a0)
        sc.w a2, a1, (a0)
        check a2, 0
        lw a3, 0(a0)
        check a3, 7
        # Used up.
        li a1, 8
        sc.w a2, a1, (a0)
        check a2, 1
        lw a3, 0(a0)
        check a3, 7
        # For another word: fails, and uses it up.
        lr.w a2, (a0)
        addi a3, a0, 64
        sc.w a2, a1, (a3)
        check a2, 1
        sc.w a2, a1, (a0)
        check a2, 1
        lw a3, 0(a0)
        check a3, 7
        # rd = rs2, rd = rs1, rd = x0.
        lr.w a2, (a0)
        sc.w.rl a1, a1, (a0)
        check a1, 0
        lw a3, 0(a0)
        check a3, 8
        mv a3, a0
        lr.w a2, (a0)
        sc.w.aqrl a0, a2, (a0)
        check a0, 0
        mv a0, a3
        lr.w a2, (a0)
        li a1, 9
        sc.w zero, a1, (a0)
        check zero, 0
        lw a3, 0(a0)
        check a3, 9
        # A loop that counts with them.
        li a1, 100
1:      lr.w a2, (a0)
        addi a2, a2, 1
        sc.w a3, a2, (a0)
        bnez a3, 1b
        addi a1, a1, -1
        bnez a1, 1b
        lw a3, 0(a0)
        check a3, 109
        # Misaligned. (QEMU fails before it looks at the address.)
        .if ON_QEMU == 0
        addi a0, a0, 1
        li a2, 99
here:   sc.w a2, a1, (a0)
        check_trap_at 6, place + 1, here
        check a2, 99
        .endif
        j over
        .balign 128
place:  .space 128
over:
        finish
