"""`catch`: events of the hart and of the kernel that the machine can stop at, each a row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toyos.debugger import scope
from toyos.debugger.breakpoints import CATCHPOINT
from toyos.debugger.command import Command, find, split
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.kernel_points import Watched

if TYPE_CHECKING:
    from toyos.debugger.session import Session

SWITCHES = {"on": True, "off": False}  # whether a fault of the debugged program stops the machine by itself

Caught = tuple[str, Sequence[Watched]]  # what, in words; and its points


@dataclass(frozen=True)
class Event:
    """make: session and arguments -> what is caught."""

    name: str
    short: tuple[str, ...]
    usage: str
    help: str
    make: Callable[[Session, str], Caught]


def _number(session: Session, text: str) -> int:
    return scope.sound(evaluate(session, text)).number


def _trap(session: Session, text: str) -> Caught:
    if not text:
        return "any trap", session.kernel.any_trap()
    causes = session.kernel.causes(text)
    names = " or ".join(session.kernel.cause_names[cause] for cause in sorted(causes))
    return f"trap: {names}", session.kernel.trap_on(text)


def _cause(session: Session, text: str) -> Caught:
    if not text:
        raise Refused("which cause? Expected words of its name, such as page fault, or its number")
    return _trap(session, text)


def _call(session: Session, text: str) -> Caught:
    return f"system call {text}" if text else "any system call", session.kernel.system_call(text or None)


def _switch(session: Session, text: str) -> Caught:
    words = text.split()
    pids: dict[str, int | None] = {"from": None, "to": None}
    while words:
        key = words.pop(0) if words[0] in pids else "to"
        if not words:
            raise Refused(f"{key} which process? Expected a pid")
        pids[key] = _number(session, words.pop(0))
    said = "".join(f" {key} process {pid}" for key, pid in pids.items() if pid is not None)
    return f"context switch{said}", session.kernel.context_switch(pids["from"], pids["to"])


def _state(session: Session, text: str) -> Caught:
    pid = _number(session, text) if text else None
    return f"state of {'any process' if pid is None else f'process {pid}'}", session.kernel.state_change(pid)


def _signal(session: Session, text: str) -> Caught:
    points = session.kernel.fatal_fault(text or None)
    return f"a fault that ends a process{f' by {text}' if text else ''}", points


EVENTS = {
    row.name: row
    for row in (
        Event("trap", (), "[CAUSE]", "a trap: CAUSE is words of its name, such as timer, or its number", _trap),
        Event("cause", (), "CAUSE", "the same", _cause),
        Event("syscall", ("call", "system-call"), "[NAME]", "a system call, when its trap has been taken", _call),
        Event("switch", (), "[from PID] [to PID]", "the kernel makes another process the current one", _switch),
        Event("signal", ("fault",), "[NAME]|off|on", "the kernel is about to end a process for its fault", _signal),
        Event("state", (), "[PID]", "a process, or this one, changes its state", _state),
    )
}


def catch(session: Session, text: str) -> Iterator[str]:
    """catch EVENT ... [if CONDITION] [pid N]."""
    from toyos.debugger.stop_commands import clauses_of, clauses_text

    text, condition, pid = clauses_of(session, text)
    word, rest = split(text)
    if not word:
        raise Refused(f"catch what? Expected one of: {', '.join(EVENTS)}")
    event = find(word, EVENTS, "event")
    if event.make is _signal and rest in SWITCHES and session.faults:
        yield session.faults.switch(SWITCHES[rest])
        return
    what, watched = event.make(session, rest)
    made = session.breakpoints.add(CATCHPOINT, what, watched, condition, pid)
    yield f"catchpoint {made.number}: {what}{clauses_text(made)}"


CATCH = Command(
    "catch", (), "EVENT [if CONDITION] [pid N]",
    "stop at an event of the system\n"
    + "\n".join(f"  {each.name + ' ' + each.usage:28} {each.help}" for each in EVENTS.values())
    + "\nA fault that ends the debugged program, or its child, stops by itself; `catch signal off`: no more.",
    catch,
)  # fmt: skip
