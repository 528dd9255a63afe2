"""Memory -> instructions as text, with the names that the process and the kernel have for addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from assembler.disassemble import READERS, RiscReader
from vm.flow import code_at, decoded_at
from vm.machine import Machine


class Instruction(NamedTuple):
    """text: "addi\\ta0,a1,4", "" where there is no memory; length: bytes, 0 there."""

    address: int
    content: bytes
    text: str
    length: int

    def line(self, name: str, here: bool = False) -> str:
        """-> "=> 0x10094 <main+0x4>:  addi a0,a1,4"."""
        mark = "=>" if here else "  "
        label = f"{self.address:#010x} <{name}>:" if name else f"{self.address:#010x}:"
        return f"{mark} {label:32} {self.text.replace(chr(9), ' ') or 'no memory there'}".rstrip()


class _Names:
    """What the disassembler asks for the target of a branch."""

    def __init__(self, name: Callable[[int], str]) -> None:
        self._name = name

    def text(self, address: int) -> str:
        name = self._name(address)
        return f"{address:#x} <{name}>" if name else f"{address:#x}"


def instruction_at(machine: Machine, address: int, name: Callable[[int], str]) -> Instruction:
    """Virtual address, and address -> name -> the instruction there."""
    content = code_at(machine, address)
    if not content:
        return Instruction(address, b"", "", 0)
    length = decoded_at(machine, address).length
    reader = READERS.get(machine.mode, RiscReader)(machine.mode, True, _Names(name), machine.isa)  # type: ignore[arg-type]
    text, length = reader.read(memoryview(content), 0, address)
    return Instruction(address, content[:length], text, length)


def instructions_from(machine: Machine, address: int, count: int, name: Callable[[int], str]) -> list[Instruction]:
    """Virtual address -> so many instructions from there; fewer where memory ends."""
    found: list[Instruction] = []
    while len(found) < count:
        found.append(instruction_at(machine, address, name))
        if not found[-1].length:
            break
        address += found[-1].length
    return found
