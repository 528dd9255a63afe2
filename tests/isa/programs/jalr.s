# jalr: the lowest bit of the sum is dropped; rd may be rs1; a misaligned target traps on the jump and links nothing
        .include "check.inc"
        start
        la a0, 1f
here:   jalr a1, 0(a0)
        j fail
1:      la a2, here + 4
        sub a1, a1, a2
        check a1, 0
        la a0, 2f - 2047
        jalr a1, 2047(a0)
        j fail
2:      la a0, 3f + 2048
        jalr a1, -2048(a0)
        j fail
3:      la a0, 4f
        jalr zero, 1(a0)
        j fail
4:      check zero, 0
        la a0, 5f + 1
        jalr zero, 0(a0)
        j fail
5:      la a0, 6f
same:   jalr a0, 0(a0)
        j fail
6:      la a2, same + 4
        sub a0, a0, a2
        check a0, 0
        la a0, 7f
        li a1, 77
odd:    jalr a1, 2(a0)
        check a1, 77
        check_trap_at 0, 7f + 2, odd
odder:  jalr a1, 3(a0)
        check_trap_at 0, 7f + 2, odder
7:      la s7, 8f
        li a0, 0x40000
away:   jalr a0, 8(a0)
8:      la a2, away + 4
        sub a0, a0, a2
        check a0, 0
        check_trap 1, 0x40008, 0x40008
        finish
