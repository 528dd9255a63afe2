"""Relocation: (kind, place, target) -> patched bytes. One kind = where its bits go (vm.isa.fields) and a calculation.

Source of the calculations: RISC-V ELF psABI, "Relocations", with S + A = target and P = place. The records themselves
and their numbers are in vm/aout.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vm.isa.fields import B_IMM, I_IMM, J_IMM, S_IMM, U_IMM, Field

WRAP = 1 << 32  # addresses are 32 bits wide, and differences wrap around with them

WORD = Field("word", ((0, 32, 0),))
HALF = Field("half", ((0, 16, 0),))
BYTE = Field("byte", ((0, 8, 0),))
# Distances in cisc code, from the field itself; that it counts from elsewhere is in the addend.
PC_BYTE = Field("PC_BYTE", ((0, 8, 0),), signed=True)
PC_WORD = Field("PC_WORD", ((0, 32, 0),), signed=True)


def signed(value: int) -> int:
    """Any integer -> the same 32 bits as a signed number."""
    return (value + WRAP // 2) % WRAP - WRAP // 2


def high(value: int) -> int:
    """Value -> what lui or auipc must add so that a signed 12-bit low part completes it."""
    return value + 0x800 & 0xFFFFF000


def low(value: int) -> int:
    """Value -> its low 12 bits, signed: the complement of high()."""
    return (value & 0xFFF ^ 0x800) - 0x800


@dataclass(frozen=True, slots=True)
class Rule:
    """parts: (byte offset from the place, bytes of the unit, field in it, part of the value that goes there)."""

    parts: tuple[tuple[int, int, Field, Callable[[int], int]], ...]
    relative: bool = False  # value = target - place
    combine: int = 0  # +1 or -1: the value is added to, or taken from, what the place holds
    paired: bool = False  # the target is an auipc's place; the value is that one's


def _word(part: Callable[[int], int], field: Field) -> tuple[tuple[int, int, Field, Callable[[int], int]], ...]:
    return ((0, 4, field, part),)


def _unit(field: Field, part: Callable[[int], int] = int) -> tuple[tuple[int, int, Field, Callable[[int], int]], ...]:
    return ((0, field.width // 8, field, part),)


RULES: dict[str, Rule] = {
    "ABS32": Rule(_unit(WORD)),
    "ABS16": Rule(_unit(HALF)),
    "ABS8": Rule(_unit(BYTE)),
    "BRANCH": Rule(_word(signed, B_IMM), relative=True),
    "JAL": Rule(_word(signed, J_IMM), relative=True),
    "CALL": Rule((*_word(high, U_IMM), (4, 4, I_IMM, low)), relative=True),
    "HI20": Rule(_word(high, U_IMM)),
    "LO12_I": Rule(_word(low, I_IMM)),
    "LO12_S": Rule(_word(low, S_IMM)),
    "PCREL_HI20": Rule(_word(high, U_IMM), relative=True),
    "PCREL_LO12_I": Rule(_word(low, I_IMM), paired=True),
    "PCREL_LO12_S": Rule(_word(low, S_IMM), paired=True),
    "ADD32": Rule(_unit(WORD), combine=1),
    "ADD16": Rule(_unit(HALF), combine=1),
    "ADD8": Rule(_unit(BYTE), combine=1),
    "SUB32": Rule(_unit(WORD), combine=-1),
    "SUB16": Rule(_unit(HALF), combine=-1),
    "SUB8": Rule(_unit(BYTE), combine=-1),
    "PC8": Rule(_unit(PC_BYTE, signed), relative=True),
    "PC32": Rule(_unit(PC_WORD, signed), relative=True),
}


class ReachError(ValueError):
    """The value does not fit the field; the text says what it is and what range the field has."""


def value_of(kind: str, target: int, place: int) -> int:
    """Relocation kind, S + A and P -> the value to be stored."""
    return target - place if RULES[kind].relative else target


def reaches(kind: str, value: int) -> bool:
    """Relocation kind and a value from value_of -> whether it lies in the range of the field."""
    low_end, high_end = RULES[kind].parts[0][2].range
    return low_end <= value <= high_end


def patch(content: bytearray, at: int, kind: str, value: int) -> None:
    """Stores `value` (from value_of) in the bytes at offset `at`. Raises ReachError and then changes nothing."""
    rule = RULES[kind]
    for offset, size, field, part in rule.parts:
        start = at + offset
        word = int.from_bytes(content[start : start + size], "little")
        stored = part(value)
        if rule.combine:
            stored = word + rule.combine * value & field.mask
        elif size < 4 or rule.relative:
            stored = _checked(field, stored, kind)
        else:
            stored %= WRAP
        content[start : start + size] = field.set(word, stored).to_bytes(size, "little")


def _checked(field: Field, value: int, kind: str) -> int:
    """The value, if the field can hold it (small data fields: as a signed or as an unsigned number)."""
    if field in (BYTE, HALF):
        value = signed(value)
        low_end, high_end = -(1 << field.width - 1), (1 << field.width) - 1
        if low_end <= value <= high_end:
            return value
        raise ReachError(f"{value:#x} does not fit in {field.width} bits, expected {low_end} to {high_end}")
    if field.fits(value):
        return value
    low_end, high_end = field.range
    if low_end <= value <= high_end:
        raise ReachError(f"the target is at an odd distance, {value} bytes, expected a multiple of {1 << field.shift}")
    what = {"BRANCH": "a branch", "JAL": "a jump", "PC8": "a branch"}.get(kind, kind)
    raise ReachError(f"{what} cannot go {value} bytes, expected {low_end} to {high_end}")
