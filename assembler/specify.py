"""Texts of specifiers -> their parts: addressing mode, register, expression, index.

The notation is that of vm/isa/specifiers.py. Besides, `:8`, `:16` or `:32` behind a number or an address asks for that
size: $5:32, 4:32(a0), table:8. What becomes of the parts: cisc_operands.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from assembler.diagnostics import SourceFault
from vm.isa import registers
from vm.isa.specifiers import BY_NAME, MASK_REGISTERS, REGISTER_NAMES

NUMBERS = {name: number for number, name in enumerate(REGISTER_NAMES)}
IN_MASK = {name: number for name, number in NUMBERS.items() if number < MASK_REGISTERS}
WITH_EXPRESSION = ("immediate", "absolute", "relative")
_OTHERS = registers.numbers("window")  # all the names that the other modes have
PC = "pc"  # a register of the VAX, with which it addresses what is relative or immediate here
REGISTER_LIST = "a0-a3 t0 t1 s0 s1 sp"

_SIZED = r"(?::(8|16|32))?"
_INDEXED = re.compile(r"(.*)\[\s*(\w+)\s*\]", re.DOTALL)
_IMMEDIATE = re.compile(rf"\$(.*?)\s*{_SIZED}", re.DOTALL)
_ABSOLUTE = re.compile(r"\*\s*\$(.*)", re.DOTALL)
_BASED = re.compile(rf"(.*?)\s*{_SIZED}\s*\(\s*([A-Za-z]\w*)\s*\)\s*(\+?)", re.DOTALL)
_RELATIVE = re.compile(rf"(.*?)\s*{_SIZED}", re.DOTALL)
_LIKE_A_REGISTER = re.compile(r"[axst][0-9]{1,2}", re.IGNORECASE)
_MODIFIER = re.compile(r"\s*%[a-z_]+\s*\(")


@dataclass(frozen=True, slots=True)
class Shape:
    """A specifier's text taken apart. kind: the mode, without the size of what is to be computed from `expression`.
    bits: the size asked for, or 0."""

    kind: str
    register: int = 0
    expression: str = ""
    bits: int = 0
    index: int | None = None


def register(text: str) -> int:
    """Name of a register -> its number in a specifier. SourceFault: cisc mode has none of this name."""
    name = text.strip()
    if name in NUMBERS:
        return NUMBERS[name]
    if name == "zero":
        raise SourceFault("zero is no register in cisc mode; expected a place for a result, or $0", name)
    if name in _OTHERS:
        raise SourceFault(f"{name} does not exist in cisc mode, which has {REGISTER_LIST}", name)
    raise SourceFault(f"expected a register, one of {REGISTER_LIST}, found '{name}'", name)


def is_foreign(text: str) -> bool:
    """Whether this is the name of a register that only other modes have."""
    name = text.strip()
    return name in registers.NUMBERS and name not in NUMBERS


@lru_cache(maxsize=1 << 14)
def shape(text: str) -> Shape:
    """Text of a specifier -> its parts. SourceFault: a register that does not exist, or nothing at all."""
    whole = text.strip()
    if not whole:
        raise SourceFault("an operand is missing here; expected one such as a0, $5, 4(a0) or a label")
    index = None
    if whole[-1] == "]" and (match := _INDEXED.fullmatch(whole)):
        whole, index = match[1].strip(), register(match[2])
    found = _simple(whole)
    if index is not None and not any(mode.memory and mode.name.startswith(found.kind) for mode in BY_NAME.values()):
        raise SourceFault(f"'{whole}' has no address, so it cannot be indexed", text)
    if found.kind in WITH_EXPRESSION and not found.expression.strip():
        raise SourceFault(f"'{text.strip()}' is no operand; expected one such as a0, $5, 4(a0) or a label", text)
    return replace(found, index=index) if index is not None else found


def _simple(text: str) -> Shape:
    """A specifier without its index -> its parts."""
    if text in NUMBERS or is_foreign(text) or _LIKE_A_REGISTER.fullmatch(text):
        return Shape("register", register(text))
    if text.startswith("$") and (match := _IMMEDIATE.fullmatch(text)):
        return Shape("immediate", 0, match[1], int(match[2] or 0))
    if match := _ABSOLUTE.fullmatch(text):
        return Shape("absolute", 0, match[1])
    if text[:1] in ("*", "@"):
        raise SourceFault(
            f"there is no deferred mode {text[0]}...; load the address into a register and write (r); "
            "*$ stands before an absolute address",
            text,
        )
    match = _BASED.fullmatch(text)
    if match and match[3] == PC:
        raise SourceFault("pc is no register in cisc mode; a label alone, such as x, is addressed relative to it", PC)
    if match and (match[3] in _OTHERS or _LIKE_A_REGISTER.fullmatch(match[3])) and match[1][-1:] != "%":
        before, bits, name, plus = match[1].strip(), int(match[2] or 0), match[3], match[4]
        if plus and before:
            raise SourceFault("only (r)+ steps its register, without a displacement", text)
        if plus or before in ("", "-"):
            return Shape("increment" if plus else "decrement" if before else "deferred", register(name))
        return Shape("displacement", register(name), before, bits)
    match = _RELATIVE.fullmatch(text)
    assert match is not None
    return Shape("relative", 0, match[1], int(match[2] or 0))


def check_modifier(text: str) -> None:
    """SourceFault: the text is %hi(...) or its like, which cisc mode does not have."""
    if match := _MODIFIER.match(text):
        name = match.group().strip().rstrip("(").strip()
        raise SourceFault(
            f"{name} takes an address apart for the instructions of the risc modes; in cisc mode an operand holds a "
            "whole address",
            name,
        )
