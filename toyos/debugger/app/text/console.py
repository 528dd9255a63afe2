"""What the guest printed, and when -> rows."""

from __future__ import annotations

import re

from toyos.debugger.app.text.rows import Row, Span

TABS = 8
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def console_rows(before: bytes, later: bytes) -> list[Row]:
    """What was printed up to now, and what will be -> the lines; those of the future are dim."""
    rows = [Row((Span(line),)) for line in _lines(before)]
    rest = [Row((Span(line),), role="later") for line in _lines(later)]
    if rows and rest and not before.endswith(b"\n"):  # a line that is half printed
        rows[-1] = Row((*rows[-1].spans, Span(rest[0].text, "later")))
        rest = rest[1:]
    return rows + rest


def _lines(data: bytes) -> list[str]:
    """Bytes -> lines of text as a terminal shows them, as far as that can be said without being one."""
    lines = []
    for line in ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n").split("\n"):
        line = _backspaced(line.rpartition("\r")[2] if "\r" in line.rstrip("\r") else line.rstrip("\r"))
        lines.append(UNPRINTABLE.sub("", line).expandtabs(TABS))
    return lines[:-1] if lines and not lines[-1] else lines


def _backspaced(line: str) -> str:
    """A line with backspaces -> what is left of it."""
    shown: list[str] = []
    column = 0
    for letter in line:
        if letter == "\b":
            column = max(column - 1, 0)
            continue
        shown[column : column + 1] = [letter]
        column += 1
    return "".join(shown).rstrip() if "\b" in line else line
