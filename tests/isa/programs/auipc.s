# auipc: its own address plus the upper twenty bits, modulo 2**32
        .include "check.inc"
        start
here:   auipc a0, 0
        la a1, here
        sub a2, a0, a1
        check a2, 0
there:  auipc a0, 0x12345
        la a1, there
        sub a2, a0, a1
        check a2, 0x12345000
last:   auipc a0, 0xfffff
        la a1, last
        sub a2, a0, a1
        check a2, 0xfffff000
        auipc zero, 1
        check zero, 0
        # The last instruction of one page and the first of the next.
        j edge
        .balign 4096
        .space 4092
edge:   auipc a0, 0
        auipc a1, 0
        sub a2, a1, a0
        check a2, 4
        la a1, edge
        sub a2, a0, a1
        check a2, 0
        finish
