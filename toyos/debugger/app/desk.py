"""What the application needs of a session, and the records that go between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from toyos.debugger.app.view import View
from toyos.debugger.replies import Reply


class Choice(NamedTuple):
    """What the user looks at beside the place where the machine stands. pid: of the PCB that is shown, None for the
    process that runs; memory: first address shown, None for the stack pointer's; frame: level of the call whose
    source is shown, None for the innermost."""

    pid: int | None = None
    memory: int | None = None
    frame: int | None = None


class Desk(Protocol):
    """A session as the application sees it. `execute` and `view` are called in one thread; the rest from any, at any
    time."""

    @property
    def name(self) -> str:
        """What is being debugged."""

    @property
    def fresh(self) -> bool:
        """Whether the machine can be moved and has not been: a core dump can only be looked at."""

    @property
    def position(self) -> int:
        """Where the machine is now, also while it runs."""

    def execute(self, line: str) -> Reply: ...

    def toggle(self, file: str, line: int, address: int) -> Reply: ...

    def view(self, choice: Choice, before: View | None) -> View: ...

    def interrupt(self) -> None: ...

    def send(self, data: bytes) -> None:
        """Console input: given to the guest while it runs, or with the next `execute` or `hear`."""

    def complete(self, line: str) -> Sequence[str]: ...

    def hear(self) -> Reply:
        """The guest gets what was sent to it while nothing was executed."""

    def output(self) -> tuple[bytes, bytes]:
        """-> what the guest has printed up to now, and what it will print, as far as that is known."""

    def value(self, expression: str) -> int | None:
        """-> the value of an expression, None if it has none."""
