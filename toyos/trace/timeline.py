"""Events -> the life of every process: in which state it was when, its name, whose child it is, which calls it made.

history = History()
Recorder(..., sink=history.add)
...
history.close(machine.started, clock)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from toyos.trace.events import (
    FREE,
    NEW,
    RUNNING,
    Call,
    CallBegins,
    Copy,
    Event,
    Exec,
    Exit,
    Fault,
    Fork,
    StateChange,
    Switch,
)


class Interval(NamedTuple):
    """A process was in this state from `at` up to `until`, in instructions and in clocks. on: what it slept on."""

    state: str
    on: str
    at: int
    clock: int
    until: int
    until_clock: int


@dataclass(eq=False)
class Life:
    """A process, from New until its PCB was free again, or the trace ended. number: the place among all lives in the
    order of their births; parent: who made it, None for process 0; names: since when it was called what."""

    number: int
    pid: int
    parent: Life | None = None
    names: list[tuple[int, str]] = field(default_factory=list)
    intervals: list[Interval] = field(default_factory=list)
    children: list[Life] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    status: int | None = None  # how it ended, as wait(2) has it
    freed: bool = False

    @property
    def name(self) -> str:
        """-> the last one."""
        return self.names[-1][1] if self.names else ""

    def name_at(self, at: int) -> str:
        """-> what it was called then."""
        return next((name for since, name in reversed(self.names) if since <= at), "")

    @property
    def born(self) -> int:
        return self.intervals[0].at

    def state_at(self, at: int) -> str | None:
        """-> its state before the instruction that starts at that position, None where it does not live."""
        return next((each.state for each in self.intervals if each.at <= at < each.until), None)


class History:
    """All lives and events of a run. end, end_clock: where it ends; complete: nothing is missing before; known_clock:
    where that begins which is missing."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.lives: list[Life] = []
        self.complete = True
        self.end = self.end_clock = self.known_clock = 0
        self._by_pid: dict[int, Life] = {}  # those that live
        self._all_by_pid: dict[int, list[Life]] = {}
        self._open: dict[Life, StateChange] = {}  # the state that each is in

    # ---- making ------------------------------------------------------------------------------------------------------
    def add(self, event: Event) -> None:
        """Takes the next event."""
        self.events.append(event)
        if isinstance(event, StateChange):
            self._state(event)
        elif isinstance(event, Exec):
            self._call(event, event.name)
        life = self.life(event.pid)
        if life is None:
            return
        if isinstance(event, CallBegins):
            life.calls.append(event.call)
        elif isinstance(event, Fault):
            life.faults.append(event)
        elif isinstance(event, Exit):
            life.status = event.status

    def _state(self, event: StateChange) -> None:
        pid = event.pid or 0
        if event.after == NEW:
            self._begin(pid)
        life = self._by_pid[pid]
        self._end_interval(life, event.at, event.clock)
        self._call(event, event.name)
        if event.after == FREE:
            life.freed = True
            del self._by_pid[pid]
        else:
            self._open[life] = event

    def _begin(self, pid: int) -> None:
        """A process is made, by the one that runs."""
        parent = next((life for life, state in self._open.items() if state.after == RUNNING), None)
        life = self._by_pid[pid] = Life(len(self.lives), pid, parent)
        self.lives.append(life)
        self._all_by_pid.setdefault(pid, []).append(life)
        if parent:
            parent.children.append(life)

    def _call(self, event: Event, name: str) -> None:
        life = self.life(event.pid)
        if life and name and name != life.name:
            life.names.append((event.at, name))

    def _end_interval(self, life: Life, at: int, clock: int) -> None:
        begun = self._open.pop(life, None)
        if begun:
            life.intervals.append(Interval(begun.after, begun.on, begun.at, begun.clock, at, clock))

    def close(self, at: int, clock: int, complete: bool = True) -> None:
        """The machine has stopped: nothing will follow."""
        self.end, self.end_clock, self.complete = at, clock, complete
        if not complete and self.events:
            at, clock = self.events[-1].at, self.events[-1].clock
        self.known_clock = clock
        for life in list(self._open):
            self._end_interval(life, at, clock)

    # ---- asking ------------------------------------------------------------------------------------------------------
    def life_at(self, pid: int | None, at: int) -> Life | None:
        """Pid and position -> who had it then."""
        lives = self._all_by_pid.get(-1 if pid is None else pid, [])
        return next((life for life in lives if life.born <= at <= life.intervals[-1].until), None)

    def life(self, pid: int | None) -> Life | None:
        """Pid -> who has it now, while events are added."""
        return None if pid is None else self._by_pid.get(pid)

    @property
    def begin(self) -> int:
        """-> where the first program begins to run: the kernel's own start lies before."""
        running = (each.at for life in self.lives if life.pid for each in life.intervals if each.state == RUNNING)
        return min(running, default=0)

    def tree(self) -> Iterator[tuple[Life, str]]:
        """-> every life, parents before their children, and the lines that join it to its parent: "├─ "."""
        roots = [life for life in self.lives if life.parent is None]
        for root in roots:
            yield root, ""
            yield from _branches(root, "")

    @property
    def switches(self) -> list[Switch]:
        return [event for event in self.events if isinstance(event, Switch)]

    @property
    def calls(self) -> list[Call]:
        """-> in the order in which they began."""
        return [event.call for event in self.events if isinstance(event, CallBegins)]

    def counts(self) -> dict[str, int]:
        """-> how often what has happened; system calls as the kernel counts them, every attempt."""
        kinds = Counter(event.KIND for event in self.events)
        return {
            "switches": len(self.switches),
            "voluntary_switches": sum(switch.voluntary for switch in self.switches),
            "system_calls": sum(len(call.attempts) for call in self.calls),
            "page_faults": sum(isinstance(event, Fault) and event.access != "" for event in self.events),
            "pages_copied": kinds[Copy.KIND],
            "traps": kinds["trap"],
            "forks": sum(isinstance(event, Fork) and event.pid != 0 for event in self.events),  # init is no fork
        }


def _branches(life: Life, prefix: str) -> Iterator[tuple[Life, str]]:
    for child in life.children:
        last = child is life.children[-1]
        yield child, f"{prefix}{'└─ ' if last else '├─ '}"
        yield from _branches(child, prefix + ("   " if last else "│  "))
