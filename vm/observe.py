"""A machine and points -> stops at them: breakpoints, watchpoints, traps.

    observer = Observer(Machine(observed=True))
    observer.add(CodePoint(0x1000), lambda hit: machine.x[10] == 3)
    outcome = observer.run(1_000_000)

The observing build of the interpreter watches for the points (vm/marks.py); what a stop there says is worked out here.
A stop stands behind whatever interrupt came between the two instructions, as the end of a budget does: so a position
(Machine.started) always is the same state of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from vm.arch import INTERRUPT_FLAG, RAM_BASE
from vm.hart_state import KEPT
from vm.machine import Machine, MachineError
from vm.marks import Area, Marks, Wanted
from vm.micro.observing_layout import MARK_READ, MARK_WRITE, SCAN, STOP, WORDS
from vm.overwritten import Overwritten
from vm.points import CHANGE, KINDS, READ, WRITE, CodePoint, DataPoint, Hit, Point, StalePoint, StatePoint, TrapPoint
from vm.state import LAYOUT, SINK, STATE

Accept = Callable[[Hit], bool]
HIT, LIMIT, POINT = "hit", "limit", "point"
_MARKS = {READ: MARK_READ, WRITE: MARK_WRITE, CHANGE: MARK_WRITE}
_ALL = (1 << 32) - 1
# What the guest can change, besides where it is and how far it has come.
_WATCHABLE = frozenset(KEPT) - {"pc", "clock", "skipped"} | {"lines", "mtimecmp"}


class Outcome(NamedTuple):
    """Why a run ended. reason: "hit", or a reason of vm.stops.Stop ("halt", "limit", "idle", "pause", "stopped");
    hits: the points met at this position, in the order in which they were added; status: of a halt."""

    reason: str
    hits: tuple[Hit, ...] = ()
    status: int | None = None


class Observer:
    """Watches a machine for points. The machine stands on an instruction boundary whenever `run` has returned. Raises
    MachineError for a machine that was not made with observed=True."""

    def __init__(self, machine: Machine) -> None:
        if machine.core.marks is None:
            raise MachineError("this machine cannot be watched: expected one made with observed=True")
        self.machine = machine
        self._marks: Marks = machine.core.marks
        self._points: dict[Point, Accept | None] = {}
        self._values: dict[StatePoint, int] = {}

    # ---- points ------------------------------------------------------------------------------------------------------
    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(self._points)

    def add(self, point: Point, accept: Accept | None = None) -> None:
        """Stops there from now on; accept: asked at each hit, while the machine stands there, whether it counts. Raises
        MachineError for a point that no machine can meet, and for more words of CPU state than can be watched."""
        _check(self.machine, point)
        watched = [each for each in {**self._points, point: accept} if isinstance(each, StatePoint)]
        if sum(len(_words(each)) for each in watched) > WORDS:
            raise MachineError(f"more than {WORDS} words of CPU state to be watched: remove some of their points first")
        self._points[point] = accept
        self._marks.owner = None

    def remove(self, point: Point) -> None:
        """Raises KeyError for a point that was not added."""
        del self._points[point]
        self._marks.owner = None

    def refresh(self) -> None:
        """Values that points compare with are read anew, as at the beginning of a run."""
        self._values = {point: self._value(point) for point in self._points if isinstance(point, StatePoint)}

    def _wanted(self) -> Wanted:
        points, causes = tuple(self._points), [0, 0]
        for point in points:
            if isinstance(point, TrapPoint):
                for cause in point.causes:
                    causes[bool(cause & INTERRUPT_FLAG)] |= 1 << (cause & ~INTERRUPT_FLAG)
                if not point.causes:
                    causes = [_ALL, _ALL]
        return Wanted(
            code=[point.address for point in points if isinstance(point, CodePoint)],
            data=[_area(point) for point in points if isinstance(point, DataPoint)],
            words=[word for point in points if isinstance(point, StatePoint) for word in _words(point)],
            exceptions=causes[0],
            interrupts=causes[1],
            translations=any(isinstance(point, StalePoint) for point in points),
        )

    def _arm(self, how: int) -> None:
        """From here on points are looked for."""
        if self._marks.owner is not self:
            self._marks.place(self._wanted())
            self._marks.owner = self
        self._start = self.machine.started
        self._marks.arm(how, self._start)
        self.refresh()

    # ---- running -----------------------------------------------------------------------------------------------------
    def run(self, max_instructions: int | None = None) -> Outcome:
        """Runs on until a point is met or the machine stops by itself. A CodePoint at the instruction where it starts
        does not count. Exactly `max_instructions` are started at most."""
        machine = self.machine
        if not self._points:
            stop = machine.run(max_instructions)
            return Outcome(stop.reason, (), stop.status)
        last = None if max_instructions is None else machine.started + max_instructions
        try:
            while last is None or machine.started < last:
                self._arm(STOP)
                stop = machine.run(None if last is None else last - machine.started)
                hits = self._hits()
                if stop.reason != POINT:
                    return Outcome(stop.reason, hits, stop.status)
                if hits:
                    return Outcome(HIT, hits)
            return Outcome(LIMIT)
        finally:
            self._marks.disarm()

    def last_hit(self, max_instructions: int) -> tuple[Hit, ...]:
        """Runs on for exactly so many instructions, or until the machine stops by itself, through all hits -> those of
        the last position that had any that were accepted. It stops at each of them: `scan` is quicker."""
        last: tuple[Hit, ...] = ()
        for outcome in self._outcomes(max_instructions):
            last = outcome.hits or last
        return last

    def scan(self, max_instructions: int) -> int | None:
        """The same -> the position alone, None without any hit. The position where it starts does not count, the one
        where it ends does. Generated code does it alone, where no point asks whether a hit counts and none is of kind
        "change": then the number of hits does not matter."""
        asks = any(accept is not None for accept in self._points.values())
        if asks or any(isinstance(point, DataPoint) and point.kind == CHANGE for point in self._points):
            positions = [self.machine.started for outcome in self._outcomes(max_instructions) if outcome.hits]
            return positions[-1] if positions else None
        self._arm(SCAN)
        try:
            self.machine.run(max_instructions)
        finally:
            self._marks.disarm()
        at, pc = self.machine.started, self.machine.pc
        codes = {point.address for point in self._points if isinstance(point, CodePoint)}
        # Of the very last instruction of all nothing is noticed any more.
        here = at != self._start and pc in codes
        return at if here or self._marks.pending else self._marks.last

    def _outcomes(self, max_instructions: int) -> Iterator[Outcome]:
        """Runs on -> each stop, the machine standing there."""
        end = self.machine.started + max_instructions
        while self.machine.started < end:
            outcome = self.run(end - self.machine.started)
            yield outcome
            if outcome.reason not in (HIT, LIMIT):
                return

    # ---- what was met ------------------------------------------------------------------------------------------------
    def _value(self, point: StatePoint) -> int:
        value = self.machine.core.state[point.field]
        return int(value if value.ndim == 0 else value[point.index])

    def _hits(self) -> tuple[Hit, ...]:
        machine, at = self.machine, self.machine.started
        traps = [machine.trap_record(*words) for words in self._marks.traps()]
        accesses = Overwritten(machine, self._marks.notes())
        found = []
        for point, accept in tuple(self._points.items()):
            hit: Hit | None = None
            if isinstance(point, CodePoint):
                if machine.pc == point.address and at != self._start:
                    hit = Hit(point, at)
            elif isinstance(point, TrapPoint):
                trap = next((each for each in reversed(traps) if not point.causes or each.cause in point.causes), None)
                hit = trap and Hit(point, at, trap=trap)
            elif isinstance(point, StatePoint):
                before, after = self._values[point], self._value(point)
                if before != after:
                    hit = Hit(point, at, before=before, after=after)
            elif isinstance(point, StalePoint):
                access = accesses.stale(self._marks.stale_fetch)
                hit = access and Hit(point, at, access)
            else:
                hit = accesses.hit(point, at)
            if hit and (accept is None or accept(hit)):
                found.append(hit)
        return tuple(found)


def _words(point: StatePoint) -> list[int]:
    """-> byte offsets of the words that the field consists of."""
    offset, width = LAYOUT[point.field]
    first = offset + point.index * width // 8
    return list(range(first, first + width // 8, 4))


def _area(point: DataPoint) -> Area:
    how = _MARKS.get(point.kind, MARK_READ | MARK_WRITE)
    return Area(point.address - (RAM_BASE if point.physical else 0), point.size, how, point.physical)


def _check(machine: Machine, point: Point) -> None:
    """Raises MachineError for a point that no machine can meet."""
    if isinstance(point, StatePoint):
        if point.field not in _WATCHABLE:
            raise MachineError(f"{point.field!r} is no field of the CPU state that can be watched")
        count = SINK if point.field == "x" else STATE[point.field].itemsize * 8 // LAYOUT[point.field][1]
        if not 0 <= point.index < count:
            raise MachineError(f"{point.field}[{point.index}]: expected an index from 0 to {count - 1}")
    elif isinstance(point, DataPoint):
        if point.kind not in KINDS:
            raise MachineError(f"there is no kind of access {point.kind!r}; expected one of: {', '.join(KINDS)}")
        if not 0 < point.size <= machine.ram_size:
            raise MachineError(f"{point.size} bytes to be watched: expected 1 to {machine.ram_size}")
        if point.physical:
            machine.read(point.address, point.size)
        _in_space(point.address)
        _in_space(point.address + point.size - 1)
    elif isinstance(point, CodePoint):
        _in_space(point.address)


def _in_space(address: int) -> None:
    if not 0 <= address <= _ALL:
        raise MachineError(f"{address:#x} is no address: expected 0 to {_ALL:#x}")
