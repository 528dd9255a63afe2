"""The guest's console: what it printed, and a line to type to it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from toyos.debugger.app.panes.lines import Lines
from toyos.debugger.app.text.console import console_rows

MOST = 1 << 16  # bytes that are shown, before and behind the present position
END_OF_INPUT = b"\x04"
HINT = "type here for the guest, Enter sends it (Ctrl-D: end of its input)"


class GuestInput(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+d", "finish", show=False)]

    class Ended(Message):
        """Ctrl-D: the guest's input is to end."""

    def action_finish(self) -> None:
        self.post_message(self.Ended())


class Console(Vertical):
    """Text that the guest prints later than the present position is dim."""

    class Typed(Message):
        """Bytes for the guest."""

        def __init__(self, data: bytes) -> None:
            super().__init__()
            self.data = data

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.border_title = "guest console"
        self._shown: tuple[bytes, bytes] | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="console-text", title="")
        yield GuestInput(id="console-input", placeholder=HINT, compact=True, select_on_focus=False)

    def show(self, before: bytes, later: bytes) -> None:
        """What was printed up to now, and what will be as far as is known."""
        before, later = before[-MOST:], later[:MOST]
        if self._shown == (before, later):
            return
        self._shown = before, later
        rows = console_rows(before, later)
        text = self.query_one(Lines)
        last = max((index for index, row in enumerate(rows) if row.role != "later"), default=0)
        text.show_rows(rows, cursor=last)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Typed(event.value.encode("utf-8") + b"\n"))
        event.input.value = ""

    def on_guest_input_ended(self) -> None:
        self.post_message(self.Typed(END_OF_INPUT))
