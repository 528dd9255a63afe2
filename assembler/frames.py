"""The texts that are being read, one within another, and what an assembly was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assembler.diagnostics import Place
from assembler.nodes import Statement
from assembler.sections import Section


@dataclass(frozen=True, slots=True)
class Options:
    """mode: the instruction set. include: folders for .include and .incbin. standard: those of the system, searched
    last. defines: symbols set before the first line. listing: keep what is needed to print one."""

    mode: str = "risc"
    include: Sequence[Path] = ()
    defines: Mapping[str, int] = field(default_factory=dict)
    listing: bool = False
    standard: Sequence[Path] = ()


@dataclass(slots=True)
class Condition:
    """An .if that is open: the line and the text that opened it, and whether its .else has been met."""

    line: int
    text: str
    else_met: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """A text being read: a file, a macro's expansion or a repetition. `origin`: the line to be named in line records,
    for the statements of a macro that of its use."""

    file: str
    sources: Sequence[str]
    statements: Iterator[Statement]
    within: Place | None = None
    how: str = ""
    macro: bool = False
    origin: tuple[str, int] | None = None
    line: int = 0
    conditions: list[Condition] = field(default_factory=list)
    depth: int = 0
    marked: tuple[str, int] | None = None  # file, and what to add to a line's number, by a preprocessor's line marker

    def place(self, line: int) -> Place:
        """Number of a line of this text -> the place to be shown for it."""
        source = self.sources[line - 1] if line <= len(self.sources) else ""
        file, number = self.named(line)
        return Place(file, number, source, self.within, self.how)

    def named(self, line: int) -> tuple[str, int]:
        """Number of a line of this text -> file and line to name it by."""
        if self.marked is None:
            return self.file, line
        return self.marked[0], line + self.marked[1]


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement for the listing: its file and line, and the offsets in the section between which it put something."""

    file: str
    line: int
    section: Section
    begin: int
    end: int
