"""The kernel on machines of every size: from hardly enough RAM to more than it maps, all pages are given back."""

from __future__ import annotations

import pytest

from tests.kernel.guest import LIMIT
from toyos import build
from toyos.boot import Computer
from vm.loader import LoadError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
PAGE = 4096
MAPPED = GIB  # bytes of RAM that the kernel uses at most (toyos/kernel/memlayout.inc: RAM_SIZE_MAX)
PANIC_STATUS, ENOMEM = 255, 12


def run(ram: int, *words: str, mode: str = "risc") -> tuple[Computer, int | None, str]:
    """Bytes of RAM and a command -> the machine after its end, exit status, output."""
    output = bytearray()
    computer = Computer(words, ram=ram, console=output.extend, parts=build.system(mode))
    stop = computer.run(max_instructions=LIMIT)
    assert stop.reason == "halt", output.decode()
    return computer, stop.status, output.decode()


def word(computer: Computer, symbol: str) -> int:
    """Name of a variable of the kernel -> its value."""
    return int.from_bytes(computer.machine.read(computer.parts.symbols[symbol], 4), "little")


@pytest.mark.parametrize("ram", [MIB, 5 * MIB, 64 * MIB, GIB, 2 * GIB], ids=lambda ram: f"{ram // MIB}M")
def test_programs_run_and_give_everything_back(ram: int, mode: str) -> None:
    computer, status, output = run(ram, "sh", "-c", "echo one; ls /bin; false || echo two", mode=mode)
    assert status == 0 and "panic" not in output, output
    assert output.startswith("one\n") and output.endswith("two\n")
    assert computer.counter("KS_TOTAL") == min(ram, MAPPED) // PAGE
    assert 0 < computer.counter("KS_FREE_BOOT") < computer.counter("KS_TOTAL")
    assert computer.counter("KS_FREE") == computer.counter("KS_FREE_BOOT")


def test_all_ram_but_kernel_archive_and_table_is_free() -> None:
    """What is missing at boot: the kernel, one word a frame of reference counts, the archive, the device tree."""
    computer, _, _ = run(64 * MIB, "true")
    kernel = computer.parts.symbols["_end"] - build.KERNEL_ADDRESS
    start, end = (word(computer, f"boot_initrd_{edge}") for edge in ("start", "end"))
    archive = end - start
    table = computer.counter("KS_TOTAL") * 4
    missing = (computer.counter("KS_TOTAL") - computer.counter("KS_FREE_BOOT")) * PAGE
    slack = 16 * PAGE  # rounding to pages, the device tree, the inodes of the archive
    assert kernel + archive + table <= missing <= kernel + archive + table + slack


def test_too_little_ram_for_init_is_a_panic_with_its_reason() -> None:
    """From hardly enough for the archive upwards: panics that give their reason, then sizes at which a program runs."""
    seen = []
    for ram in range(256 * KIB, MIB, 16 * KIB):
        try:
            _, status, output = run(ram, "true")
        except LoadError:  # no room for the archive beside the kernel
            continue
        assert status != PANIC_STATUS or "panic: " in output
        seen.append(output if status == PANIC_STATUS else status)
    assert any(f"/bin/init: error {ENOMEM}" in output for output in seen if isinstance(output, str))
    assert seen[-1] == 0
