# lr.w: loads, and reserves the word for the next sc.w
        .include "check.inc"
        start
        la a0, place
        li a1, 0x89abcdef
        sw a1, 0(a0)
        lr.w a2, (a0)
        check a2, 0x89abcdef
        lr.w.aq a2, (a0)
        lr.w.rl a2, (a0)
        lr.w.aqrl a2, (a0)
        check a2, 0x89abcdef
        lr.w zero, (a0)
        check zero, 0
        # Over its address; the reservation is that of the old one.
        mv a3, a0
        lr.w a0, (a0)
        check a0, 0x89abcdef
        li a1, 5
        sc.w a2, a1, (a3)
        check a2, 0
        lw a2, 0(a3)
        check a2, 5
        # A new reservation takes the place of the old one.
        lr.w a2, (a3)
        addi a0, a3, 64
        lr.w a2, (a0)
        sc.w a2, a1, (a3)
        check a2, 1
        addi a0, a3, 2
        li a2, 99
here:   lr.w a2, (a0)
        check_trap_at 4, place + 2, here
        check a2, 99
        li a0, 0x40000
nowhere: lr.w a2, (a0)
        check_trap 5, 0x40000, nowhere
        check a2, 99
        j over
        .balign 128
place:  .space 128
over:
        finish
