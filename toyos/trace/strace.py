"""Events -> system calls as strace prints them, a line each, as they come.

A call during which something else is printed is cut in two: `wait4(-1,  <unfinished ...>` and later `<... wait4
resumed>`. One that sleeps is attempted several times by the kernel, but it is one call, and is shown as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from toyos.constants import code_of, signal_names, signal_of
from toyos.trace.calls import ROWS
from toyos.trace.events import Call, CallBegins, CallEnds, Event, Exit

RESULT_COLUMN = 40  # where strace puts the result, unless the call is longer
INIT = 1
UNSEEN = "SIGKILL"  # the one signal that is never delivered, so that strace shows none of it


def opening(call: Call) -> str:
    """-> a call up to the first argument that is not known yet."""
    known: list[str] = []
    for text in call.texts:
        if text is None:
            return f"{call.name}({''.join(f'{each}, ' for each in known)}"
        if text:
            known.append(text)
    return f"{call.name}({', '.join(known)}"


def whole(call: Call) -> str:
    """-> a call that has come to its end, with its arguments."""
    return f"{call.name}({', '.join(text for text in call.texts if text)})"


def signal_name(status: int) -> str:
    """Status of wait(2) of a process that a signal has killed -> the signal's name."""
    number = signal_of(status)
    return signal_names().get(number, f"signal {number}")


def ending(status: int) -> str:
    """Status of wait(2) -> how a process has ended."""
    if signal_of(status):
        return f"+++ killed by {signal_name(status)} +++"
    return f"+++ exited with {code_of(status)} +++"


class Strace:
    """write: takes each line, without its end. wanted: names of the calls that are shown (None: all). init: whether
    process 1 is shown, too."""

    def __init__(self, write: Callable[[str], object], wanted: Iterable[str] | None = None, init: bool = False) -> None:
        self._write, self._init = write, init
        self._wanted = None if wanted is None else frozenset(wanted)
        self._open: tuple[Call, str] | None = None  # the call whose line has been begun
        self._cut: dict[int, str] = {}  # pid -> how much of its call was shown when its line was cut

    def __call__(self, event: Event) -> None:
        """Takes the next event."""
        if not event.pid or (event.pid == INIT and not self._init):
            return
        if isinstance(event, CallBegins) and self._shows(event.call.name):
            self._interrupt()
            self._open = event.call, opening(event.call)
        elif isinstance(event, CallEnds) and self._shows(event.call.name):
            self._finish(event.call)
        elif isinstance(event, Exit):
            self._interrupt()
            signal = signal_name(event.status)
            if event.value is not None and signal != UNSEEN:
                self._write(f"[pid {event.pid}] --- {signal} {{si_signo={signal}, si_addr={event.value:#x}}} ---")
            self._write(f"[pid {event.pid}] {ending(event.status)}")

    def end(self) -> None:
        """No event will follow."""
        self._interrupt()

    def _shows(self, name: str) -> bool:
        return self._wanted is None or name in self._wanted or name not in ROWS

    def _interrupt(self) -> None:
        """Something else is about to be printed."""
        if self._open:
            (call, begun), self._open = self._open, None
            self._cut[call.pid] = begun
            self._write(f"[pid {call.pid}] {begun} <unfinished ...>")

    def _finish(self, call: Call) -> None:
        text = whole(call)
        if self._open and self._open[0] is call:
            self._open = None
        elif call.pid in self._cut:
            begun = self._cut.pop(call.pid)
            text = f"<... {call.name} resumed>{text[len(begun) :]}"
        left = f"[pid {call.pid}] {text} "
        self._interrupt()
        self._write(f"{left:<{RESULT_COLUMN}}= {call.returned}")
