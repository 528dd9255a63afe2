"""Numbers that the kernel's assembly and the machine's Python both need -> equal on both sides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import toyos
from vm import arch, state

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


STARTING = (
    ("start.s", "MSTATUS_MPP_S", arch.PRIV_S << arch.MSTATUS_MPP_SHIFT),
    ("start.s", "MENVCFGH_STCE", arch.MENVCFGH_STCE),
    ("start.s", "SIE_TIMER", arch.MIP_STIP),
    ("start.s", "SIE_EXTERNAL", arch.MIP_SEIP),
    ("idle.s", "SIP_TIMER", arch.MIP_STIP),
    ("mmu.s", "SATP_SV32", arch.SATP_MODE),
)


@pytest.mark.parametrize("mode", ["risc", "cisc"])
@pytest.mark.parametrize(("source", "name", "expected"), STARTING)
def test_numbers_of_a_processor(mode: str, source: str, name: str, expected: int) -> None:
    assert constants(f"arch/{mode}/{source}")[name] == expected


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("board.s", "FINISHER_PASS", arch.FINISHER_PASS),
        ("board.s", "FINISHER_FAIL", arch.FINISHER_FAIL),
        ("memlayout.inc", "KERNEL_BASE", arch.RAM_BASE),
        ("memlayout.inc", "PAGE_SIZE", arch.PAGE_SIZE),
        ("../include/time.inc", "TIMEBASE", arch.TIMEBASE_HZ),
        ("cause.inc", "CAUSE_SYSTEM_CALL", arch.CAUSE_ECALL_U),
        ("cause.inc", "CAUSE_FETCH_PAGE_FAULT", arch.CAUSE_FETCH_PAGE_FAULT),
        ("cause.inc", "CAUSE_LOAD_PAGE_FAULT", arch.CAUSE_LOAD_PAGE_FAULT),
        ("cause.inc", "CAUSE_STORE_PAGE_FAULT", arch.CAUSE_STORE_PAGE_FAULT),
        ("cause.inc", "CAUSE_DOUBLE_TRAP", arch.CAUSE_DOUBLE_TRAP),
        ("cause.inc", "CAUSE_TIMER", arch.INTERRUPT_FLAG | arch.IRQ_STI),
        ("cause.inc", "CAUSE_EXTERNAL", arch.INTERRUPT_FLAG | arch.IRQ_SEI),
        ("arch/window/window.inc", "CAUSE_OVERFLOW", arch.CAUSE_WINDOW_OVERFLOW),
        ("arch/window/window.inc", "CAUSE_UNDERFLOW", arch.CAUSE_WINDOW_UNDERFLOW),
        ("arch/window/window_trap.s", "CAUSE_MISALIGNED_JUMP", arch.CAUSE_MISALIGNED_FETCH),
        ("arch/window/window.inc", "SSTATUS_SPP", arch.MSTATUS_SPP),
        ("arch/window/window.inc", "SSTATUS_SUM", arch.MSTATUS_SUM),
        ("arch/window/window.inc", "WINDOW_BYTES", 4 * state.WINDOW_WORDS),
        ("../include/arch/window/common.inc", "WINDOW_SPILL", 4 * state.WINDOW_WORDS),
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
