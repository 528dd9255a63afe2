"""Instruction word -> assembly text in the layout of GNU objdump: mnemonic, tab, operands without blanks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from vm.isa import aliases as alias_table
from vm.isa import csrs, registers
from vm.isa.row import Row

ORDERING = ("", "rl", "aq", "aqrl")  # by the value of the aqrl field


def _fence_set(value: int) -> str:
    """The predecessor or successor set of a fence -> its letters; the empty set is written 0."""
    return "".join(letter for bit, letter in ((8, "i"), (4, "o"), (2, "r"), (1, "w")) if value & bit) or "0"


_RENDER: dict[str, Callable[[int], str]] = {
    "imm": str,
    "zimm": str,
    "shamt": hex,
    "uimm": lambda value: hex(value >> 12),
    "fm": str,
    "pred": _fence_set,
    "succ": _fence_set,
}


def operand_text(name: str, value: int, mode: str = "risc") -> str:
    """Operand name and value -> how it is written; not for branch targets, which need the pc."""
    if name in ("rd", "rs1", "rs2"):
        return registers.names(mode)[value]
    if name == "csr":
        return csrs.names(mode).get(value) or hex(value)
    return _RENDER[name](value)


@cache
def _parts(syntax: str) -> tuple[str, ...]:
    """Operand template -> operand names and the punctuation between them, in turn."""
    return tuple(re.findall(r"[a-z0-9]+|[(),]+", syntax.replace(" ", "")))


def plain_address(address: int) -> str:
    """Target address -> the text GNU objdump prints where it knows no symbol."""
    return f"{address:x}"


def text(
    row: Row,
    word: int,
    pc: int = 0,
    aliases: bool = False,
    address: Callable[[int], str] = plain_address,
    mode: str = "risc",
) -> str:
    """Row, its instruction word and its address -> text, such as "addi\\ta0,a1,4".

    aliases: print li, mv, ret and their like. address: how a branch target is written.
    A word whose reserved fields are not zero has no mnemonic that would assemble to it again: it becomes ".word".
    """
    operands = {name: field.get(word) for name, field in row.operands.items()}
    name, syntax = row.name, row.syntax
    if operands.get("aqrl"):
        name += "." + ORDERING[operands["aqrl"]]
    reserved = any(operands[field] for field in row.unwritten if field != "aqrl")
    if aliases or reserved:
        for alias in alias_table.fitting(row, operands, mode):
            name, syntax, reserved = alias.name, alias.syntax, False
            break
    if reserved:
        return f".word\t{word:#010x}"
    written = operands_text(syntax, operands, pc, address, mode)
    return f"{name}\t{written}" if written else name


def operands_text(
    syntax: str, operands: Mapping[str, int], pc: int, address: Callable[[int], str], mode: str
) -> str:
    out = []
    for part in _parts(syntax):
        if part == "target":
            out.append(address(pc + operands[part] & 0xFFFF_FFFF))
        elif part in operands:
            out.append(operand_text(part, operands[part], mode))
        else:
            out.append(part)
    return "".join(out)
