"""The run as a bar with its marks; they are jumped to with keys and mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from toyos.debugger.app.panes.drawn import Drawn
from toyos.debugger.app.text import timeline
from toyos.debugger.app.view import View


class TimelineBar(Drawn, can_focus=True):
    """Left and right go to the mark before and behind, + and - zoom, a click goes to what is under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "mark(-1)", show=False),
        Binding("right", "mark(1)", show=False),
        Binding("home", "edge(0)", show=False),
        Binding("end", "edge(1)", show=False),
    ]

    class Jump(Message):
        """Somebody wants to be at another position."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.view: View | None = None
        self.whole = timeline.Range(0, 0)
        self.part = self.whole

    def show(self, view: View) -> None:
        followed = self.part == self.whole
        self.view, self.whole = view, timeline.Range(*view.span)
        now = view.place.position
        if followed or self.part.last > self.whole.last:
            self.part = self.whole
        elif not self.part.first <= now <= self.part.last:
            self.part = self.part.zoomed(1, now, self.whole)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.view is None or width < 2:
            return Strip.blank(width, self.rich_style)
        now = self.view.place.position
        rows = timeline.bar(self.view.positions, self.part, now, width), timeline.scale(self.part, now, width)
        return self.strip_of(rows[y], width) if y < len(rows) else Strip.blank(width, self.rich_style)

    def _jump(self, position: int) -> None:
        if self.view is not None and position != self.view.place.position:
            self.post_message(self.Jump(position))

    def action_mark(self, direction: int) -> None:
        if self.view is None:
            return
        now = self.view.place.position
        find = timeline.before if direction < 0 else timeline.behind
        found = find(self.view.positions, now)
        self._jump(self.whole[direction > 0] if found is None else found)

    def action_edge(self, end: int) -> None:
        self._jump(self.whole[end])

    def action_zoom(self, factor: float) -> None:
        if self.view is not None:
            self.part = self.part.zoomed(factor, self.view.place.position, self.whole)
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        if self.view is not None:
            column = event.x - self.gutter.left
            self._jump(timeline.nearest(self.view.positions, self.part, column, self.size.width))
