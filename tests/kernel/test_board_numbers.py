"""Numbers that the kernel's assembly and the machine's Python both need -> equal on both sides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import toyos
from vm import arch

KERNEL = Path(toyos.__file__).parent / "kernel"
_EQU = re.compile(r"^\.equ\s+(\w+)\s*,\s*(0x[0-9a-fA-F]+|\d+)\b", re.MULTILINE)


def constants(name: str) -> dict[str, int]:
    """Name of a kernel source -> its plain `.equ` constants."""
    return {key: int(value, 0) for key, value in _EQU.findall((KERNEL / name).read_text())}


BOARD = constants("board.inc")


def test_the_board_file_is_read() -> None:
    assert {"UART_BASE", "PLIC_BASE", "FINISHER_BASE", "UART_IRQ"} <= set(BOARD)


@pytest.mark.parametrize("name", sorted(BOARD))
def test_board_addresses(name: str) -> None:
    assert BOARD[name] == getattr(arch, name)


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("board.s", "FINISHER_PASS", arch.FINISHER_PASS),
        ("board.s", "FINISHER_FAIL", arch.FINISHER_FAIL),
        ("memlayout.inc", "KERNEL_BASE", arch.RAM_BASE),
        ("memlayout.inc", "PAGE_SIZE", arch.PAGE_SIZE),
        ("../include/time.inc", "TIMEBASE", arch.TIMEBASE_HZ),
    ],
)
def test_other_shared_numbers(source: str, name: str, expected: int) -> None:
    assert constants(source)[name] == expected


def test_defaults_without_a_device_tree() -> None:
    text = (KERNEL / "fdt.s").read_text()
    defaults = {
        key: int(value, 0)
        for key, value in re.findall(r"^(boot_\w+):\s+\.word\s+(\w+)", text, re.MULTILINE)
        if value[0].isdigit()
    }
    assert defaults["boot_ram_base"] == arch.RAM_BASE
    assert defaults["boot_ram_size"] == arch.RAM_SIZE_DEFAULT
