"""Device registers as a guest sees them, here and on QEMU's board: the same accesses must give the same values.

One guest program carries a table of accesses (operation, size, address, value), makes them one after the other in
M-mode with a trap handler armed, notes each result, and prints all of them at the end. Left out is what differs on
purpose (tests/devices says why): the passing of time, and the PLIC's claims behind a threshold.
"""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.images import guest_elf
from vm import Machine

QEMU = "qemu-system-riscv32"
pytestmark = pytest.mark.skipif(
    not shutil.which(QEMU), reason="QEMU (Debian package qemu-system-misc) is not installed"
)

READ, WRITE = 0, 1
Access = tuple[int, int, int, int]  # operation, size in bytes, address, value
FAULT = "deadfa17"

PROGRAM = """
    .equ UART, 0x10000000
    .globl _start
_start:
    la t0, fault
    csrw mtvec, t0
    la s0, table
    la s1, results
next:
    lw t0, 0(s0)            # operation
    bltz t0, print
    lw t1, 4(s0)            # size
    lw a0, 8(s0)            # address
    lw a1, 12(s0)           # value
    li a2, 0
    addi s0, s0, 16
    bnez t0, write
    li t0, 2
    blt t1, t0, read_byte
    beq t1, t0, read_half
    lw a2, 0(a0)
    j note
read_half:
    lhu a2, 0(a0)
    j note
read_byte:
    lbu a2, 0(a0)
    j note
write:
    li t0, 2
    blt t1, t0, write_byte
    beq t1, t0, write_half
    sw a1, 0(a0)
    j note
write_half:
    sh a1, 0(a0)
    j note
write_byte:
    sb a1, 0(a0)
note:
    csrr a3, mip
    sw a2, 0(s1)
    sw a3, 4(s1)
    addi s1, s1, 8
    j next

    .balign 4
fault:
    li a2, 0x{fault}
    la t0, note
    csrw mepc, t0
    mret

print:                      # the port as it was at reset, then every word in hexadecimal
    li a0, UART
    sb zero, 3(a0)
    sb zero, 4(a0)
    sb zero, 1(a0)
    la s0, results
line:
    bgeu s0, s1, done
    lw a1, 0(s0)
    addi s0, s0, 4
    li a2, 28
digit:
    srl t0, a1, a2
    andi t0, t0, 15
    la t1, digits
    add t1, t1, t0
    lbu t0, 0(t1)
    sb t0, 0(a0)
    addi a2, a2, -4
    bgez a2, digit
    li t0, 10
    sb t0, 0(a0)
    j line
done:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b
digits:
    .ascii "0123456789abcdef"
    .data
    .balign 4
table:
{table}
    .word -1
    .bss
    .balign 4
results:
    .zero {space}
"""


def results(words: list[str]) -> list[tuple[str, str]]:
    """Printed words -> (value read or FAULT, mip afterwards) of each access."""
    return list(zip(words[::2], words[1::2], strict=True))


def both(accesses: list[Access], folder: Path) -> None:
    """Makes the accesses on both boards and compares, naming the first that differs."""
    elf = making(accesses)
    expected = on_qemu(elf, len(accesses), folder)
    for executor in ("native", "reference"):
        for access, mine, other in zip(accesses, on_ours(elf, len(accesses), executor), expected, strict=True):
            compare(access, mine, other, executor)


def making(accesses: list[Access]) -> bytes:
    """-> the guest that makes these accesses."""
    table = "\n".join(f"    .word {op}, {size}, {address:#x}, {value:#x}" for op, size, address, value in accesses)
    return guest_elf(PROGRAM.format(table=table, fault=FAULT, space=8 * len(accesses)))


def on_qemu(elf: bytes, count: int, folder: Path) -> list[tuple[str, str]]:
    """-> the results of the guest's accesses, so many, on QEMU's board."""
    path = folder / "guest.elf"
    path.write_bytes(elf)
    theirs = subprocess.run(
        [QEMU, "-M", "virt", "-m", "64M", "-nographic", "-bios", "none", "-kernel", str(path)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True,
    ).stdout.decode("latin-1").split()  # fmt: skip
    return results(theirs[-2 * count :])  # what was sent before them is no result


def on_ours(elf: bytes, count: int, executor: str) -> list[tuple[str, str]]:
    """-> the same on this board."""
    printed = bytearray()
    machine = Machine(console=printed.extend, executor=executor)
    machine.load(elf)
    assert machine.run(10_000_000).reason == "halt"
    return results(printed.decode("latin-1").split()[-2 * count :])


def compare(access: Access, mine: tuple[str, str], other: tuple[str, str], executor: str) -> None:
    """Asserts that one access had the same result here and on QEMU, what differs on purpose left aside."""
    op, size, address, value = access
    what = f"{'read' if op == READ else f'write {value:#x} to'} {size} bytes at {address:#x} ({executor})"
    if op == WRITE and PLIC + 0x2000 <= address < PLIC + 0x20_0000:
        mine, other = ("", mine[0]), ("", other[0])  # QEMU notices a change of enables only at the PLIC's next event
    if address == UART + 6:
        mine, other = (mine[0][:-1], ""), (other[0][:-1], "")  # and no change of modem lines in loop-back mode
    assert mine == other, f"{what}: (value, mip) is {mine} here, {other} on QEMU"


def read(address: int, size: int = 4) -> Access:
    return (READ, size, address, 0)


def write(address: int, value: int, size: int = 4) -> Access:
    return (WRITE, size, address, value)


UART, VIRTIO, CLINT, PLIC, FINISHER = 0x1000_0000, 0x1000_1000, 0x0200_0000, 0x0C00_0000, 0x0010_0000


def test_registers_after_reset(tmp_path: Path) -> None:
    accesses = [read(UART + offset, 1) for offset in range(8)]
    accesses += [read(CLINT), read(CLINT + 4)]
    accesses += [read(PLIC + 4 * source) for source in range(12)]
    accesses += [read(PLIC + offset) for offset in (0x1000, 0x1004, 0x2000, 0x2080, 0x20_0000, 0x20_0004, 0x20_1000)]
    accesses += [read(FINISHER)]
    both(accesses, tmp_path)


def test_places_and_sizes_that_do_not_exist_fault(tmp_path: Path) -> None:
    accesses = [
        read(0), read(0x1800_0000), write(0x1800_0000, 1), read(UART + 8, 1), write(UART + 8, 1, 1), read(PLIC, 1),
        read(PLIC, 2), write(PLIC + 4, 1, 2), read(CLINT, 1), read(CLINT, 2), write(CLINT + 0x4000, 0, 2),
        read(UART + 5, 1), read(UART + 4, 2), read(UART + 4, 4), write(FINISHER, 0, 2), write(FINISHER, 0, 1),
        read(FINISHER, 1), read(FINISHER, 2),
    ]  # fmt: skip
    both(accesses, tmp_path)


def test_an_empty_virtio_slot(tmp_path: Path) -> None:
    """All that there is of it, as bytes, halves and words; QEMU answers in the first 512 bytes of a slot."""
    accesses = [write(VIRTIO + offset, 0xFFFF_FFFF) for offset in range(0, 0x120, 4)]
    accesses += [read(VIRTIO + offset) for offset in range(0, 0x120, 4)]
    accesses += [read(VIRTIO + offset, size) for offset in (0, 4, 8, 0x70, 0x100) for size in (1, 2)]
    for offset in (0x1FC, 0x200, 0xFFC, 0x7000, 0x7200, 0x8000):
        accesses += [read(VIRTIO + offset), write(VIRTIO + offset, 1)]
    both(accesses, tmp_path)


def test_clint_bits(tmp_path: Path) -> None:
    accesses = [write(CLINT, 0xFFFF_FFFF), read(CLINT), write(CLINT, 0), read(CLINT)]
    accesses += [
        write(CLINT + 0x4004, 0xFFFF_FFFF),
        write(CLINT + 0x4000, 5),
        read(CLINT + 0x4000),
        read(CLINT + 0x4004),
    ]
    accesses += [write(CLINT + 0x4004, 0), write(CLINT + 0x4000, 0), write(CLINT + 0x4004, 0x7FFF_FFFF)]
    both(accesses, tmp_path)


def uart_steps() -> list[Access]:
    """The transmit interrupt, loop-back and modem lines, FIFO control, divisor, scratch."""

    def put(register: int, value: int) -> Access:
        return write(UART + register, value, 1)

    def get(register: int) -> Access:
        return read(UART + register, 1)

    route = [write(PLIC + 40, 3), write(PLIC + 0x2000, 1 << 10), write(PLIC + 0x2080, 1 << 10)]
    transmit = [put(1, 2), get(2), get(2), put(1, 0), put(1, 2), get(2), put(0, 10), get(2), get(2), put(1, 0)]
    divisor = [
        put(3, 0x83),
        put(0, 0x34),
        put(1, 0x12),
        get(0),
        get(1),
        put(3, 3),
        get(1),
        get(3),
        put(7, 0xA5),
        get(7),
    ]
    modem = [put(4, 0x1F), get(4), get(6), put(4, 0x10), get(6), put(4, 0x12), get(6), put(4, 0x08), get(6)]
    enables = [put(1, 0xFF), get(1), put(1, 0), get(1)]
    fifo = [put(2, 0x01), get(2), put(2, 0xC7), get(2), put(2, 0), get(2)]
    loop = [
        put(4, 0x10),
        put(0, 0x55),
        get(5),
        get(0),
        get(5),
        put(1, 1),
        put(0, 0x66),
        get(2),
        get(0),
        get(2),
        put(1, 0),
    ]
    return [*route, *transmit, *divisor, *modem, *enables, *fifo, *loop]


def test_uart_sequences(tmp_path: Path) -> None:
    both(uart_steps(), tmp_path)


def test_plic_registers_under_random_writes(tmp_path: Path) -> None:
    dice = random.Random(1)
    offsets = [4 * source for source in range(1, 64)] + [
        0x2000,
        0x2004,
        0x2080,
        0x2084,
        0x20_0000,
        0x20_1000,
        0x1000,
        0x1004,
    ]
    accesses: list[Access] = []
    for _ in range(400):
        offset, value = dice.choice(offsets), dice.choice([dice.getrandbits(3), dice.getrandbits(32)])
        if offset in (0x2000, 0x2080):
            value &= ~1  # source 0 does not exist; QEMU keeps its bit all the same
        accesses += [write(PLIC + offset, value), read(PLIC + offset)]
    both(accesses, tmp_path)


def test_uart_interrupt_through_the_plic(tmp_path: Path) -> None:
    raise_line, lower_line = write(UART + 1, 2, 1), write(UART + 1, 0, 1)
    claims, priority = (PLIC + 0x20_0004, PLIC + 0x20_1004), PLIC + 40
    accesses = [write(priority, 1), write(PLIC + 0x2000, 1 << 10), raise_line, read(PLIC + 0x1000), read(claims[0])]
    accesses += [read(PLIC + 0x1000), read(claims[0]), read(UART + 2, 1), write(claims[0], 10), read(claims[0])]
    accesses += [lower_line, write(PLIC + 0x2080, 1 << 10), raise_line, read(claims[1]), read(claims[0]), lower_line]
    accesses += [write(claims[1], 10), write(PLIC + 0x20_1000, 1), raise_line, write(PLIC + 0x20_1000, 0)]
    accesses += [write(priority, 0), read(PLIC + 0x1000), write(PLIC + 0x2000, 0), write(priority, 7), lower_line]
    both(accesses, tmp_path)


def test_uart_under_random_accesses(tmp_path: Path) -> None:
    """In loop-back mode, so that nothing is sent; without the modem interrupt, which QEMU never raises there, and with
    the FIFO's trigger at one byte, because QEMU's character timeout needs real time."""
    dice = random.Random(2)
    accesses: list[Access] = [write(UART + 4, 0x10, 1)]
    meant = {0: 0xFF, 1: 0x07, 2: 0x07, 3: 0xFF, 5: 0xFF, 7: 0xFF}  # register -> bits to write
    for _ in range(800):
        register = dice.choice(list(meant))
        if dice.random() < 0.5:
            accesses.append(read(UART + register, 1))
        else:
            accesses.append(write(UART + register, dice.getrandbits(8) & meant[register], 1))
    both(accesses, tmp_path)
