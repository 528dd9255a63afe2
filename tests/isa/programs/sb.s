# sb: every alignment, only its own bytes change, across a page, out of memory
        .include "check.inc"
        start
        li a1, 0x89abcdef
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 0(a0)
        lw a2, 0(a0)
        check a2, 0x443322ef
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 1(a0)
        lw a2, 0(a0)
        check a2, 0x4433ef11
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 2(a0)
        lw a2, 0(a0)
        check a2, 0x44ef2211
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 3(a0)
        lw a2, 0(a0)
        check a2, 0xef332211
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 4(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x887766ef
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 5(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x8877ef55
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 6(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x88ef6655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sb a1, 7(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0xef776655
        # The farthest offsets; x0 as the value; the base as the value.
        la a0, place
        sw zero, 0(a0)
        la a0, place - 2047
        sb a1, 2047(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0xef
        la a0, place
        sw zero, 0(a0)
        la a0, place + 2048
        sb a1, -2048(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0xef
        li t5, -1
        sw t5, 0(a0)
        sb zero, 0(a0)
        lw a2, 0(a0)
        check a2, 0xffffff00
        sb a0, 0(a0)
        lbu a2, 0(a0)
        li t5, 0xff
        and t5, t5, a0
        sub a2, a2, t5
        check a2, 0
        # Where nothing is.
        li a0, 0x40000
here:   sb a1, 4(a0)
        check_trap 7, 0x40004, here
        j over
        .balign 4
place:  .word 0, 0, 0
over:
        finish
