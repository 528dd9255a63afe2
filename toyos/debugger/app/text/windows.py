"""Register windows -> the ring that they are, drawn as one."""

from __future__ import annotations

from collections.abc import Sequence

from toyos.debugger.app.text.rows import Row, Span, row
from toyos.debugger.app.view import Window

CELL = 8  # columns
WIDE = 8  # windows in one row that leave room for lines between them
LEGEND = row(("[n]", "current"), " current, ", ("n", "good"), " in use, ", ("n", "dim"), " free, n·p of process p")
RING_HEIGHT = 12  # rows of a pane in which a ring leaves room for registers


def cell(window: Window, filler: str) -> list[Span]:
    """-> one window in CELL columns: its number, whose it is, and by its role whether it is current, in use or free."""
    text = f"{window.number}" + (f"·{window.owner}" if window.owner is not None else "")
    text = f"[{text}]" if window.current else f" {text} "
    left = (CELL - len(text)) // 2
    role = "current" if window.current else "good" if window.valid else "dim"
    return [Span(filler * left, "dim"), Span(text, role), Span(filler * (CELL - left - len(text)), "dim")]


def ring(windows: Sequence[Window], width: int) -> list[Row]:
    """-> the windows in a closed loop, clockwise, the first at the top left; as wide as fits. Below it the legend."""
    if not windows:
        return []
    count = len(windows)
    across = max(1, min((width - 4) // CELL, -(-count // 2)))
    below = min(across, count - across)
    side = count - across - below
    right = -(-side // 2)
    corners = across, across + right, across + right + below
    top, east, bottom, west = (
        windows[: corners[0]], windows[corners[0] : corners[1]], windows[corners[1] : corners[2]][::-1],
        windows[corners[2] :][::-1],
    )  # fmt: skip
    rows = [_edge("╭─", top, "─╮", 0)]
    for level in range(max(right, 1)):
        left_side, right_side = (
            cell(part[level], " ") if level < len(part) else [Span("│", "dim")] for part in (west, east)
        )
        used = sum(len(span.text) for span in (*left_side, *right_side))
        rows.append(Row((*left_side, Span(" " * (len(rows[0].text) - used)), *right_side)))
    rows.append(_edge("╰─", bottom, "─╯", across - below))
    return [*rows, LEGEND]


def line(windows: Sequence[Window]) -> list[Row]:
    """-> the ring cut open, in one row, for a pane with little height."""
    spans = [Span("↺ windows ", "dim")]
    for window in windows:
        spans += cell(window, "─" if len(windows) <= WIDE else "")
    return [Row((*spans, Span(" ↻", "dim")))] if windows else []


def windows_rows(windows: Sequence[Window], width: int, height: int) -> list[Row]:
    """-> the ring, or where it would leave no room for the registers, one row."""
    return ring(windows, width) if height >= RING_HEIGHT else line(windows)


def _edge(left: str, windows: Sequence[Window], right: str, missing: int) -> Row:
    spans = [Span(left + "─" * CELL * missing, "dim")]
    for window in windows:
        spans += cell(window, "─")
    return Row((*spans, Span(right, "dim")))
