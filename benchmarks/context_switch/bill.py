"""A recording -> the bill: what each trip into the kernel cost, line by line.

A trip begins when the hart traps and ends when the kernel returns from the trap. Everything that is counted in it
belongs to exactly one line; what lies between trips is the user's. The hart's own part, and what refilling caches and
TLB took, are told apart by what they are, wherever they happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.context_switch import moments
from benchmarks.context_switch.moments import IN_PROGRAMS, LAP, MOMENTS, RETURN
from benchmarks.context_switch.recording import Recording
from vm.arch import CAUSE_ECALL_U

Counts = dict[str, int]  # counter -> how often; zeros are left out

_BY_SYMBOL = {moment.symbol: moment for moment in MOMENTS}
_TRAPS = ("exceptions", "interrupts")  # how the names of their counters begin
_SYSTEM_CALLS = f"exceptions {CAUSE_ECALL_U}"


def add(to: Counts, other: Mapping[str, int], times: int = 1) -> None:
    """Adds the counts of another, so many times."""
    for name, value in other.items():
        total = to.get(name, 0) + times * value
        if total:
            to[name] = total
        else:
            to.pop(name, None)


def total(all_counts: Iterable[Mapping[str, int]]) -> Counts:
    """-> the sum of several counts."""
    result: Counts = {}
    for counts in all_counts:
        add(result, counts)
    return result


@dataclass
class Trip:
    """One way into the kernel and out. kind: what it was about; before, after: PCBs; lines: line -> counts."""

    kind: str = ""
    before: int = 0
    after: int = 0
    lines: dict[str, Counts] = field(default_factory=dict)

    @property
    def switched(self) -> bool:
        """-> whether another process went on."""
        return self.before != self.after

    def charge(self, line: str, counts: Mapping[str, int]) -> None:
        """Puts counts on a line, refills on their own."""
        for name, value in counts.items():  # as `add` does, but this is where a bill takes its time
            on = self.lines.setdefault(moments.REFILLS.get(name, line), {})
            value += on.get(name, 0)
            if value:
                on[name] = value
            else:
                on.pop(name, None)

    def end(self, current: int, leave: Counts) -> None:
        """It is over: `current` goes on, by an instruction that counts `leave`. A trip that is about windows has one
        line, and those of refills."""
        self.after = current
        self.charge(moments.TRAP_EXIT, leave)
        if self.kind in moments.OF_WINDOWS:
            lines, self.lines = self.lines, {}
            for counts in lines.values():
                self.charge(moments.OF_WINDOWS[self.kind], counts)


@dataclass(frozen=True)
class Borders:
    """What is counted in user mode but belongs to the kernel's trips: the instruction that returns from a trap, the one
    that makes a system call, and what a trap itself moves through memory."""

    leave: Counts
    call: Counts
    trap: Counts


@dataclass(frozen=True)
class Trips:
    """What a recording consists of. laps: of all processes of a Ring together."""

    trips: list[Trip]
    user: Counts
    laps: int


def trips(recording: Recording, borders: Borders) -> Trips:
    """-> the whole trips in a recording, and what was counted between them, in user mode."""
    found: list[Trip] = []
    user: Counts = {}
    laps = 0
    trip: Trip | None = None  # that which comes next or is under way; None until the process is in user mode
    inside: set[str] = set()
    line = ""
    for symbol, current, counts in _rows(recording):
        laps += symbol == LAP
        if symbol.startswith(RETURN):
            if trip is not None:
                trip.end(current, borders.leave)
                found.append(trip)
            add(counts, borders.leave, -1)
        if symbol.startswith(RETURN) or trip is None and symbol == LAP:
            trip, inside = Trip(before=current), set()
        if trip is None:
            continue
        if symbol.startswith(RETURN) or symbol in IN_PROGRAMS:
            trip.charge(moments.TRAP_ENTRY, _taken_out(counts, borders))
            add(user, counts)
            continue
        moment = _BY_SYMBOL[symbol]
        if not moment.within or moment.within in inside:
            inside.add(symbol)
            line, trip.kind = moment.line, moment.kind or trip.kind
        trip.charge(line, counts)
    return Trips(found, user, laps)


def _taken_out(counts: Counts, borders: Borders) -> Counts:
    """Counts of user mode -> what of them belongs to the trap that ended it; they lose it."""
    entry = {name: value for name, value in counts.items() if name.startswith(_TRAPS)}
    add(counts, entry, -1)
    for moved in [borders.trap] * bool(entry) + [borders.call] * entry.get(_SYSTEM_CALLS, 0):
        add(counts, moved, -1)
        add(entry, moved)
    return entry


def _rows(recording: Recording) -> Iterator[tuple[str, int, Counts]]:
    """-> (symbol, PCB, what is counted from there to the next) of each moment but the last."""
    names = recording.names
    differences = recording.counters[1:] - recording.counters[:-1]
    for symbol, current, row in zip(recording.moments, recording.current, differences, strict=False):
        places = row.nonzero()[0]
        yield symbol, current, {names[place]: int(row[place]) for place in places}


@dataclass(frozen=True)
class Bill:
    """What trips of one kind cost on average. trips: how many there were; lines: line -> counts of one trip, only lines
    on which there is anything."""

    trips: int
    lines: Mapping[str, Mapping[str, float]]

    def counter(self, *names: str, lines: Iterable[str] = moments.LINES) -> float:
        """-> how often these counters counted in a trip, on these lines."""
        return sum(self.lines.get(line, {}).get(name, 0) for line in lines for name in names)

    def plus(self, lines: Mapping[str, Mapping[str, float]]) -> Bill:
        """-> the same with more on some lines."""
        result = {line: dict(counts) for line, counts in self.lines.items()}
        for line, counts in lines.items():
            for name, value in counts.items():
                result.setdefault(line, {})[name] = result.get(line, {}).get(name, 0) + value
        return Bill(self.trips, {line: result[line] for line in moments.ALL_LINES if result.get(line)})


def bill(chosen: Iterable[Trip]) -> Bill:
    """Trips, at least one -> their average."""
    lines: dict[str, Counts] = {}
    number = 0
    for trip in chosen:
        number += 1
        for line, counts in trip.lines.items():
            add(lines.setdefault(line, {}), counts)
    means = {line: {name: value / number for name, value in counts.items()} for line, counts in lines.items()}
    return Bill(number, {line: means[line] for line in moments.ALL_LINES if means.get(line)})
