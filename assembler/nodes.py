"""What source text is made of, once read: statements and the nodes of expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from assembler.sections import Value


class Statement(NamedTuple):
    """One statement without labels split off: its line number (from 1) and its text, comments and ends stripped."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Name:
    """A symbol, `.` for the current place, or a numeric label reference such as 1f."""

    text: str


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Modifier:
    """%hi(...), %lo(...), %pcrel_hi(...), %pcrel_lo(...): which part of an address is meant."""

    name: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Known:
    """A part that has been evaluated already, because it could mean something else later: `.`, 1b, a .set symbol."""

    value: Value


Node: TypeAlias = Number | Name | Unary | Binary | Modifier | Known
