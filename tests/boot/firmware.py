"""Firmware and a kernel for it, in assembly: what was found in a0 to a2 is printed word by word, here and on QEMU."""

from assembler import assemble, link
from tests.images import make_elf
from vm.arch import RAM_BASE

KERNEL_AT = RAM_BASE + (4 << 20)
SEND = """
# a0: a word -> sent as eight hexadecimal digits and a blank. Changes a0, t0 to t3.
send:
    li t0, 0x10000000
    li t1, 32
1:  addi t1, t1, -4
    srl t2, a0, t1
    andi t2, t2, 15
    addi t2, t2, '0'
    li t3, '9'
    ble t2, t3, 2f
    addi t2, t2, 'a' - '0' - 10
2:  sb t2, 0(t0)
    bnez t1, 1b
    li t2, ' '
    sb t2, 0(t0)
    ret
"""
# Prints a0, the first word at a1, the six words at a2 (the address in the third as it is), and enters the kernel.
FIRMWARE = f"""
    .globl _start
_start:
    mv s0, a0
    mv s1, a1
    mv s2, a2
    call send
    lw a0, 0(s1)
    call send
    li s3, 0
1:  slli t0, s3, 2
    add t0, t0, s2
    lw a0, 0(t0)
    call send
    addi s3, s3, 1
    li t0, 6
    blt s3, t0, 1b
    andi a0, s1, 7
    call send                   # the tree is aligned
    li t0, -1
    csrw pmpaddr0, t0           # QEMU lets S-mode reach nothing by itself
    li t0, 31
    csrw pmpcfg0, t0
    li t0, 0x1800
    csrc mstatus, t0
    lw t1, 12(s2)
    slli t1, t1, 11
    csrs mstatus, t1
    lw t0, 8(s2)
    csrw mepc, t0
    mv a0, s0
    mv a1, s1
    mret
{SEND}
"""
# Shows that it runs in S-mode: sstatus can be read, and a read of mstatus traps there.
KERNEL = f"""
    .globl _start
_start:
    csrr t0, sstatus
    la t0, 1f
    csrw stvec, t0
    lw a0, 0(a1)
    call send
    li a0, 0x600d
    call send
    li t0, 0x100000
    li t1, {{word:#x}}
    sw t1, 0(t0)
    .balign 4
1:  j 1b
{SEND}
"""
POWER_OFF = 0x5555


def firmware() -> bytes:
    """-> raw firmware."""
    return link([assemble(FIRMWARE, mode="risc", filename="firmware.s")], text=RAM_BASE, entry="_start").text


def kernel(word: int = POWER_OFF) -> bytes:
    """What it tells the test finisher in the end -> a raw kernel, which runs anywhere."""
    text = KERNEL.format(word=word)
    return link([assemble(text, mode="risc", filename="kernel.s")], text=KERNEL_AT, entry="_start").text


def kernel_elf(entry: int = KERNEL_AT) -> bytes:
    """-> the same as an ELF."""
    code = kernel()
    return make_elf((KERNEL_AT, KERNEL_AT, code, len(code)), entry=entry)
