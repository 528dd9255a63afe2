# sw: every alignment, only its own bytes change, across a page, out of memory
        .include "check.inc"
        start
        li a1, 0x89abcdef
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sw a1, 0(a0)
        lw a2, 0(a0)
        check a2, 0x89abcdef
        lw a2, 4(a0)
        check a2, 0x88776655
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sw a1, 1(a0)
        lw a2, 0(a0)
        check a2, 0xabcdef11
        lw a2, 4(a0)
        check a2, 0x88776689
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sw a1, 2(a0)
        lw a2, 0(a0)
        check a2, 0xcdef2211
        lw a2, 4(a0)
        check a2, 0x887789ab
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sw a1, 3(a0)
        lw a2, 0(a0)
        check a2, 0xef332211
        lw a2, 4(a0)
        check a2, 0x8889abcd
        la a0, place
        li t5, 0x44332211
        sw t5, 0(a0)
        li t5, 0x88776655
        sw t5, 4(a0)
        sw a1, 4(a0)
        lw a2, 0(a0)
        check a2, 0x44332211
        lw a2, 4(a0)
        check a2, 0x89abcdef
        # The farthest offsets; x0 as the value; the base as the value.
        la a0, place
        sw zero, 0(a0)
        la a0, place - 2047
        sw a1, 2047(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0x89abcdef
        la a0, place
        sw zero, 0(a0)
        la a0, place + 2048
        sw a1, -2048(a0)
        la a0, place
        lw a2, 0(a0)
        check a2, 0x89abcdef
        li t5, -1
        sw t5, 0(a0)
        sw zero, 0(a0)
        lw a2, 0(a0)
        check a2, 0x0
        sw a0, 0(a0)
        lw a2, 0(a0)
        li t5, 0xffffffff
        and t5, t5, a0
        sub a2, a2, t5
        check a2, 0
        # Across a page.
        li a3, 0x80401000
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        sw a1, -1(a3)
        lw a2, -4(a3)
        check a2, 0xef332211
        lw a2, 0(a3)
        check a2, 0x8889abcd
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        sw a1, -2(a3)
        lw a2, -4(a3)
        check a2, 0xcdef2211
        lw a2, 0(a3)
        check a2, 0x887789ab
        li t5, 0x44332211
        sw t5, -4(a3)
        li t5, 0x88776655
        sw t5, 0(a3)
        sw a1, -3(a3)
        lw a2, -4(a3)
        check a2, 0xabcdef11
        lw a2, 0(a3)
        check a2, 0x88776689
        # Where nothing is.
        li a0, 0x40000
here:   sw a1, 4(a0)
        check_trap 7, 0x40004, here
        # Into the code that comes next: without fence.i this machine's fetches see it too, but only fence.i promises it.
        la a0, patch
        li a1, 0x00700613        # li a2, 7
        sw a1, 0(a0)
        fence.i
patch:  li a2, 6
        check a2, 7
        j over
        .balign 4
place:  .word 0, 0, 0
over:
        finish
