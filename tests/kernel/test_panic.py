"""A kernel that meets its own fault says what it knows and stops the machine with a failure status."""

from __future__ import annotations

import re

from assembler import assemble
from toyos import build
from toyos.boot import Computer

LIMIT = 50_000_000  # instructions
PANIC_STATUS = 255
ILLEGAL = bytes(4)  # an instruction of zeros
ENDLESS_CALL = assemble("1: addi sp, sp, -16; sw ra, 0(sp); j 1b\n").text  # grows the stack for ever


def broken(symbol: str, code: bytes, *command: str) -> tuple[int | None, str]:
    """A kernel procedure overwritten with some code -> exit status of the machine, what it printed."""
    shown = bytearray()
    computer = Computer(command, console=shown.extend)
    computer.machine.write(computer.parts.symbols[symbol], code)
    stop = computer.machine.run(LIMIT)
    assert stop.reason == "halt"
    return stop.status, shown.decode().replace("\r\n", "\n")


def test_a_fault_of_the_kernel() -> None:
    status, shown = broken("sys_getdents64", ILLEGAL, "ls")
    parts = build.system()
    lines = shown.splitlines()
    assert status == PANIC_STATUS
    assert lines[lines.index("panic: the kernel has faulted") + 1] == "cause 2: illegal instruction"
    assert f"pc      {parts.symbols['sys_getdents64']:#010x} (sys_getdents64+0x0)" in lines
    assert re.search(r"^return  0x[0-9a-f]{8} \(system_call\+0x[0-9a-f]+\)$", shown, re.MULTILINE)
    assert re.search(r"^current process: pid \d+ \(\w+\)$", shown, re.MULTILINE)
    registers = dict(re.findall(r"(\w+) (0x[0-9a-f]{8})", shown))
    assert {"ra", "sp", "a0", "a7", "s0", "s11", "t6"} <= registers.keys()
    assert int(registers["a7"], 16) == 61  # getdents64


def test_an_overflow_of_the_kernel_stack() -> None:
    status, shown = broken("sys_getdents64", ENDLESS_CALL, "ls")
    assert status == PANIC_STATUS
    assert "cause 15: page fault, write" in shown
