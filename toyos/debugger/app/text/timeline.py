"""Positions and marks of a run -> a bar of text; a column of the bar -> a position."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from toyos.debugger.app.text.rows import Row, Span, row
from toyos.debugger.app.view import Positions

EMPTY, TRAP, CROSS, NOW = "─", "┴", "╋", "▼"
SHORTEST = 16  # instructions that the bar shows at least


class Range(NamedTuple):
    """The part of the run that the bar shows: positions first <= p <= last."""

    first: int
    last: int

    def column(self, position: int, width: int) -> int:
        """Position -> column of a bar of that width."""
        length = max(self.last - self.first, 1)
        return max(0, min((position - self.first) * (width - 1) // length, width - 1))

    def position(self, column: int, width: int) -> int:
        """Column -> the first position that is drawn there."""
        length = max(self.last - self.first, 1)
        return self.first + -(-column * length // max(width - 1, 1))

    def zoomed(self, factor: float, around: int, whole: Range) -> Range:
        """A part `factor` times as long, with `around` in it, within the whole run."""
        length = max(int((self.last - self.first) * factor) + 1, SHORTEST)
        if length >= whole.last - whole.first:
            return whole
        first = max(whole.first, min(around - length // 2, whole.last - length))
        return Range(first, first + length)


def before(positions: Positions, position: int) -> int | None:
    """-> the last mark before a position."""
    index = bisect_left(positions.marks, position)
    return positions.marks[index - 1] if index else None


def behind(positions: Positions, position: int) -> int | None:
    """-> the first mark behind a position."""
    index = bisect_right(positions.marks, position)
    return positions.marks[index] if index < len(positions.marks) else None


def _first(positions: Sequence[int], part: Range, column: int, width: int) -> int | None:
    """-> the first of the positions that are drawn in a column."""
    index = bisect_left(positions, part.position(column, width))
    if index < len(positions) and positions[index] < part.position(column + 1, width):
        return positions[index]
    return None


def nearest(positions: Positions, part: Range, column: int, width: int, reach: int = 1) -> int:
    """A column that was clicked -> the position to go to: that of a mark within reach, switches before others, or else
    the column's own."""
    for distance in range(reach + 1):
        for near in sorted({column - distance, column + distance}):
            for some in (positions.switches, positions.marks):
                found = _first(some, part, near, width) if 0 <= near < width else None
                if found is not None and found <= part.last:
                    return found
    return max(part.first, min(part.position(column, width), part.last))


def bar(positions: Positions, part: Range, now: int, width: int) -> Row:
    """-> one row: a line, on it the marks, and where the machine stands."""
    here = part.column(now, width) if part.first <= now <= part.last else -1
    spans = []
    for column in range(width):
        if column == here:
            spans.append(Span(NOW, "current"))
        elif _first(positions.switches, part, column, width) is not None:
            spans.append(Span(CROSS, "mark"))
        elif _first(positions.marks, part, column, width) is not None:
            spans.append(Span(TRAP, "kernel"))
        else:
            spans.append(Span(EMPTY, "dim"))
    return Row(tuple(spans))


def scale(part: Range, now: int, width: int) -> Row:
    """-> the row under the bar: its first position, the present one under its place, and its last."""
    first, last, here = f"{part.first:,}", f"{part.last:,}", f"{now:,}"
    cells = list(first.ljust(width - len(last)) + last)[:width]
    if len(first) + len(here) + len(last) + 4 > width:
        return row(("".join(cells), "dim"))
    low, high = len(first) + 2, width - len(last) - len(here) - 2
    start = max(low, min(part.column(now, width) - len(here) // 2, high))
    text = "".join(cells)
    return row((text[:start], "dim"), (here, "current"), (text[start + len(here) :], "dim"))
