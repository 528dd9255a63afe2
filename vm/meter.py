"""Accounting: what a machine counts while it runs, without a change to the guest and without slowing other runs.

    meter = Meter(marks={"trap entry": symbols["trap_vector"]}, words=[symbols["current"]])
    machine = Machine(meter=meter)                     # runs in a second build of the interpreter
    machine.load(...); machine.run()
    meter.totals["loads"]                              # counters at the end: a numpy record, see COUNTERS
    meter.log                                          # a row a moment: see below
    meter.by_symbol({"fork": 0x8000_1200, ...})        # executions by symbol and class

A *moment* is a marked address: each time an instruction is about to start there, a row of all counters as they are then
goes to the log. A bill is the differences of such rows. Counters never fall, and equal runs give equal numbers.

Sizes of caches and of the TLB are parameters; they are simulated access by access, with true least-recently-used
replacement, and change nothing but the counters. Stores are written through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vm.arch import PAGE_SHIFT, RAM_BASE
from vm.micro.arrays import cleared
from vm.micro.meter_layout import (
    CLASS_SHIFT,
    CLASSES,
    COUNT_MASK,
    COUNTERS,
    DATA,
    ELSEWHERE,
    FETCH,
    MARK_SHIFT,
    MARKS,
    METER,
    NOTHING,
    PAGES,
    ROW_CELLS,
    ROW_COUNTERS,
    ROW_WORDS,
    UNITS,
    USER_SPAN,
    WORDS,
)
from vm.state import EXIT_LOG

if TYPE_CHECKING:
    from vm.micro.core import Core

LOG_ROWS = 1 << 12  # rows that generated code fills before Python takes them over
_PIECE = 1 << 16  # cells
LINE_MIN, LINE_MAX, CACHE_MAX, TLB_MAX = 4, 4096, 1 << 26, 1 << 16


class MeterError(ValueError):
    """Parameters that no meter can have; the message is a sentence for the user."""


def _power(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


def _whole(what: str, value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise MeterError(f"{what}: expected a whole number, not {value!r}")
    if not least <= value <= most:
        raise MeterError(f"{what} of {value}: expected {least} to {most}")
    return int(value)


@dataclass(frozen=True)
class CacheShape:
    """A cache of `size` bytes in lines of `line` bytes, `ways` of them in a set. Least recently used lines go first.
    Stores write through; write_allocate: a store that misses brings its line in. Raises MeterError for other shapes."""

    size: int
    ways: int
    line: int
    write_allocate: bool = False

    def __post_init__(self) -> None:
        _whole("cache size in bytes", self.size, LINE_MIN, CACHE_MAX)
        _whole("cache line in bytes", self.line, LINE_MIN, LINE_MAX)
        _whole("ways of a cache", self.ways, 1, CACHE_MAX // LINE_MIN)
        if not _power(self.line):
            raise MeterError(f"cache line of {self.line} bytes: expected a power of two")
        if self.size % (self.line * self.ways):
            raise MeterError(
                f"cache of {self.size} bytes: expected a multiple of a set's {self.line * self.ways} bytes "
                f"({self.ways} ways of {self.line} bytes)"
            )
        if not _power(self.sets):
            raise MeterError(
                f"cache of {self.size} bytes has {self.sets} sets of {self.line * self.ways} bytes: "
                "expected a power of two"
            )

    @property
    def sets(self) -> int:
        return self.size // (self.line * self.ways)


@dataclass(frozen=True)
class TlbShape:
    """A translation cache of `entries` pages of 4 KiB, for fetches and data alike; ways 0: fully associative. Least
    recently used entries go first. It is emptied when satp changes and by sfence.vma, which with an address forgets
    that page alone. Raises MeterError for other shapes."""

    entries: int
    ways: int = 0

    def __post_init__(self) -> None:
        _whole("entries of a TLB", self.entries, 1, TLB_MAX)
        _whole("ways of a TLB", self.ways, 0, TLB_MAX)
        if self.ways and self.entries % self.ways:
            raise MeterError(f"TLB of {self.entries} entries: expected a multiple of its {self.ways} ways")
        if not _power(self.sets):
            raise MeterError(f"TLB of {self.entries} entries has {self.sets} sets: expected a power of two")

    @property
    def sets(self) -> int:
        return self.entries // self.ways if self.ways else 1


@dataclass(frozen=True)
class Executions:
    """How often instructions of one symbol were started: by cost class, and together."""

    classes: dict[str, int]

    @property
    def instructions(self) -> int:
        return sum(self.classes.values())


class Meter:
    """What one machine counts.

    marks: name of a moment -> address of an instruction: in RAM (the kernel's, which maps RAM where it is), or below
    4 MiB, where it means that address in every program. words: physical addresses of up to 8 aligned words of RAM,
    whose values go into every row of the log. icache, dcache: shapes of split caches (by physical address), or cache:
    of one for both; tlb. What has no shape is not simulated, and its counters stay 0. log_rows: how many rows are kept
    before Python takes them over; the log itself has no end.

    A Meter belongs to one machine. Raises MeterError for parameters that make no sense.
    """

    def __init__(
        self,
        marks: Mapping[str, int] | None = None,
        words: Sequence[int] = (),
        *,
        icache: CacheShape | None = None,
        dcache: CacheShape | None = None,
        cache: CacheShape | None = None,
        tlb: TlbShape | None = None,
        log_rows: int = LOG_ROWS,
    ) -> None:
        if cache is not None and (icache is not None or dcache is not None):
            raise MeterError("a meter has one cache for both sides, or icache and dcache; not both kinds")
        self.marks = dict(marks or {})
        self.words = tuple(words)
        if len(self.marks) > MARKS:
            raise MeterError(f"{len(self.marks)} marks: expected at most {MARKS}")
        if len(self.words) > WORDS:
            raise MeterError(f"{len(self.words)} watched words: expected at most {WORDS}")
        twice = sorted(name for name, at in self.marks.items() if list(self.marks.values()).count(at) > 1)
        if twice:
            raise MeterError(f"two moments are marked at one address: {', '.join(twice)}")
        self.icache, self.dcache, self.tlb = icache or cache, dcache or cache, tlb
        self._one_cache = cache is not None
        self.log_rows = _whole("rows of the log", log_rows, 1, 1 << 24)
        self.moments = tuple(self.marks)
        self._record = np.zeros(1, METER)
        self._log = cleared((self.log_rows, ROW_CELLS), np.uint64)
        self._chunks: list[np.ndarray[Any, Any]] = []
        self._core: Core | None = None
        self._tags = [self._unit(k, *shape) for k, shape in enumerate(self._shapes())]
        if self._one_cache:
            self._tags[FETCH] = self._tags[DATA]
            self._record["units"]["tags_host"][0, FETCH] = self._record["units"]["tags_host"][0, DATA]
        record = self._record[0]
        record["simulated"] = any(tags.size for tags in self._tags)
        record["write_allocates"] = self.dcache is not None and self.dcache.write_allocate
        record["loaded"] = NOTHING
        record["log_host"], record["log_limit"] = self._log.ctypes.data, self.log_rows

    def _shapes(self) -> list[tuple[int, int, int]]:
        """-> (sets, ways, log2 of a block's bytes) of every unit; sets 0 for none."""
        shapes = [(0, 0, 0)] * UNITS
        for unit, cache in ((FETCH, self.icache), (DATA, self.dcache)):
            if cache is not None:
                shapes[unit] = cache.sets, cache.ways, cache.line.bit_length() - 1
        if self.tlb is not None:
            shapes[PAGES] = self.tlb.sets, self.tlb.ways or self.tlb.entries, PAGE_SHIFT
        return shapes

    def _unit(self, unit: int, sets: int, ways: int, shift: int) -> np.ndarray[Any, Any]:
        tags = np.full((sets, ways), NOTHING, np.uint32)
        self._record["units"][0, unit] = tags.ctypes.data, sets, ways, shift
        return tags

    # ---- between the meter and the executors
    def attach(self, core: Core) -> int:
        """The core that counts -> host address of the record that generated code counts in."""
        if self._core is not None:
            raise MeterError("this meter belongs to another machine already: expected a new one")
        ram = len(core.ram)
        self._shift = core.target.layout.shift
        self._counts = cleared((ram + USER_SPAN + ELSEWHERE) >> self._shift, np.uint64)
        for number, (name, address) in enumerate(self.marks.items(), 1):
            _whole(f"address of {name!r}", address, 0, (1 << 32) - 1)
            if address & (core.target.layout.align - 1) or not (0 <= address - RAM_BASE < ram or address < USER_SPAN):
                raise MeterError(
                    f"moment {name!r} at {address:#x}: "
                    f"expected an instruction's address, in RAM or below {USER_SPAN:#x}"
                )
            self._counts[self._place(address, ram)] = number << MARK_SHIFT
        record = self._record[0]
        for k, address in enumerate(self.words):
            _whole("address of a watched word", address, 0, (1 << 32) - 1)
            if address & 3 or not 0 <= address - RAM_BASE < ram:
                raise MeterError(f"watched word at {address:#x}: expected the aligned address of a word in RAM")
            record["words"][k] = address - RAM_BASE
        record["counts_host"] = self._counts.ctypes.data
        self._core = core
        return int(self._record.ctypes.data)

    def counting(self, run: Callable[[], None]) -> Callable[[], None]:
        """An executor's run, which leaves when the log is full -> one that goes on."""

        def counted() -> None:
            run()
            while self._core is not None and self._core.state["reason"] == EXIT_LOG:
                self.drain()
                run()

        return counted

    def _place(self, address: int, ram: int) -> int:
        offset = address - RAM_BASE
        return (offset if offset >= 0 else ram + address) >> self._shift

    @property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """-> the arrays of 64-bit cells that the executors work on: "meter", "counts", "log"."""
        return {"meter": self._record.view(np.uint64), "counts": self._counts, "log": self._log.reshape(-1)}

    @property
    def tags(self) -> list[np.ndarray[Any, Any]]:
        """-> a unit's tags, sets x ways, the most recently used first."""
        return self._tags

    def restart(self) -> None:
        """The hart was reset: what has been counted stays, what was going on does not."""
        self._record[0]["again"], self._record[0]["loaded"] = 0, NOTHING

    def drain(self) -> None:
        """Takes the rows that are in the log over, so that it has room."""
        used = int(self._record[0]["log_used"])
        if used:
            self._chunks.append(self._log[:used].copy())
            self._record[0]["log_used"] = 0

    # ---- results
    @property
    def totals(self) -> Any:
        """-> the counters now, as a record of vm.micro.meter_layout.COUNTERS (a copy)."""
        return self._record["counters"].copy()[0]

    @property
    def instructions(self) -> int:
        """-> instructions that were started; one whose fetch faults is not among them."""
        return int(self.totals["classes"].sum())

    def by_class(self) -> dict[str, int]:
        """-> instructions started by cost class, those that did not occur left out."""
        return _named(self.totals["classes"])

    @property
    def row_type(self) -> np.dtype[Any]:
        """-> dtype of a row of the log: moment (its number in `moments`), clock (instructions started and clocks
        slept), satp, words (u64 each), counters (COUNTERS)."""
        return np.dtype(
            {
                "names": ["moment", "clock", "satp", "words", "counters"],
                "formats": ["u8", "u8", "u8", ("u8", len(self.words)), COUNTERS],
                "offsets": [0, 8, 16, 8 * ROW_WORDS, 8 * ROW_COUNTERS],
                "itemsize": 8 * ROW_CELLS,
            }
        )

    @property
    def log(self) -> np.ndarray[Any, Any]:
        """-> all rows so far, in the order of time: a structured array of `row_type`."""
        self.drain()
        rows = np.concatenate(self._chunks) if self._chunks else np.zeros((0, ROW_CELLS), np.uint64)
        self._chunks = [rows]
        out = rows.copy()
        out[:, 0] -= np.uint64(1)
        return out.view(self.row_type)[:, 0]

    def histogram(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """-> addresses of the instructions that were executed (u4; programs by virtual address, all programs together;
        0xFFFFFFFF: outside RAM and programs), how often (u8), and their classes (index in CLASSES, u8)."""
        if self._core is None:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint64), np.zeros(0, np.uint64)
        places = _nonzero(self._counts)
        cells = self._counts[places]
        executed = (cells & np.uint64(COUNT_MASK)) != 0
        places, cells = places[executed], cells[executed]
        offsets = places.astype(np.int64) << self._shift
        ram = len(self._core.ram)
        addresses = np.where(offsets < ram, offsets + RAM_BASE, offsets - ram)
        addresses = np.where(offsets >= ram + USER_SPAN, (1 << 32) - 1, addresses).astype(np.uint32)
        classes = (cells >> np.uint64(CLASS_SHIFT)) & np.uint64((1 << MARK_SHIFT - CLASS_SHIFT) - 1)
        return addresses, cells & np.uint64(COUNT_MASK), classes

    def by_symbol(self, symbols: Mapping[str, int]) -> dict[str, Executions]:
        """Names and addresses, which each reach to the next one -> executions of those that ran, most first; what lies
        before the first is under "". Symbols of one address count under the first of them."""
        names, starts = [""], [0]
        for name, address in sorted(symbols.items(), key=lambda item: item[1]):
            if address != starts[-1] or len(names) == 1:
                names.append(name)
                starts.append(address)
        addresses, counts, classes = self.histogram()
        owners = np.searchsorted(np.array(starts[1:], np.int64), addresses, side="right")
        table = np.zeros((len(names), len(CLASSES)), np.uint64)
        np.add.at(table, (owners, classes.astype(np.int64)), counts)
        found = {names[k]: Executions(_named(table[k])) for k in np.flatnonzero(table.sum(axis=1))}
        return dict(sorted(found.items(), key=lambda item: (-item[1].instructions, item[0])))


def _nonzero(cells: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """-> indices of cells that are not 0. Piece by piece: most of a big array has never been touched."""
    pieces = range(0, len(cells), _PIECE)
    found = [np.flatnonzero(cells[at : at + _PIECE]) + at for at in pieces if cells[at : at + _PIECE].any()]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _named(classes: np.ndarray[Any, Any]) -> dict[str, int]:
    return {name: int(count) for name, count in zip(CLASSES, classes, strict=True) if count}
