"""Programs in cisc mode's own assembly, for tests that look at moments: interrupts, ends of budgets, devices."""

from __future__ import annotations

from functools import cache

from assembler import assemble, link
from vm.aout import OMAGIC, write
from vm.arch import RAM_BASE
from vm.machine import Machine
from vm.micro.core import NEVER

RAM = 1 << 18


@cache
def image(text: str) -> bytes:
    """Source -> an executable that loads at the start of RAM."""
    made = link([assemble(text, mode="cisc")], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC)
    return write(made)


def board(executor: str, text: str) -> Machine:
    """-> a machine of cisc mode with the program loaded, and a timer that never comes."""
    machine = Machine("cisc", ram=RAM, executor=executor)
    machine.load(image(text))
    machine.clint.mtimecmp = NEVER
    return machine


# From machine mode down to the user's program; every software interrupt is counted, by machine
# mode at COUNTS and by the supervisor behind it, and returned from.
SYSTEM = """
        .equ USER_STACK, 0x80020000
        .equ S_STACK, 0x80021000
        .equ M_STACK, 0x80022000
        .equ COUNTS, 0x80022000
start:  movl $M_STACK, sp
        csrw msp, $M_STACK
        csrw ksp, $S_STACK
        csrw mtvec, $machine_table
        csrw stvec, $supervisor_table
        csrw medeleg, $0xB3FF
        csrw mie, $0x82
        csrw msp, sp
        pushl $0
        pushl $user
        csrw msp, $USER_STACK
        rei

        .balign 4
machine_table:
        .rept 64
        .long machine_handler
        .endr
supervisor_table:
        .rept 64
        .long supervisor_handler
        .endr

machine_handler:
        incl COUNTS
        csrc mip, $2
        csrc mie, $0x80
        rei
supervisor_handler:
        incl COUNTS+4
        csrc sip, $2
        rei
"""

# Instructions of every kind, with results in registers and in memory; it ends in an endless loop.
BUSY = (
    SYSTEM
    + """
        .globl done
user:   movl $3, s0
1:      movl $table, a1
        clrl a3
        movl $5, t0
2:      addl2 (a1)+, a3
        addl3 -4(a1), table[t0], 64(a1)
        sob t0, 2b
        pushl a3
        bsr leaf
        calls $0xFF, procedure
        movl $13, a2
        movl $target, a0
        movl $table+1, a1
        movc
        movl $target, a0
        movl $table+1, a1
        movl $14, a2
        cmpc
        pushl a3
        movl $target+2, a0
        movl s0, a1
        movl $11, a2
        filc
        insque one, head
        insque two, head
        remque one
        pushr a0-t1
        addb3 target[s0], table+3, a1
        divh3 a1, $-7, 8(sp)
        popr a0-t1
        movl $2, t1
        clrl t0
3:      incb counter[t0]
        aob t1, t0, 3b
        popl table+20
        popl table+24
        sob s0, 1b
        br crossing
        .org 0xffd
crossing:
        addl3 $0x12345678, table[t0], 8(sp)
        movl 8(sp), a0
done:   br done

leaf:   xorl2 $0x55, 4(sp)
        mcoml 4(sp), -(sp)
        popl a0
        rsb
procedure:
        movl sp, s1
        clrl a0
        mnegl $9, s0
        rets

        .balign 4
table:  .long 11, 22, 33, 44, 55, 66, 77
target: .space 96
counter: .space 8
head:   .long head, head
one:    .space 8
two:    .space 8
"""
)
