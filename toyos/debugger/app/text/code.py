"""Source files and disassembly -> rows with the current line and the breakpoints."""

from __future__ import annotations

from collections.abc import Sequence

from toyos.debugger.app.text.rows import Row, Span, row, word
from toyos.debugger.app.view import Instruction, Source

POINT, POINT_OFF, HERE = "●", "○", "▶"
TABS = 8


def gutter(point: bool | None, here: bool) -> list[Span]:
    """-> the sign of a breakpoint (on, off, none) and that of the current line."""
    sign = Span(" ") if point is None else Span(POINT if point else POINT_OFF, "mark")
    return [sign, Span(HERE if here else " ", "current" if here else "")]


def source_rows(source: Source) -> list[Row]:
    """-> every line of the file; the key of a row is its line number."""
    width = len(str(len(source.lines)))
    rows = []
    for number, line in enumerate(source.lines, 1):
        here = number == source.line
        code, comment = _comment(line.expandtabs(TABS))
        spans = [*gutter(source.points.get(number), here), Span(f"{number:{width}} ", "dim"), Span(code)]
        if comment:
            spans.append(Span(comment, "dim"))
        rows.append(Row(tuple(spans), number, "current" if here else ""))
    return rows


def _comment(line: str) -> tuple[str, str]:
    """A line of assembly -> what the assembler reads, and the comment at its end. A # in a string begins none."""
    quoted = False
    for index, letter in enumerate(line):
        if letter == '"' and (index == 0 or line[index - 1] != "\\"):
            quoted = not quoted
        elif letter == "#" and not quoted:
            return line[:index], line[index:]
    return line, ""


def code_rows(code: Sequence[Instruction], pc: int) -> list[Row]:
    """-> instructions, and the symbols among them; the key of an instruction is its address."""
    rows = []
    for instruction in code:
        if instruction.label:
            rows.append(row((f"  {instruction.label}:", "name")))
        here = instruction.address == pc
        spans = [
            *gutter(instruction.point, here), Span(f"{word(instruction.address)} ", "number"),
            Span(f"{instruction.data[:6].hex():12} ", "dim"), Span(instruction.text.expandtabs(TABS)),
        ]  # fmt: skip
        rows.append(Row(tuple(spans), instruction.address, "current" if here else ""))
    return rows


def line_of(rows: Sequence[Row], key: object) -> int | None:
    """-> the index of the row with that key."""
    return next((index for index, row in enumerate(rows) if row.key == key), None)
