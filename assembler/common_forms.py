"""Statements of the common assembly -> native instructions of cisc mode, by the table in common.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from assembler import parse, specify
from assembler.common import LETTERS, ZERO, table
from assembler.diagnostics import SourceFault
from vm.isa.specifiers import LITERAL_END

if TYPE_CHECKING:
    from assembler.assembly import Assembler
    from assembler.cisc import Native

NEGATED = "-i"
AS_WRITTEN = ("c", "L")  # shapes whose text the native form takes as it is
NONE = -1
_AT_NUMBER = re.compile(r"(.*)\(\s*zero\s*\)", re.DOTALL)  # an absolute address in the notation of the RISC modes
_FIXED = re.compile(r"-?\d+")


class Operand(NamedTuple):
    """An operand's text and what it is: register, zero, constant (`number` is its value), later (a name that is not
    defined yet, where a constant is wanted), memory or symbol. native: how native instructions have it."""

    text: str
    kind: str
    native: str
    number: int = 0


@lru_cache(maxsize=1 << 14)
def by_text(text: str) -> Operand:
    """Text of an operand -> what it is, so far as the text tells: a name may turn out to be a constant."""
    whole = text.strip()
    if whole in specify.NUMBERS:
        return Operand(whole, "register", whole)
    if whole == ZERO:
        return Operand(whole, ZERO, "$0")
    number = parse.literal(whole)
    if number is not None:
        return Operand(whole, "constant", f"${number}", number)
    if match := _AT_NUMBER.fullmatch(whole):
        return Operand(whole, "memory", f"*${match[1] or 0}")
    if whole.endswith(")") and not whole.startswith("%") and specify.shape(whole).kind in ("deferred", "displacement"):
        return Operand(whole, "memory", whole)
    return Operand(whole, "symbol", whole)


class Check(NamedTuple):
    """What an operand must be: one of these kinds, and its number between these; the same as the operand at position
    `same`, where that is not its own."""

    kinds: tuple[str, ...]
    low: int
    high: int
    same: int

    def fits(self, operand: Operand) -> bool:
        """Whether an operand is that, by itself."""
        return operand.kind in self.kinds and self.low <= operand.number <= self.high


_FAR = 1 << 64  # beyond every constant


def _check(shapes: Sequence[str], position: int) -> Check:
    """Shapes of a line, and which of them -> what to check."""
    shape = shapes[position]
    same = shapes.index(shape)
    if shape == NEGATED:
        return Check(("constant",), 1 - LITERAL_END, -1, position)
    if _FIXED.fullmatch(shape):
        return Check(("constant",), int(shape), int(shape), position)
    return Check(LETTERS[shape].kinds, -_FAR, _FAR, same)


class Line:
    """A line of the table: `shapes` of the operands, the native form, and what the native operands are made of: the
    position of an operand (or NONE) and the text of the table."""

    def __init__(self, shapes: str, native: str, forms: Mapping[str, Native]) -> None:
        self.shapes = tuple(shapes.split(", ")) if shapes else ()
        self.checks = tuple(_check(self.shapes, position) for position in range(len(self.shapes)))
        name, _, rest = native.partition(" ")
        self.native = forms[name]
        letters = [shape.removeprefix("-") for shape in self.shapes]
        self.made = tuple(
            (letters.index(part.strip("()")) if part.strip("()") in letters else NONE, part)
            for part in (rest.split(", ") if rest else ())
        )

    def fits(self, operands: Sequence[Operand]) -> bool:
        """Whether all operands have the shapes of this line."""
        for check, operand in zip(self.checks, operands, strict=True):
            if not check.fits(operand) or operands[check.same].text != operand.text:
                return False
        return True

    def texts(self, operands: Sequence[Operand]) -> list[str]:
        """Operands of the common assembly -> texts of the native operands."""
        found = []
        for position, part in self.made:
            if position == NONE:
                found.append(part)  # such as $0
            elif part[0] == "(":
                found.append(f"({operands[position].text})")
            elif self.shapes[position] == NEGATED:
                found.append(f"${-operands[position].number}")
            else:
                found.append(operands[position].text if part in AS_WRITTEN else operands[position].native)
        return found


class Common:
    """A mnemonic of the common assembly with one number of operands."""

    def __init__(self, name: str, lines: Sequence[Line]) -> None:
        self.name = name
        self.lines = lines
        self.slots: Any = lines[-1].shapes
        self.symbolic = any(shape in "aL" for shape in self.slots)
        self.syntax = ", ".join(LETTERS[shape].written for shape in self.slots)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        if self.symbolic:
            return None
        operands = [by_text(text) for text in texts]
        if any(operand.kind == "symbol" for operand in operands):
            return None
        for line in self.lines:
            if line.fits(operands):
                return line.native.plain(line.texts(operands))
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        operands = [self._operand(text, position, asm) for position, text in enumerate(texts)]
        for line in self.lines:
            if line.fits(operands):
                line.native.emit(line.texts(operands), asm)
                return
        self._refuse(operands)

    def _operand(self, text: str, position: int, asm: Assembler) -> Operand:
        """Text -> operand; a name that has a value by now is a constant."""
        shape = self.slots[position]
        operand = by_text(text)
        if operand.kind != "symbol" or shape in ("L", "c"):
            return operand
        if shape not in ("a", "m") and specify.is_foreign(text):
            specify.register(text)  # says that there is no such register
        specify.check_modifier(text)
        if shape in ("x", "y") and specify.shape(text) != specify.Shape("relative", 0, text.strip()):
            return operand
        value = asm.value(text)
        if value.constant:
            return operand._replace(kind="constant", native=f"${value.number}", number=value.number)
        undefined = value.plus is not None and not value.plus.defined and value.minus is None
        if undefined and shape in ("i", "v"):
            return operand._replace(kind="later", native=f"${operand.text}")
        return operand

    def _refuse(self, operands: Sequence[Operand]) -> None:
        """SourceFault: says which operand has the wrong shape, by the last and most general line of the table."""
        for shape, check, operand in zip(self.slots, self.lines[-1].checks, operands, strict=True):
            if check.fits(operand):
                continue
            text = operand.text
            if shape == "d" and operand.kind == ZERO:
                raise SourceFault("zero cannot be written in cisc mode; expected a register for the result", text)
            if shape in ("i", "k") and operand.kind == "symbol":
                raise SourceFault(
                    f"{self.name} needs a value that is known here, '{text}' is not; use la for an address, or define "
                    "the constant earlier",
                    text,
                )
            raise SourceFault(f"expected {LETTERS[shape].expected}, found '{text}'", text)
        raise SourceFault(f"{self.name} cannot have these operands; expected '{self.name} {self.syntax}'")


def forms(native: Mapping[str, Native]) -> Iterator[tuple[str, int, Common]]:
    """Native forms by mnemonic -> (mnemonic, number of operands, form) of the common assembly."""
    found: dict[tuple[str, int], list[Line]] = {}
    for name, shapes, meaning in table():
        line = Line(shapes, meaning, native)
        found.setdefault((name, len(line.shapes)), []).append(line)
    for (name, count), lines in found.items():
        yield name, count, Common(name, lines)
