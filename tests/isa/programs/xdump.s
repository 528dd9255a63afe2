# xdump: words 1 to 31 of the block are the registers, the base among them; word 0 is not touched; the block may lie
# across two pages; a block that is not aligned, or not all in RAM, leaves memory as it was
        .include "check.inc"
        start
        la a0, block
        li t0, 0x11111111
        sw t0, 0(a0)
        li ra, 1
        li sp, 2
        li t6, 31
        li tp, 4
        xdump (a0)
        lw t0, 0(a0)
        check t0, 0x11111111
        lw t0, 4(a0)
        check t0, 1
        lw t0, 8(a0)
        check t0, 2
        lw t0, 16(a0)
        check t0, 4
        lw t0, 40(a0)
        check_address t0, block
        lw t0, 124(a0)
        check t0, 31
        lw t0, 128(a0)
        check t0, 0x22222222        # the word behind it

# across pages: word 15 is the last one in its page
        la a1, second
        addi a1, a1, -64
        li a5, 15
        li a6, 16
        xdump (a1)
        lw t0, 60(a1)
        check t0, 15
        lw t0, 64(a1)
        check t0, 16
        lw t0, 0(a1)
        check t0, 0

# what is not aligned
        la a2, block
        sw zero, 4(a2)
        addi a2, a2, 2
odd:    xdump (a2)
        addi a3, a2, 4
        check s9, 6
        addi gp, gp, 1
        bne s10, a3, fail
        trap_seen odd
        lw t0, 2(a2)
        check t0, 0

# below RAM: the first word is out of reach; above: the first byte behind RAM is what xtval names
        li a2, 0x7fffffe0
below:  xdump (a2)
        check_trap 7, 0x7fffffe4, below
        li t0, 0x80000000
        lw t0, 0(t0)
        lw t1, _start
        addi gp, gp, 1
        bne t0, t1, fail
# the finisher, which would have ended the program
        li a2, 0x000ffffc
device: xdump (a2)
        check_trap 7, 0x00100000, device
        finish

        .balign 4096
        .data
        .balign 4096
block:  .fill 32, 4, 0
        .word 0x22222222
        .balign 4096
second: .fill 32, 4, 0
