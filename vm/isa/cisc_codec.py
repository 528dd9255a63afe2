"""Instruction bytes of cisc mode <-> (row, operands). Which of several fitting specifiers is taken is not decided here.

The rows are in vm/isa/cisc.py, the specifiers' layout in vm/isa/specifiers.py. A byte that begins no instruction, or a
specifier that is reserved or not allowed for its operand's access, makes the instruction illegal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from vm.isa.cisc import BY_OPCODE, ROWS, Operand, Row
from vm.isa.codec import Decoded, EncodingError
from vm.isa.specifiers import BY_NAME, INDEX_MODE, LITERAL_END, REGISTERS, Mode, mode_of

LITERAL = BY_NAME["literal"]
INDEX = BY_NAME["index"]
_MODES: tuple[Mode | None, ...] = tuple(mode_of(byte) for byte in range(256))
Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Specifier:
    """An operand. register: its number in a specifier (0 to 8), for modes that have one. value: the literal, immediate,
    displacement or address. index: number of the index register, None without."""

    mode: Mode
    register: int = 0
    value: int = 0
    index: int | None = None


class Illegal(ValueError):
    """The bytes are no instruction."""


@cache
def by_name() -> Mapping[str, Row]:
    """-> the rows by mnemonic."""
    return {row.name: row for row in ROWS}


def decode_at(buffer: Buffer, offset: int = 0) -> Decoded:
    """Bytes and an offset into them -> the instruction that begins there, its operands by name: Specifier objects, or
    numbers where the operand has no specifier. Of bytes that are no instruction one is passed over."""
    row = BY_OPCODE.get(buffer[offset]) if offset < len(buffer) else None
    if row is None:
        return Decoded(None, {}, min(1, max(len(buffer) - offset, 0)))
    at = offset + 1
    operands: dict[str, Specifier | int] = {}
    try:
        for operand in row.operands:
            if operand.access:
                operands[operand.name], at = read_specifier(buffer, at, operand.access)
            else:
                operands[operand.name], at = _number(buffer, at, operand.size, operand.width[0] == "d")
    except Illegal:
        return Decoded(None, {}, 1)
    return Decoded(row, operands, at - offset)


def read_specifier(buffer: Buffer, at: int, access: str) -> tuple[Specifier, int]:
    """Bytes, offset, access letter -> the specifier there and the offset behind it. Illegal: none, or not for this."""
    index = None
    first = _byte(buffer, at)
    mode = _MODES[first]
    if mode is INDEX:
        index = first & 15
        at += 1
        first = _byte(buffer, at)
        mode = _MODES[first]
        if mode is not None and (not mode.memory or mode is INDEX):
            raise Illegal
    if mode is None or access not in mode.access:
        raise Illegal
    if mode is LITERAL:
        return Specifier(mode, value=first), at + 1
    value, at = _number(buffer, at + 1, mode.extra, mode.signed)
    return Specifier(mode, first & 15 if mode.low is None else 0, value, index), at


def _byte(buffer: Buffer, at: int) -> int:
    if at >= len(buffer):
        raise Illegal
    return buffer[at]


def _number(buffer: Buffer, at: int, size: int, signed: bool) -> tuple[int, int]:
    if at + size > len(buffer):
        raise Illegal
    return int.from_bytes(buffer[at : at + size], "little", signed=signed), at + size


def encode(row: Row, *operands: Specifier | int) -> bytes:
    """Row and its operands, in order -> instruction bytes. EncodingError: an operand that cannot be one of this row."""
    if len(operands) != len(row.operands):
        raise EncodingError("", f"{row.name} has {len(row.operands)} operands, not {len(operands)}")
    code = bytearray([row.opcode])
    for operand, value in zip(row.operands, operands, strict=True):
        if isinstance(value, Specifier) != bool(operand.access):
            wanted = "a specifier" if operand.access else "a number"
            raise EncodingError(operand.name, f"{operand.name} of {row.name} must be {wanted}")
        code += _specifier_of(row, operand, value) if isinstance(value, Specifier) else _direct(row, operand, value)
    return bytes(code)


def _specifier_of(row: Row, operand: Operand, value: Specifier) -> bytes:
    if operand.access not in value.mode.access or value.mode is INDEX:
        raise EncodingError(operand.name, f"{operand.name} of {row.name} cannot have mode {value.mode.name}")
    try:
        return write_specifier(value)
    except ValueError as fault:
        raise EncodingError(operand.name, f"{operand.name} of {row.name}: {fault}") from None


def write_specifier(specifier: Specifier) -> bytes:
    """Specifier -> its bytes. ValueError: a register or a value that it cannot hold."""
    mode, register, value, index = specifier.mode, specifier.register, specifier.value, specifier.index
    if not 0 <= register < len(REGISTERS) or not 0 <= (index or 0) < len(REGISTERS):
        raise ValueError("there is no such register")
    prefix = b""
    if index is not None:
        if not mode.memory:
            raise ValueError(f"mode {mode.name} cannot be indexed")
        prefix = bytes([INDEX_MODE << 4 | index])
    if mode is LITERAL:
        if not 0 <= value < LITERAL_END:
            raise ValueError(f"{value} is no short literal, which goes from 0 to {LITERAL_END - 1}")
        return bytes([value])
    first = mode.first | (register if mode.low is None else 0)
    try:
        return prefix + bytes([first]) + value.to_bytes(mode.extra, "little", signed=mode.signed)
    except OverflowError:
        raise ValueError(f"{value} does not fit in the {8 * mode.extra} bits of mode {mode.name}") from None


def _direct(row: Row, operand: Operand, value: int) -> bytes:
    try:
        return value.to_bytes(operand.size, "little", signed=operand.width[0] == "d")
    except OverflowError:
        bits = 8 * operand.size
        raise EncodingError(operand.name, f"{operand.name} of {row.name} is {value}, expected {bits} bits") from None


def fits(value: int, bits: int) -> bool:
    """Whether a signed number of so many bits can be this value."""
    return -(1 << bits - 1) <= value < 1 << bits - 1


def operands_of(row: Row, operands: Mapping[str, Specifier | int]) -> Sequence[Specifier | int]:
    """Row and operands by name, as Decoded has them -> operands in order, as encode() takes them."""
    return [operands[operand.name] for operand in row.operands]
