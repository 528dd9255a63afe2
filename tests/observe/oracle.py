"""An observer that knows nothing of the observing build: a usual machine, one instruction at a time, in plain Python.

It runs the reference executor with a recorder in front of it, and compares registers and RAM before and after each
instruction. Slow, and simple enough to be believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from vm.arch import PAGE_SHIFT, RAM_BASE
from vm.machine import Machine
from vm.points import CHANGE, READ, WRITE, Access, CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint
from vm.state import SINK
from vm.stops import TrapRecord

WORD, TOLD = 4, 8
_KINDS = {READ: (False,), WRITE: (True,), CHANGE: (True,)}


class Moved(NamedTuple):
    """An access as it was made. places: offset in RAM of each byte; none for a device."""

    address: int
    size: int
    write: bool
    places: tuple[int, ...]
    pc: int


class Recorder:
    """In front of a mode's reference executor of the usual build: what the instruction has accessed, and traps."""

    moved: list[Moved]

    def attach(self, machine: Machine) -> None:
        self.machine, self.moved, self.traps = machine, [], []
        self._touched: list[int] | None = None
        self._from = 0

    def _move(self, act: Any, address: Any, size: int, write: bool, words: int = 1) -> Any:
        self._touched = []
        result = act()
        touched, self._touched = self._touched, None
        for k in range(words):
            places = tuple(touched[k * size : (k + 1) * size])
            self.moved.append(Moved(int(address) + k * size & 0xFFFF_FFFF, size, write, places, self._from))
        return result

    def load(self, va: Any, size: int) -> Any:
        return self._move(lambda: super(Recorder, self).load(va, size), va, size, False)  # type: ignore[misc]

    def store(self, va: Any, value: Any, size: int) -> None:
        self._move(lambda: super(Recorder, self).store(va, value, size), va, size, True)  # type: ignore[misc]

    def load_words(self, va: Any, count: int) -> Any:
        return self._move(
            lambda: super(Recorder, self).load_words(va, count), va, WORD, False, count  # type: ignore[misc]
        )  # fmt: skip

    def store_words(self, va: Any, values: Any) -> None:
        act = lambda: super(Recorder, self).store_words(va, values)  # type: ignore[misc]  # noqa: E731
        self._move(act, va, WORD, True, len(values))

    def ram(self, offset: Any, size: int) -> Any:
        if self._touched is not None:
            self._touched += range(int(offset), int(offset) + size)
        return super().ram(offset, size)  # type: ignore[misc]

    def ram_set(self, offset: Any, size: int, value: Any) -> None:
        if self._touched is not None:
            self._touched += range(int(offset), int(offset) + size)
        super().ram_set(offset, size, value)  # type: ignore[misc]

    def call(self, routine: Any, args: Any) -> Any:
        outer, self._touched = self._touched, None
        call = super().call  # type: ignore[misc]
        if routine.name == "take_exception":
            self.moved, self._from = [], int(args[0])
        if routine.name == "prepare":
            self._from = self.machine.pc
        if routine.name == "known_word":
            result = self._move(lambda: call(_inlined(routine), args), args[0], WORD, False)
        elif routine.name == "push_frame":
            result = self._move(lambda: call(_inlined(routine), args), args[0], WORD, True, 2)
        else:
            result = call(routine, args)
        self._touched = outer
        if routine.name in ("take_exception", "_take_interrupt"):
            state = self.machine.core.state
            names = ("trap_cause", "trap_pc", "trap_value", "trap_from", "priv", "pc")
            self.traps.append([int(state[name]) for name in names])
        return result

    def _run(self, op: str) -> None:
        self._from = self.machine.pc
        words = self._words  # type: ignore[attr-defined]
        now = self._now  # type: ignore[attr-defined]
        address = words[now.rs1]
        super()._run(op)  # type: ignore[misc]
        if op.startswith("amo") or op == "lr_w":
            self._atomic(address, False)
        if op.startswith("amo") or (op == "sc_w" and words[now.rd] == 0 and now.rd != SINK):
            self._atomic(address, True)

    def _atomic(self, address: int, write: bool) -> None:
        touched: list[int] = []
        self._touched = touched
        super().load(address, WORD)  # type: ignore[misc]
        self._touched = None
        self.moved.append(Moved(address, WORD, write, tuple(touched), self._from))


def _inlined(routine: Any) -> Any:
    """The routine, under a name for which nothing is done."""
    import copy

    made = copy.copy(routine)
    made.name = f"{routine.name} inside"
    return made


class Oracle:
    """What an Observer with these points must find, from where the machine stands."""

    def __init__(self, machine: Machine, points: Sequence[Point]) -> None:
        self.machine, self.points = machine, points
        core = machine.core
        recorder = type("Recording", (Recorder, core.target.reference_class), {})(core)
        recorder.attach(machine)
        self._recorder, core.run = recorder, recorder.run
        self.visited: list[int] = []  # addresses where the machine has stood
        self.moved: list[Moved] = []
        self.trapped: list[int] = []  # causes

    def run(self, instructions: int) -> tuple[str, list[tuple[Hit, ...]]]:
        """-> why it ended, and the hits of each position that had any."""
        found = []
        for _ in range(instructions):
            before = self._state()
            ram = self.machine.core.ram.tobytes()
            self._recorder.moved, self._recorder.traps = [], []
            stop = self.machine.run(1)
            self.visited.append(self.machine.pc)
            self.moved += self._recorder.moved
            self.trapped += [words[0] for words in self._recorder.traps]
            hits = self._hits(before, ram)
            if hits:
                found.append(hits)
            if stop.reason != "limit":
                return stop.reason, found
        return "limit", found

    def _state(self) -> list[int]:
        state = self.machine.core.state
        return [
            int(state[p.field] if state[p.field].ndim == 0 else state[p.field][p.index])
            for p in self.points if isinstance(p, StatePoint)
        ]  # fmt: skip

    def _hits(self, before: list[int], ram: bytes) -> tuple[Hit, ...]:
        machine, at = self.machine, self.machine.started
        changes = iter(zip(before, self._state(), strict=True))
        traps = [machine.trap_record(*words) for words in self._recorder.traps]
        found: list[Hit | None] = []
        for point in self.points:
            if isinstance(point, StatePoint):
                old, new = next(changes)
                found.append(Hit(point, at, before=old, after=new) if old != new else None)
            elif isinstance(point, CodePoint):
                found.append(Hit(point, at) if machine.pc == point.address else None)
            elif isinstance(point, TrapPoint):
                found.append(_trap(point, at, traps))
            else:
                found.append(self._data(point, at, ram))
        return tuple(hit for hit in found if hit)

    def _data(self, point: DataPoint, at: int, ram: bytes) -> Hit | None:
        now = self.machine.core.ram
        met, changed = [], False
        for moved in self._recorder.moved:
            reached = _reached(moved, point)
            if moved.write in _KINDS.get(point.kind, (False, True)) and reached:
                met.append(moved)
                changed |= any(ram[moved.places[k]] != now[moved.places[k]] for k in reached if moved.places)
        if not met or (point.kind == CHANGE and not changed):
            return None
        last = met[-1]
        physical = RAM_BASE + last.places[0] if last.places else None
        access = Access(last.address, physical, last.size, last.write, last.pc)
        places = self._places(point)
        if places is None or point.size > TOLD:
            return Hit(point, at, access)
        sources = (now, now) if point.kind == READ else (ram, now)
        values = (int.from_bytes(bytes(source[k] for k in places), "little") for source in sources)
        return Hit(point, at, access, *values)

    def _places(self, point: DataPoint) -> list[int] | None:
        """-> offsets in RAM of the point's bytes, as far as accesses tell."""
        if point.physical:
            return [point.address - RAM_BASE + k for k in range(point.size)]
        pages = {
            moved.address + k >> PAGE_SHIFT: place - (moved.address + k)
            for moved in self._recorder.moved for k, place in enumerate(moved.places)
        }  # fmt: skip
        wanted = [point.address + k for k in range(point.size)]
        if any(address >> PAGE_SHIFT not in pages for address in wanted):
            return None
        return [address + pages[address >> PAGE_SHIFT] for address in wanted]


def _trap(point: TrapPoint, at: int, traps: list[TrapRecord]) -> Hit | None:
    wanted = [trap for trap in traps if not point.causes or trap.cause in point.causes]
    return Hit(point, at, trap=wanted[-1]) if wanted else None


def _reached(moved: Moved, point: DataPoint) -> list[int]:
    """-> which bytes of the access are the point's."""
    if point.physical:
        return [k for k, place in enumerate(moved.places) if 0 <= RAM_BASE + place - point.address < point.size]
    return [k for k in range(moved.size) if (moved.address + k - point.address) & 0xFFFF_FFFF < point.size]
