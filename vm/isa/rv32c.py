"""RV32C without floating point: 16-bit instructions, each of which stands for one of 32 bits.

A row names the instruction it stands for and where that one's operands come from. Several rows may fit a halfword; the
first counts. What no row fits is illegal: c.flw and its like, which need F or D, and what is reserved. Hints, such as
writes to x0, do what they say, which is nothing.
Source: RISC-V ISA Manual, Volume I, chapter "C" Extension for Compressed Instructions, version 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from vm.isa import codec
from vm.isa.fields import Field
from vm.isa.row import IMMEDIATES, OPERAND_NAME, Row

LENGTH = 2  # bytes
BITS = 16
LONG = 3  # the two low bits of an instruction of 32 bits


class Popular(Field):
    """Three bits that choose one of x8 to x15."""

    __slots__ = ()
    FIRST = 8

    def get(self, word: int) -> int:
        return self.FIRST + super().get(word)


class Fixed(Field):
    """An operand that the instruction does not hold: always the same."""

    __slots__ = ("value",)
    value: int

    def __init__(self, name: str, value: int) -> None:
        for attribute, content in {
            "name": name, "value": value, "pieces": (), "signed": False, "shift": 0, "mask": 0, "width": 0,
            "range": (value, value),
        }.items():  # fmt: skip
            object.__setattr__(self, attribute, content)

    def get(self, word: int) -> int:
        return self.value


# ---- where operands lie (table 16.1 of the chapter, and the figures of its instructions) -----------------------------
REGISTER = Field("register", ((7, 5, 0),))  # rd, or rs1, of the formats CR, CI
SECOND = Field("rs2", ((2, 5, 0),))
HIGH, LOW = Popular("register'", ((7, 3, 0),)), Popular("register'", ((2, 3, 0),))
ZERO, RA, SP = (Fixed(f"x{number}", number) for number in range(3))
NOTHING = Fixed("0", 0)
# Immediates: pieces as the manual writes them, from bit 12 down.
CI_IMM = Field("imm", ((12, 1, 5), (2, 5, 0)), signed=True)
CI_UPPER = Field("uimm", ((12, 1, 17), (2, 5, 12)), signed=True, shift=12)
CI_SP16 = Field("imm", ((12, 1, 9), (6, 1, 4), (5, 1, 6), (3, 2, 7), (2, 1, 5)), signed=True, shift=4)
CI_LWSP = Field("imm", ((12, 1, 5), (4, 3, 2), (2, 2, 6)), shift=2)
CSS_SWSP = Field("imm", ((9, 4, 2), (7, 2, 6)), shift=2)
CIW_SP4 = Field("imm", ((11, 2, 4), (7, 4, 6), (6, 1, 2), (5, 1, 3)), shift=2)
CL_WORD = Field("imm", ((10, 3, 3), (6, 1, 2), (5, 1, 6)), shift=2)
SHAMT = Field("shamt", ((2, 5, 0),))  # bit 12 must be zero: longer shifts are for custom use
CB_TARGET = Field("target", ((12, 1, 8), (10, 2, 3), (5, 2, 6), (3, 2, 1), (2, 1, 5)), signed=True, shift=1)
CJ_TARGET = Field(
    "target",
    ((12, 1, 11), (11, 1, 4), (9, 2, 8), (8, 1, 10), (7, 1, 6), (6, 1, 7), (3, 3, 1), (2, 1, 5)),
    signed=True, shift=1,
)  # fmt: skip

FORMATS: dict[str, dict[str, Field]] = {
    "CIW": {"rd": LOW, "rs1": SP, "imm": CIW_SP4},
    "CL": {"rd": LOW, "rs1": HIGH, "imm": CL_WORD},
    "CS": {"rs1": HIGH, "rs2": LOW, "imm": CL_WORD},
    "CI": {"rd": REGISTER, "rs1": REGISTER, "imm": CI_IMM},
    "li": {"rd": REGISTER, "rs1": ZERO, "imm": CI_IMM},
    "addi16sp": {"rd": SP, "rs1": SP, "imm": CI_SP16},
    "lui": {"rd": REGISTER, "uimm": CI_UPPER},
    "shift": {"rd": REGISTER, "rs1": REGISTER, "shamt": SHAMT},
    "CB shift": {"rd": HIGH, "rs1": HIGH, "shamt": SHAMT},
    "CB imm": {"rd": HIGH, "rs1": HIGH, "imm": CI_IMM},
    "CA": {"rd": HIGH, "rs1": HIGH, "rs2": LOW},
    "CB": {"rs1": HIGH, "rs2": ZERO, "target": CB_TARGET},
    "j": {"rd": ZERO, "target": CJ_TARGET},
    "jal": {"rd": RA, "target": CJ_TARGET},
    "lwsp": {"rd": REGISTER, "rs1": SP, "imm": CI_LWSP},
    "swsp": {"rs1": SP, "rs2": SECOND, "imm": CSS_SWSP},
    "jr": {"rd": ZERO, "rs1": REGISTER, "imm": NOTHING},
    "jalr": {"rd": RA, "rs1": REGISTER, "imm": NOTHING},
    "mv": {"rd": REGISTER, "rs1": ZERO, "rs2": SECOND},
    "CR": {"rd": REGISTER, "rs1": REGISTER, "rs2": SECOND},
    "none": {},
}


@dataclass(frozen=True, slots=True, eq=False)
class ShortRow:
    """A 16-bit instruction. full: the row of the 32-bit instruction that does the same; operands: that one's, each with
    the field of the halfword (or the constant) that supplies it. half & mask == match recognises it, where no bits of
    `not_zero` are asked for or one of them is set. plain: what it is called where
    its length does not matter, if the 32-bit instruction has another name."""

    name: str
    mask: int
    match: int
    not_zero: int
    syntax: str
    full: Row
    plain: str
    doc: str
    operands: Mapping[str, Field]

    @property
    def micro(self) -> str:
        return self.full.micro

    @property
    def cost(self) -> str:
        return self.full.cost

    @property
    def ext(self) -> str:
        return "C"

    @property
    def imm(self) -> Field | None:
        """-> the field that supplies the immediate, or None."""
        return next((self.operands[name] for name in IMMEDIATES if name in self.operands), None)

    @property
    def written(self) -> tuple[str, ...]:
        return tuple(OPERAND_NAME.findall(self.syntax))

    def fits(self, half: int) -> bool:
        """Halfword -> whether it is this instruction."""
        return half & self.mask == self.match and (not self.not_zero or half & self.not_zero != 0)

    def expanded(self, half: int) -> int:
        """Halfword -> the 32-bit instruction word that does the same, but for its length."""
        return codec.encode(self.full, **{name: self.value(name, half) for name in self.operands})

    def value(self, name: str, half: int) -> int:
        """Name of an operand, halfword -> the value that the 32-bit instruction has there."""
        value = self.operands[name].get(half)
        return value & 0xFFFF_FFFF if name == "uimm" else value


def _row(name: str, form: str, bits: str, syntax: str, full: str, not_zero: str = "", plain: str = "") -> ShortRow:
    """A table line -> row. bits: from bit 15 down, a dot in an operand; not_zero: the operand that must not be, by its
    name in the format. ValueError: a bit that is neither fixed nor in an operand."""
    pattern = bits.replace(" ", "")
    mask = int(re.sub("[01]", "1", pattern).replace(".", "0"), 2)
    operands = FORMATS[form]
    covered = mask
    for field in operands.values():
        covered |= field.mask
    if len(pattern) != BITS or covered != (1 << BITS) - 1 or any(field.mask & mask for field in operands.values()):
        raise ValueError(f"{name}: {bits} does not fit the operands of format {form}")
    row = codec.by_name()[full]
    wanted = operands[not_zero].mask if not_zero else 0
    return ShortRow(
        name, mask, int(pattern.replace(".", "0"), 2), wanted, syntax, row, plain, _doc(row, form), operands
    )


def _doc(full: Row, form: str) -> str:
    """-> the 32-bit instruction that it stands for, as it is written."""
    operands = FORMATS[form]
    text = with_constants(full.syntax, operands)
    if operands.get("rd") is operands.get("rs1"):
        text = text.replace("rs1", "rd")
    return f"{full.name} {text}".strip()


def with_constants(syntax: str, operands: Mapping[str, Field]) -> str:
    """How an instruction is written -> the same, with what its operands always are in the place of their names."""
    for name, field in operands.items():
        if isinstance(field, Fixed):
            syntax = re.sub(rf"\b{name}\b", field.name, syntax)
    return syntax


ROWS: tuple[ShortRow, ...] = (
    # ---- quadrant 0
    _row("c.addi4spn", "CIW", "000 ........ ... 00", "rd, rs1, imm", "addi", not_zero="imm"),
    _row("c.lw", "CL", "010 ... ... .. ... 00", "rd, imm(rs1)", "lw"),
    _row("c.sw", "CS", "110 ... ... .. ... 00", "rs2, imm(rs1)", "sw"),
    # ---- quadrant 1
    _row("c.addi", "CI", "000 . ..... ..... 01", "rd, imm", "addi"),
    _row("c.jal", "jal", "001 ........... 01", "target", "jal"),
    _row("c.li", "li", "010 . ..... ..... 01", "rd, imm", "addi"),
    _row("c.addi16sp", "addi16sp", "011 . 00010 ..... 01", "rd, imm", "addi", not_zero="imm"),
    _row("c.lui", "lui", "011 . ..... ..... 01", "rd, uimm", "lui", not_zero="uimm"),
    _row("c.srli", "CB shift", "100 0 00 ... ..... 01", "rd, shamt", "srli"),
    _row("c.srai", "CB shift", "100 0 01 ... ..... 01", "rd, shamt", "srai"),
    _row("c.andi", "CB imm", "100 . 10 ... ..... 01", "rd, imm", "andi"),
    _row("c.sub", "CA", "100 0 11 ... 00 ... 01", "rd, rs2", "sub"),
    _row("c.xor", "CA", "100 0 11 ... 01 ... 01", "rd, rs2", "xor"),
    _row("c.or", "CA", "100 0 11 ... 10 ... 01", "rd, rs2", "or"),
    _row("c.and", "CA", "100 0 11 ... 11 ... 01", "rd, rs2", "and"),
    _row("c.j", "j", "101 ........... 01", "target", "jal"),
    _row("c.beqz", "CB", "110 ... ... ..... 01", "rs1, target", "beq"),
    _row("c.bnez", "CB", "111 ... ... ..... 01", "rs1, target", "bne"),
    # ---- quadrant 2
    _row("c.slli", "shift", "000 0 ..... ..... 10", "rd, shamt", "slli"),
    _row("c.lwsp", "lwsp", "010 . ..... ..... 10", "rd, imm(rs1)", "lw", not_zero="rd"),
    _row("c.jr", "jr", "100 0 ..... 00000 10", "rs1", "jalr", not_zero="rs1"),
    _row("c.mv", "mv", "100 0 ..... ..... 10", "rd, rs2", "add", not_zero="rs2", plain="mv"),
    _row("c.ebreak", "none", "100 1 00000 00000 10", "", "ebreak"),
    _row("c.jalr", "jalr", "100 1 ..... 00000 10", "rs1", "jalr", not_zero="rs1"),
    _row("c.add", "CR", "100 1 ..... ..... 10", "rd, rs2", "add", not_zero="rs2"),
    _row("c.swsp", "swsp", "110 ...... ..... 10", "rs2, imm(rs1)", "sw"),
)  # fmt: skip


@cache
def _buckets() -> tuple[tuple[ShortRow, ...], ...]:
    """Rows by the two low bits and the three high ones: the quadrant, and funct3."""
    table: list[list[ShortRow]] = [[] for _ in range(32)]
    for row in ROWS:
        table[row.match & 3 | row.match >> 11 & 0x1C].append(row)
    return tuple(tuple(bucket) for bucket in table)


@lru_cache(maxsize=1 << BITS)
def decode(half: int) -> ShortRow | None:
    """16-bit instruction -> its row, or None when it is illegal."""
    for row in _buckets()[half & 3 | half >> 11 & 0x1C]:
        if row.fits(half):
            return row
    return None


def decoded(half: int) -> codec.Decoded:
    """16-bit encoding -> as codec.decode_at has it."""
    row = decode(half)
    operands = {} if row is None else {name: row.value(name, half) for name in row.operands}
    return codec.Decoded(row, operands, LENGTH)
