"""Instruction of cisc mode -> assembly text: mnemonic, tab, operands without blanks, as the assembler reads them.

A size stands behind a number or an address (`:8`, `:32`) where the assembler would choose another one by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from vm.isa import csrs
from vm.isa.cisc import Operand, Row
from vm.isa.cisc_codec import Specifier, fits, write_specifier
from vm.isa.specifiers import LITERAL_END, MASK_REGISTERS, READ_UNSIGNED, REGISTER_NAMES
from vm.isa.text import plain_address

ADDRESS_MASK = 0xFFFF_FFFF
EDGE = 12  # bytes by which the operands of an instruction can grow


def shortest_immediate(value: int, size: int, unsigned: bool) -> int:
    """Value, bytes and sign of the operand -> bits of the immediate that the assembler takes for it; 0: a literal, or
    none, since it takes the number for another one or for too large."""
    end = 1 << 8 * size - (0 if unsigned else 1)
    if 0 <= value < LITERAL_END or (size < 4 and not -(1 << 8 * size - 1) <= value < end):
        return 0
    return next(bits for bits in (8, 16, 32) if fits(value, bits))


def _sized(text: str, bits: int, usual: int) -> str:
    return text if bits == usual else f"{text}:{bits}"


_PLAIN = {"register": "{}", "deferred": "({})", "decrement": "-({})", "increment": "({})+"}


def _specifier(
    specifier: Specifier, operand: Operand, end: int, address: Callable[[int], str], sizes: bool
) -> str:  # fmt: skip
    """Specifier, the operand it stands for and the address behind it -> text."""
    mode, value, index = specifier.mode, specifier.value, specifier.index
    name = REGISTER_NAMES[specifier.register]
    bits = 8 * mode.extra
    if mode.name == "literal":
        text = f"${value}"
    elif mode.name.startswith("immediate"):
        usual = shortest_immediate(value, operand.size, operand.access == READ_UNSIGNED)
        text = _sized(f"${value}", bits, usual)
    elif mode.name.startswith("displacement"):
        usual = 0 if value == 0 else 8 if fits(value, 8) else 32
        text = _sized(str(value), bits, usual) + f"({name})"
    elif mode.name.startswith("relative"):
        # Near the edge of a byte's reach the assembler's choice depends on what stands before.
        usual = 8 if fits(value + EDGE, 8) and fits(value - EDGE, 8) else 32 if abs(value) > 0x80 + EDGE else 0
        text = _sized(address(end + value & ADDRESS_MASK), bits, usual if sizes else bits)
    elif mode.name == "absolute":
        text = f"*${value:#x}"
    else:
        text = _PLAIN[mode.name].format(name)
    return text if index is None else f"{text}[{REGISTER_NAMES[index]}]"


def mask_text(mask: int) -> str:
    """Set of registers -> a0-a3/s0; the empty set is $0."""
    parts = []
    low = 0
    while low < MASK_REGISTERS:
        if mask >> low & 1:
            high = low
            while high < MASK_REGISTERS - 1 and mask >> high + 1 & 1:
                high += 1
            parts.append(REGISTER_NAMES[low] + (f"-{REGISTER_NAMES[high]}" if high > low else ""))
            low = high
        low += 1
    return "/".join(parts) or "$0"


def _direct(value: int, operand: Operand, end: int, address: Callable[[int], str]) -> str:
    """Operand without a specifier, and the address behind the instruction -> text."""
    if operand.width[0] == "d":
        return address(end + value & ADDRESS_MASK)
    if operand.name == "mask":
        return mask_text(value)
    if operand.name == "csr":
        return csrs.names("cisc").get(value) or f"{value:#x}{csrs.WIDE if value > csrs.LAST else ''}"
    return f"${value}"


def _texts(
    row: Row, operands: Mapping[str, Specifier | int], pc: int, address: Callable[[int], str], sizes: bool
) -> Iterator[str]:  # fmt: skip
    end = pc + 1
    for operand in row.operands:
        value = operands[operand.name]
        if isinstance(value, Specifier):
            end += len(write_specifier(value))
            yield _specifier(value, operand, end, address, sizes)
        else:
            end += operand.size
            yield _direct(value, operand, end, address)


def text(
    row: Row,
    operands: Mapping[str, Specifier | int],
    pc: int = 0,
    address: Callable[[int], str] = plain_address,
    sizes: bool = True,
) -> str:
    """Row, operands by name as decode_at() gives them, and the instruction's address -> text, "addl3\\ta0,$5,t0".

    address: how the target of a branch or of a relative operand is written. sizes: the latter with its size, where the
    assembler might choose another one.
    """
    written = ",".join(_texts(row, operands, pc, address, sizes))
    return f"{row.name}\t{written}" if written else row.name
