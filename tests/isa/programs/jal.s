# jal: links behind itself; forwards, backwards, out of the page; a misaligned target traps on the jump and links nothing
        .include "check.inc"
        start
        li a2, 0
first:  jal a0, 2f
1:      addi a2, a2, 4
        jal zero, 3f
2:      addi a2, a2, 2
        jal a1, 1b
after:  li a2, -1
3:      check a2, 6
        la a3, first + 4
        sub a0, a0, a3
        check a0, 0
        la a3, after
        sub a1, a1, a3
        check a1, 0
        jal zero, 4f
        j fail
4:      check zero, 0
        jal a0, far
back:   la a3, back
        sub a0, a0, a3
        check a0, 0
        li a0, 77
odd:    .word 0x0020056f            # jal a0, .+2
        check a0, 77
        check_trap_at 0, odd + 2, odd
        li a0, 77
        # Into nowhere: the jump is done and links; the fetch traps. (On QEMU there is a device.)
        .if ON_QEMU == 0
        la s7, 5f
nowhere: jal a0, . - 0x80000
5:      check_address a0, nowhere + 4
        check_trap_at 1, nowhere - 0x80000, nowhere - 0x80000
        .endif
        j over
        .balign 4096
        .space 8192
far:    jr a0
over:
        finish
