# sh: every alignment, only its own bytes change, across a page, out of memory
        .include "check.inc"
        start
        li a1, 0x89abcdef
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 0(a0)
        lw a2, 0(a0)
        check a2, 0x4433cdef
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 1(a0)
        lw a2, 0(a0)
        check a2, 0x44cdef11
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 2(a0)
        lw a2, 0(a0)
        check a2, 0xcdef2211
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 3(a0)
        lw a2, 0(a0)
        check a2, 0xef332211
        lw a2, 4(a0)
        check a2, 0x887766cd
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 4(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x8877cdef
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 5(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x88cdef55
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sh a1, 6(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0xcdef6655
        # The farthest offsets; x0 as the value; the base as the value.
        la a0, place
        sw zero, 0(a0)
        la a0, place - 2047
        sh a1, 2047(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0xcdef
        la a0, place
        sw zero, 0(a0)
        la a0, place + 2048
        sh a1, -2048(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0xcdef
        li t5, -1
        sw t5, 0(a0)
        sh zero, 0(a0)
        lw a2, 0(a0)
        check a2, 0xffff0000
        sh a0, 0(a0)
        lhu a2, 0(a0)
        li t5, 0xffff
        and t5, t5, a0
        sub a2, a2, t5
        check a2, 0
        # Across a page.
        li a3, 0x80401000
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        sh a1, -1(a3)
        lw a2, -4(a3)
        check a2, 0xef332211
        lw a2, 0(a3)
        check a2, 0x887766cd
        # Where nothing is.
        li a0, 0x40000
here:   sh a1, 4(a0)
        check_trap 7, 0x40004, here
        j over
        .balign 4
place:  .word 0, 0, 0
over:
        finish
