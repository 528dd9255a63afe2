"""The row of panes to choose from where not all of them fit on the screen; the row of keys at the bottom."""

from __future__ import annotations

from textual import events
from textual.message import Message

from toyos.debugger.app.keys import bottom
from toyos.debugger.app.layout import LABELS, PANES
from toyos.debugger.app.panes.drawn import Line
from toyos.debugger.app.text.rows import Row, Span


class Buttons(Line):
    """Rows with places to click on."""

    class Pressed(Message):
        """A place was clicked; action: of the application."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.places: list[list[tuple[int, int, str]]] = []

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.places):
            for first, behind, action in self.places[event.y]:
                if first <= event.x < behind:
                    self.post_message(self.Pressed(action))


class Tabs(Buttons):
    """1 to 9 and 0 choose a pane, too."""

    def mark(self, visible: set[str]) -> None:
        """visible: the panes that are on the screen now."""
        spans: list[Span] = []
        places: list[tuple[int, int, str]] = []
        column = 0
        for number, pane in enumerate(PANES, 1):
            text = f"{number % 10}{LABELS[pane]}"
            spans += [Span(text, "current" if pane in visible else ""), Span(" ")]
            places.append((column, column + len(text), f"pane('{pane}')"))
            column += len(text) + 1
        self.places = [places]
        self.show(Row(tuple(spans)))


class Keys(Buttons):
    """Wraps into a second row where one is too short."""

    def on_resize(self) -> None:
        if self.size.width:
            rows = bottom(self.size.width)
            self.places = [places for _, places in rows]
            self.styles.height = len(rows)
            self.show(*(row for row, _ in rows))
