"""Instruction bytes <-> (row, operands), for every mode. The only place that knows how long an instruction is.

The RISC modes are done here, from tables of Row. For cisc mode decode_at() asks cisc_codec.py, loaded when it is
wanted; its rows are in vm/isa/cisc.py and its encoder in cisc_codec.py. For instruction sets with 16-bit instructions
it asks rv32c.py in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from vm.isa import dump, rv32a, rv32i, rv32m, system, windows
from vm.isa.row import Row
from vm.isa.sets import DEFAULT_ISA, ISAS

_COMMON = rv32i.ROWS + rv32m.ROWS + rv32a.ROWS + system.ROWS
_ROWS: dict[str, tuple[Row, ...]] = {"risc": _COMMON + dump.ROWS, "window": _COMMON + windows.ROWS + dump.ROWS}
CISC = "cisc"
MODES: tuple[str, ...] = (*_ROWS, CISC)


class EncodingError(ValueError):
    """An operand that its field cannot hold. `operand` is its name in the row's syntax, the text is a sentence."""

    def __init__(self, operand: str, sentence: str) -> None:
        super().__init__(sentence)
        self.operand = operand


class Decoded(NamedTuple):
    """row None: the bytes are no instruction of the mode (or end too early); length says how many to pass over."""

    row: Any  # a Row, in cisc mode one of vm/isa/cisc.py; for 16-bit instructions one of vm/isa/rv32c.py
    operands: Mapping[str, Any]  # numbers, in cisc mode also Specifier objects
    length: int


def rows(mode: str = "risc") -> tuple[Row, ...]:
    """RISC mode -> all its rows. ValueError for any other mode."""
    try:
        return _ROWS[mode]
    except KeyError:
        raise ValueError(f"there is no instruction set for mode '{mode}'; expected one of {', '.join(_ROWS)}") from None


@cache
def by_name(mode: str = "risc") -> Mapping[str, Row]:
    """Mode -> its rows by mnemonic."""
    return {row.name: row for row in rows(mode)}


@cache
def _buckets(mode: str) -> tuple[tuple[Row, ...], ...]:
    """Rows by major opcode (bits 6..2) and funct3 (bits 14..12): at most a dozen candidates remain for a word."""
    table: list[list[Row]] = [[] for _ in range(256)]
    for row in rows(mode):
        for key in range(256):
            bits = (key >> 3) << 2 | 3 | (key & 7) << 12
            known = row.mask & 0x707F
            if bits & known == row.match & known:
                table[key].append(row)
    return tuple(tuple(bucket) for bucket in table)


def decode(word: int, mode: str = "risc") -> Row | None:
    """32-bit instruction word -> its row, or None when it is illegal."""
    if word & 3 != 3:
        return None
    for row in _buckets(mode)[(word >> 2 & 31) << 3 | word >> 12 & 7]:
        if word & row.mask == row.match:
            return row
    return None


def decode_at(
    buffer: bytes | bytearray | memoryview, offset: int = 0, mode: str = "risc", isa: str = DEFAULT_ISA
) -> Decoded:
    """Bytes and an offset into them, mode and instruction set -> the instruction that begins there."""
    if mode == CISC:
        from vm.isa import cisc_codec

        return cisc_codec.decode_at(buffer, offset)
    left = len(buffer) - offset
    if isa != DEFAULT_ISA and ISAS[isa].compressed and left >= 2 and buffer[offset] & 3 != 3:
        from vm.isa import rv32c

        return rv32c.decoded(int.from_bytes(buffer[offset : offset + 2], "little"))
    word = int.from_bytes(buffer[offset : offset + 4], "little")
    row = decode(word, mode) if left >= 4 else None
    if row is None:
        # The low two bits of the first halfword tell 16-bit from 32-bit encodings (Volume I, section 1.5).
        return Decoded(None, {}, min(4 if word & 3 == 3 else 2, left))
    return Decoded(row, {name: field.get(word) for name, field in row.operands.items()}, 4)


def length(row: Row, mode: str = "risc") -> int:
    """Row -> bytes of the shortest instruction it encodes."""
    rows(mode)
    return 4


def encode(row: Row, **values: int) -> int:
    """Row and operands by name (rd=10, imm=-4; left out = 0) -> instruction word.

    EncodingError: a value that does not fit its field. KeyError: a name that the row does not have.
    """
    word = row.match
    for name, value in values.items():
        field = row.operands[name]
        if not field.fits(value):
            low, high = field.range
            step = f" in steps of {1 << field.shift}" if field.shift else ""
            raise EncodingError(name, f"{name} of {row.name} is {value}, expected {low} to {high}{step}")
        word = field.set(word, value)
    return word
