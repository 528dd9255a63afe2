"""A recording -> the bill: what each trip into the kernel cost, line by line.

A trip begins when the hart traps and ends when the kernel returns from the trap. Everything that is counted in it
belongs to exactly one line; what lies between trips is the user's. The hart's own part, and what refilling caches and
TLB took, are told apart by what they are, wherever they happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.context_switch import moments
from benchmarks.context_switch.moments import LAP, MOMENTS, RETURN
from benchmarks.context_switch.recording import Recording

Counts = dict[str, int]  # counter -> how often; zeros are left out

_BY_SYMBOL = {moment.symbol: moment for moment in MOMENTS}
# Counters that make a line of their own, wherever they are counted.
_REFILLS = {
    "tlb_misses": moments.TLB_REFILL, "walk_reads": moments.TLB_REFILL,
    "fetch_misses": moments.CACHE_REFILL, "read_misses": moments.CACHE_REFILL, "write_misses": moments.CACHE_REFILL,
}  # fmt: skip
_TRAPS = ("exceptions", "interrupts")  # how the names of their counters begin
_SYSTEM_CALLS = "exceptions 8"  # environment call from user mode


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
        for name, value in counts.items():
            add(self.lines.setdefault(_REFILLS.get(name, line), {}), {name: value})


@dataclass(frozen=True)
class Instructions:
    """What the two instructions at the borders count, those that return from a trap and that make a system call."""

    leave: Counts
    call: Counts


@dataclass(frozen=True)
class Trips:
    """What a recording consists of. laps: of all processes of a Ring together."""

    trips: list[Trip]
    user: Counts
    laps: int


def trips(recording: Recording, borders: Instructions) -> Trips:
    """-> the trips between BEGIN and END, and what was counted between them, in user mode."""
    found: list[Trip] = []
    user: Counts = {}
    laps = 0
    trip: Trip | None = None  # None until the call of BEGIN has come back
    inside: set[str] = set()
    line = ""
    for symbol, current, counts in _rows(recording):
        laps += symbol == LAP
        if symbol.startswith(RETURN):
            if trip is not None:
                trip.after = current
                trip.charge(moments.TRAP_EXIT, borders.leave)
                found.append(trip)
            add(counts, borders.leave, -1)
            trip, inside, line = Trip(before=current), set(), moments.USER
        if trip is None:
            continue
        if line == moments.USER and symbol.startswith(RETURN) or symbol == LAP:
            entry = {name: value for name, value in counts.items() if name.startswith(_TRAPS)}
            add(counts, entry, -1)
            if entry.get(_SYSTEM_CALLS):
                add(counts, borders.call, -1)
                add(entry, borders.call)
            trip.charge(moments.TRAP_ENTRY, entry)
            add(user, counts)
            continue
        moment = _BY_SYMBOL[symbol]
        if not moment.within or moment.within in inside:
            inside.add(symbol)
            line, trip.kind = moment.line, moment.kind or trip.kind
        trip.charge(line, counts)
    return Trips(found, user, laps)


def _rows(recording: Recording) -> Iterator[tuple[str, int, Counts]]:
    """-> (symbol, PCB, what is counted from there to the next) of each moment but the last."""
    names = recording.names
    differences = recording.counters[1:] - recording.counters[:-1]
    for symbol, current, row in zip(recording.moments, recording.current, differences, strict=False):
        places = row.nonzero()[0]
        yield symbol, current, {names[place]: int(row[place]) for place in places}


@dataclass(frozen=True)
class Bill:
    """The sum of `trips` trips of one kind. lines: line -> counts; only lines on which there is anything."""

    trips: int
    lines: Mapping[str, Counts]

    def counter(self, name: str, lines: Iterable[str] = moments.LINES) -> float:
        """-> how often a counter counted in a trip, on these lines."""
        return sum(self.lines.get(line, {}).get(name, 0) for line in lines) / self.trips


def bill(chosen: Iterable[Trip]) -> Bill:
    """Trips -> their sum."""
    lines: dict[str, Counts] = {}
    number = 0
    for trip in chosen:
        number += 1
        for line, counts in trip.lines.items():
            add(lines.setdefault(line, {}), counts)
    return Bill(number, {line: lines[line] for line in moments.ALL_LINES if line in lines})
