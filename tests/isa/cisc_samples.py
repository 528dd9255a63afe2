"""Instructions of cisc mode to test with: every row with every specifier that its operands may have."""

from __future__ import annotations

from collections.abc import Iterator

from vm.isa.cisc import ROWS, Operand, Row
from vm.isa.cisc_codec import Specifier
from vm.isa.specifiers import BY_NAME, MODES, REGISTERS

LAST = len(REGISTERS) - 1
VALUES = {
    0: (0,),
    1: (0, 1, -1, 127, -128),
    2: (0, 1, -1, 300, 0x7FFF, -0x8000),
    4: (0, 5, -1, 200, 1 << 16, -(1 << 31)),
}


def values(name: str) -> tuple[int, ...]:
    """Name of a mode -> values that tell its sizes and signs apart."""
    mode = BY_NAME[name]
    if name == "literal":
        return 0, 1, 63
    if mode.extra and not mode.signed:
        return 0, 0x1234, 0xFFFF_FFFF
    return VALUES[mode.extra]


def specifiers(operand: Operand) -> Iterator[Specifier]:
    """Operand of a row -> specifiers of every mode that it may have, indexed and not, with several registers."""
    for mode in MODES:
        if mode.name == "index" or operand.access not in mode.access:
            continue
        registers = (0, LAST) if mode.low is None and mode.name != "literal" else (0,)
        for value in values(mode.name):
            for register in registers:
                yield Specifier(mode, register, value)
        if mode.memory:
            yield Specifier(mode, registers[-1], values(mode.name)[-1], index=4)


def numbers(operand: Operand) -> tuple[int, ...]:
    """Operand without a specifier -> numbers that it can be."""
    bits = 8 * operand.size
    if operand.width[0] == "d":
        return 0, 5, -1, (1 << bits - 1) - 1, -(1 << bits - 1)
    return 0, 1, 0x41, (1 << bits) - 1


def usual(operand: Operand) -> Specifier | int:
    """Operand -> what it is while another one of the instruction varies."""
    if not operand.access:
        return 1
    return Specifier(BY_NAME["deferred" if operand.access == "a" else "register"], 2)


def operands_of(row: Row) -> Iterator[list[Specifier | int]]:
    """Row -> lists of its operands; each operand in turn takes everything it can be."""
    if not row.operands:
        yield []
    for position, operand in enumerate(row.operands):
        plain = [usual(each) for each in row.operands]
        for varied in specifiers(operand) if operand.access else numbers(operand):
            plain[position] = varied
            yield list(plain)


def everything() -> Iterator[tuple[Row, list[Specifier | int]]]:
    """-> every row with all that its operands can be."""
    for row in ROWS:
        for operands in operands_of(row):
            yield row, operands
