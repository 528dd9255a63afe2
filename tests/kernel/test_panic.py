"""A kernel that meets its own fault says what it knows and stops the machine with a failure status."""

from __future__ import annotations

import re

from assembler import assemble
from toyos import build
from toyos.boot import Computer
from vm.arch import PAGE_SIZE

LIMIT = 50_000_000  # instructions
PANIC_STATUS = 255
ILLEGAL = bytes(4)  # in every mode
ENDLESS_CALL = "1: addi sp, sp, -16; sw s0, 0(sp); j 1b\n"  # grows the stack for ever
# Mode -> registers that a panic shows.
REGISTERS = {
    "risc": ("ra", "sp", "a0", "s0", "s11", "t6", "a7"),
    "window": ("ra", "sp", "a0", "s0", "t6", "a7"),
    "cisc": ("a0", "a3", "t0", "t1", "s0", "s1", "sp", "pc", "psw"),
}


def broken(mode: str, symbol: str, code: bytes, *command: str) -> tuple[int | None, str]:
    """A kernel procedure overwritten with some code -> exit status of the machine, what it printed."""
    shown = bytearray()
    computer = Computer(command, console=shown.extend, parts=build.system(mode))
    computer.machine.write(computer.parts.symbols[symbol], code)
    stop = computer.machine.run(LIMIT)
    assert stop.reason == "halt"
    return stop.status, shown.decode().replace("\r\n", "\n")


def registers_in(shown: str) -> dict[str, int]:
    """What a panic prints -> the values of the registers by name."""
    return {name: int(value, 16) for name, value in re.findall(r"(\w+) (0x[0-9a-f]{8})", shown)}


def test_a_fault_of_the_kernel(mode: str) -> None:
    status, shown = broken(mode, "sys_getdents64", ILLEGAL, "ls")
    parts = build.system(mode)
    lines = shown.splitlines()
    assert status == PANIC_STATUS
    assert lines[lines.index("panic: the kernel has faulted") + 1] == "cause 2: illegal instruction"
    assert f"pc      {parts.symbols['sys_getdents64']:#010x} (sys_getdents64+0x0)" in lines
    assert re.search(r"0x[0-9a-f]{8} \(system_call\+0x[0-9a-f]+\)$", shown, re.MULTILINE)  # who has called it
    assert re.search(r"^current process: pid \d+ \(\w+\)$", shown, re.MULTILINE)
    registers = registers_in(shown)
    assert registers.keys() >= set(REGISTERS[mode])
    assert parts.symbols["kernel_stack_guard"] < registers["sp"] < parts.symbols["kernel_stack_top"]
    assert "a7" not in registers or registers["a7"] == 61  # getdents64


def test_an_overflow_of_the_kernel_stack(mode: str) -> None:
    status, shown = broken(mode, "sys_getdents64", assemble(ENDLESS_CALL, mode=mode).text, "ls")
    assert status == PANIC_STATUS
    assert "cause 15: page fault, write" in shown
    guard = build.system(mode).symbols["kernel_stack_guard"]
    assert guard <= registers_in(shown)["sp"] < guard + PAGE_SIZE
