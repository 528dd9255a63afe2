# xload: the registers become words 1 to 31 of the block, the base among them; x0 stays 0; the block may lie across two
# pages; a block that is not aligned, or not all in RAM, leaves the registers as they were
        .include "check.inc"
        start
        la a0, block
        li t1, 0
1:      sw t1, 0(a0)
        addi a0, a0, 4
        addi t1, t1, 1
        li t0, 32
        blt t1, t0, 1b
        la a0, block
        la t0, keep
        sw gp, 0(t0)
        xload (a0)
        la t0, keep
        lw gp, 0(t0)                # the handler's and the checks' registers come first
        mv t2, t6
        mv t1, s6
        li s6, 0
        mv a1, s7
        li s7, 0
        mv a2, s8
        li s8, 0
        mv a3, s9
        li s9, NO_TRAP
        check zero, 0
        check ra, 1
        check sp, 2
        check tp, 4
        check s0, 8
        check a0, 10
        check a4, 14
        check a7, 17
        check s5, 21
        check t1, 22
        check a1, 23
        check a2, 24
        check a3, 25
        check s11, 27
        check t4, 29
        check t2, 31

# what was stored can be loaded again: across pages, through a base that is loaded too
        la a1, second
        addi a1, a1, -64
        li ra, 0x77
        li a5, 0x15
        li a6, 0x16
        xdump (a1)
        li ra, 0
        li a5, 0
        li a6, 0
        mv t2, gp
        xload (a1)
        mv gp, t2
        check ra, 0x77
        check a5, 0x15
        check a6, 0x16
        addi a2, a1, 64
        check_address a2, second

# what is not aligned
        la a2, block + 1
odd:    xload (a2)
        check s9, 4
        addi gp, gp, 1
        addi a3, a2, 4
        bne s10, a3, fail
        trap_seen odd
        check ra, 0x77

# below RAM, and in a device
        li a2, 0x7fffffe0
below:  xload (a2)
        check_trap 5, 0x7fffffe4, below
        li a2, 0x10000000
device: xload (a2)
        check_trap 5, 0x10000004, device
        check ra, 0x77
        check a6, 0x16
        finish

        .data
        .balign 4096
keep:   .word 0
block:  .fill 32, 4, 0
        .balign 4096
second: .fill 32, 4, 0
