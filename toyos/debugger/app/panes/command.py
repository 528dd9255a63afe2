"""The command line: gdb's words, with history and completion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os.path import commonprefix
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

HISTORY = 500  # lines that are kept


class CommandLine(Input):
    """Up and down go through the history, Tab completes: as much as is certain, then the candidates are told."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
        Binding("tab", "complete", show=False),
    ]

    class Entered(Message):
        """A line to be executed."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Candidates(Message):
        """What the line could become; empty for nothing."""

        def __init__(self, lines: Sequence[str]) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self, complete: Callable[[str], Sequence[str]], *, id: str, placeholder: str) -> None:
        super().__init__(id=id, placeholder=placeholder, compact=True, select_on_focus=False)
        self._complete = complete
        self._history: list[str] = []
        self._at = 0  # in the history; its length for the line that is being typed
        self._typed = ""

    def action_complete(self) -> None:
        found = list(self._complete(self.value))
        common = commonprefix(found) if found else ""
        if len(found) == 1 and " " not in common:
            common += " "
        if len(common) > len(self.value):
            self.value = common
            self.cursor_position = len(self.value)
        if len(found) != 1:
            self.post_message(self.Candidates(found))

    def action_older(self) -> None:
        self._go(self._at - 1)

    def action_newer(self) -> None:
        self._go(self._at + 1)

    def _go(self, place: int) -> None:
        if not 0 <= place <= len(self._history):
            return
        if self._at == len(self._history):
            self._typed = self.value
        self._at = place
        self.value = self._history[place] if place < len(self._history) else self._typed
        self.cursor_position = len(self.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        line = self.value.strip().lstrip(":")  # typed once more by who forgot that this is the command line already
        self.value = ""
        if line and line not in self._history[-1:]:
            self._history = [*self._history, line][-HISTORY:]
        self._at = len(self._history)
        self.post_message(self.Entered(line))
