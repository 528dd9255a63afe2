"""Rows of text in a scrolling pane with a cursor: the base of most panes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from toyos.debugger.app.panes.drawn import Drawn
from toyos.debugger.app.text.rows import Row

SHIFT, SHIFT_MAX = 8, 400  # columns
MARGIN = 4  # rows that stay in sight around the current one


class Lines(ScrollView, Drawn, can_focus=True):
    """Shows rows; those with a key can be chosen with the cursor keys and Enter, or with the mouse.

    A row that is wider than the pane ends with a sign, and the left and right keys shift all rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "edge(0)", show=False),
        Binding("end", "edge(-1)", show=False),
        Binding("left", f"shift({-SHIFT})", show=False),
        Binding("right", f"shift({SHIFT})", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Chosen(Message):
        """A row was clicked, or Enter pressed on it. column: of the click."""

        def __init__(self, pane: Lines, key: Hashable, column: int | None = None) -> None:
            super().__init__()
            self.pane, self.key, self.column = pane, key, column

        @property
        def control(self) -> Lines:
            return self.pane

    def __init__(self, *, id: str, title: str) -> None:
        super().__init__(id=id)
        self.border_title = title
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.shifted = 0

    # ---- what is shown -----------------------------------------------------------------------------------------------
    def show_rows(self, rows: Sequence[Row], title: str | None = None, cursor: int | None = None) -> None:
        """Puts other rows into the pane. cursor: row that it goes to, and that is brought into view; None: it stays."""
        if title is not None:
            self.border_title = title
        if rows == self.rows and cursor in (None, self.cursor):
            return
        self.rows = rows
        self.virtual_size = Size(self.columns, len(rows))
        self.cursor = min(self.cursor, max(len(rows) - 1, 0))
        if cursor is not None:
            self.put_cursor(cursor, MARGIN)
        self.refresh()

    def put_cursor(self, line: int, margin: int = 0) -> None:
        """Moves the cursor to a row and brings it into view, with so many rows around it if there is room."""
        self.cursor = max(0, min(line, len(self.rows) - 1))
        height = self.size.height
        margin = max(min(margin, (height - 1) // 2), 0)
        top = max(self.cursor - margin, 0)
        self.scroll_to_region(
            Region(0, top, 1, min(self.cursor + margin + 1, max(len(self.rows), 1)) - top), animate=False, force=True
        )
        self.refresh()

    @property
    def key(self) -> Hashable:
        """-> what the row under the cursor stands for, None for nothing."""
        return self.rows[self.cursor].key if self.cursor < len(self.rows) else None

    @property
    def text(self) -> str:
        """-> all rows as text, for tests."""
        return "\n".join(row.text.rstrip() for row in self.rows)

    @property
    def columns(self) -> int:
        """-> the width of a row, beside the scroll bar."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        width = self.columns
        line = y + self.scroll_offset.y
        if not 0 <= line < len(self.rows):
            return Strip.blank(width, self.rich_style)
        cursor = line == self.cursor and self.has_focus
        return self.strip_of(self.rows[line], width, self.shifted, "cursor" if cursor else "")

    def on_resize(self) -> None:
        self.virtual_size = Size(self.columns, len(self.rows))

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self.refresh()

    # ---- keys and mouse ----------------------------------------------------------------------------------------------
    def action_move(self, count: int) -> None:
        self.put_cursor(self.cursor + count)

    def action_page(self, count: int) -> None:
        self.put_cursor(self.cursor + count * max(self.size.height - 1, 1))

    def action_edge(self, line: int) -> None:
        self.put_cursor(line % max(len(self.rows), 1))

    def action_shift(self, columns: int) -> None:
        self.shifted = max(0, min(self.shifted + columns, SHIFT_MAX))
        self.refresh()

    def action_choose(self) -> None:
        if self.key is not None:
            self.post_message(self.Chosen(self, self.key))

    def on_click(self, event: events.Click) -> None:
        line = event.y - self.gutter.top + self.scroll_offset.y
        if event.y >= self.gutter.top and 0 <= line < len(self.rows):
            self.put_cursor(line)
            if self.key is not None:
                self.post_message(self.Chosen(self, self.key, event.x - self.gutter.left))
