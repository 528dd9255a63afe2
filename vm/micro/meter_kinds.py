"""What the accounting build must know of an instruction: a word, which `metering.started` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vm.isa import cisc
from vm.micro.decoder import ILLEGAL
from vm.micro.meter_layout import CLASSES

if TYPE_CHECKING:
    from vm.micro.target import Target

UNDEFINED_COST = "system"  # of what is no instruction, and traps
OPCODES = 256
CLASS_MASK, _LENGTH_SHIFT, _LENGTH_MASK = 0xFF, 8, 0xFF
READS_RS1, READS_RS2, LOADS, FENCES = (1 << bit for bit in (16, 17, 18, 19))


def kind(cost: str, length: int, *flags: int) -> int:
    """Cost class, bytes, what it does with registers and translations -> the word that `started` reads."""
    return CLASSES.index(cost) | length << _LENGTH_SHIFT | sum(flags)


def instruction_kinds(target: Target) -> dict[str, int]:
    """Target whose rows are its micro-ops -> the kind of every micro-op, by name."""
    length = target.layout.longest
    found = {ILLEGAL: kind(UNDEFINED_COST, length)}
    for row in target.rows:
        flags = [READS_RS1] * row.reads_rs1 + [READS_RS2] * row.reads_rs2
        flags += [LOADS] * (row.cost == "load") + [FENCES] * (row.micro == "sfence_vma")
        found[row.micro] = kind(row.cost, length, *flags)
    return found


def opcode_kinds() -> list[int]:
    """-> the kind of every opcode of cisc mode, without the length, which differs."""
    found = [kind(UNDEFINED_COST, 0)] * OPCODES
    for row in cisc.ROWS:
        found[row.opcode] = kind(row.cost, 0, *[FENCES] * (row.micro == "sfence_vma"))
    return found


def with_length(info, length):
    """Kind without a length, bytes -> kind."""
    return info | length << _LENGTH_SHIFT


def length_of(info):
    """Kind -> bytes."""
    return (info >> _LENGTH_SHIFT) & _LENGTH_MASK
