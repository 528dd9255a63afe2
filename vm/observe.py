"""A machine and points -> stops at them: breakpoints, watchpoints, traps.

    observer = Observer(machine)
    observer.add(CodePoint(0x1000), lambda hit: machine.x[10] == 3)
    outcome = observer.run(1_000_000)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vm.machine import Machine, TrapRecord
from vm.points import CHANGE, CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint
from vm.translation import Untranslated, current_root, read_virtual

Accept = Callable[[Hit], bool]
HIT = "hit"


class Outcome(NamedTuple):
    """Why a run ended. reason: "hit", or a reason of vm.machine.Stop ("halt", "limit", "idle", "pause", "stopped");
    hits: the points met at this position, in the order in which they were added; status: of a halt."""

    reason: str
    hits: tuple[Hit, ...] = ()
    status: int | None = None


class Observer:
    """Watches a machine for points. The machine stands on an instruction boundary whenever `run` has returned."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._points: dict[Point, Accept | None] = {}
        self._values: dict[Point, int] = {}

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(self._points)

    def add(self, point: Point, accept: Accept | None = None) -> None:
        """Stops there from now on; accept: asked at each hit, while the machine stands there, whether it counts."""
        self._points[point] = accept
        self.refresh()

    def remove(self, point: Point) -> None:
        """Raises KeyError for a point that was not added."""
        del self._points[point]
        self._values.pop(point, None)

    def refresh(self) -> None:
        """The machine has been put into another state: values that points compare with are read anew."""
        self._values = {point: value for point in self._points if (value := self._value(point)) is not None}

    def run(self, max_instructions: int | None = None) -> Outcome:
        """Runs on until a point is met or the machine stops by itself. A CodePoint at the instruction where it starts
        does not count. Exactly `max_instructions` are started at most."""
        last = None if max_instructions is None else self.machine.started + max_instructions
        while last is None or self.machine.started < last:
            traps: list[TrapRecord] = []
            self.machine.trace_traps = traps.append
            stop = self.machine.run(1)
            self.machine.trace_traps = None
            hits = self._hits(traps)
            if stop.reason != "limit":
                return Outcome(stop.reason, hits, stop.status)
            if hits:
                return Outcome(HIT, hits)
        return Outcome("limit")

    def last_hit(self, max_instructions: int) -> tuple[Hit, ...]:
        """Runs on for exactly so many instructions, or until the machine stops by itself, through all hits -> those of
        the last position that had any that were accepted."""
        end = self.machine.started + max_instructions
        last: tuple[Hit, ...] = ()
        while self.machine.started < end:
            outcome = self.run(end - self.machine.started)
            last = outcome.hits or last
            if outcome.reason not in (HIT, "limit"):
                break
        return last

    def _value(self, point: Point) -> int | None:
        machine = self.machine
        if isinstance(point, StatePoint):
            value = machine.core.state[point.field]
            return int(value if value.ndim == 0 else value[point.index])
        if isinstance(point, DataPoint):
            try:
                root = None if point.physical else current_root(machine)
                return int.from_bytes(read_virtual(machine, point.address, point.size, root), "little")
            except Untranslated:
                return None
        return None

    def _hits(self, traps: list[TrapRecord]) -> tuple[Hit, ...]:
        found = []
        at = self.machine.started
        for point, accept in self._points.items():
            hit: Hit | None = None
            if isinstance(point, CodePoint) and self.machine.pc == point.address:
                hit = Hit(point, at)
            elif isinstance(point, TrapPoint) and traps and (not point.causes or traps[-1].cause in point.causes):
                hit = Hit(point, at, trap=traps[-1])
            elif isinstance(point, StatePoint) or (isinstance(point, DataPoint) and point.kind == CHANGE):
                before, after = self._values.get(point), self._value(point)
                if after is not None:
                    self._values[point] = after
                if before != after:
                    hit = Hit(point, at, before=before, after=after)
            if hit and (accept is None or accept(hit)):
                found.append(hit)
        return tuple(found)
