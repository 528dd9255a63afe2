"""Points of code, data, state and traps -> the tables that the observing build looks into; and what it has written.

A core that is observed has one of these. `place` says what is looked for, `arm` when; `notes` and `traps` are what was
met. vm/observe.py is what people use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vm.arch import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.micro.arrays import cleared
from vm.micro.observing_layout import (
    ABSENT,
    KIND_SIZE,
    KIND_STALE,
    KIND_WRITE,
    MARK_CODE,
    MARK_DATA,
    MARK_READ,
    MARK_WRITE,
    NEVER,
    OBSERVER,
    OFF,
    TAG_CLEAN,
    TAG_PAGE,
    TAG_WATCHED,
)
from vm.state import TLB_INVALID

if TYPE_CHECKING:
    from vm.micro.core import Core

VIRTUAL_PAGES = 1 << (32 - PAGE_SHIFT)
_NOTE = tuple(name for name in OBSERVER.names or () if name.startswith("note_"))
_TRAP = tuple(name for name in OBSERVER.names or () if name.startswith("trap_"))
_FEW = 64  # places in a page that are made to be decoded anew one by one


class Area(NamedTuple):
    """Bytes of which accesses are noted. how: MARK_READ, MARK_WRITE, or both; physical: by offset in RAM; else by
    virtual address."""

    first: int
    size: int
    how: int
    physical: bool


class Wanted(NamedTuple):
    """What to look for. code: addresses; words: byte offsets in the state record, up to WORDS; exceptions,
    interrupts: a bit a cause; translations: whether accesses are compared with the page table."""

    code: Sequence[int]
    data: Sequence[Area]
    words: Sequence[int]
    exceptions: int
    interrupts: int
    translations: bool


class Note(NamedTuple):
    """An access that has met a point. first, last: offsets in RAM of its first and last byte, first None for a device;
    old: what a store has overwritten, little-endian; pc: of the instruction that made it; stale: whether the page table
    does not allow it there."""

    address: int
    first: int | None
    last: int
    size: int
    write: bool
    old: int
    pc: int
    stale: bool


class _Masks:
    """Pages of masks, as they are needed. The first has no marks, and belongs to all pages without."""

    def __init__(self) -> None:
        self.pages = [np.zeros(PAGE_SIZE, np.uint8)]
        self.numbers: dict[tuple[str, int], int] = {}  # by table and page

    def mark(self, table: str, first: int, size: int, how: int) -> None:
        while size > 0:
            place = first & PAGE_MASK
            count = min(size, PAGE_SIZE - place)
            number = self.numbers.setdefault((table, first >> PAGE_SHIFT), len(self.pages))
            if number == len(self.pages):
                self.pages.append(np.zeros(PAGE_SIZE, np.uint8))
            self.pages[number][place : place + count] |= how
            first, size = first + count, size - count

    def content(self) -> np.ndarray[Any, Any]:
        return np.concatenate(self.pages)


class Marks:
    """What a core is watched for. Nothing, to begin with."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.owner: object = None  # who has said last what is looked for
        self.record = np.zeros(1, OBSERVER)
        self.tables = {
            "dirty": np.zeros(len(core.ram) >> PAGE_SHIFT, np.uint32),
            "virtual_marks": cleared(VIRTUAL_PAGES, np.uint32),
            "physical_marks": np.zeros(len(core.ram) >> PAGE_SHIFT, np.uint32),
        }
        self._shadow = cleared(core.records.size, np.uint64)
        self.masks = np.zeros(PAGE_SIZE, np.uint8)
        self._marked: list[tuple[str, int]] = []  # tables and pages that have marks
        fields = self.record[0]
        fields["shadow_host"], fields["masks_host"] = self._shadow.ctypes.data, self.masks.ctypes.data
        fields["ignore"] = fields["last"] = NEVER

    def restart(self) -> None:
        """The hart was reset: what was met and not taken over is forgotten."""
        self.record[0]["noted"] = self.record[0]["traps"] = 0
        self.record[0]["stale_from"] = NEVER

    # ---- what is looked for
    def place(self, wanted: Wanted) -> None:
        """Looks for these points from now on, and for no others."""
        for table, page in self._marked:
            self.tables[table][page] = 0
        masks = _Masks()
        for address in wanted.code:
            masks.mark("virtual_marks", address, 1, MARK_CODE)
        for area in wanted.data:
            masks.mark("physical_marks" if area.physical else "virtual_marks", area.first, area.size, area.how)
        self.masks = masks.content()
        for (table, page), number in masks.numbers.items():
            data = masks.pages[number] & (MARK_READ | MARK_WRITE)
            self.tables[table][page] = number | (MARK_DATA if data.any() else 0)
        self._marked = list(masks.numbers)
        fields = self.record[0]
        fields["masks_host"] = self.masks.ctypes.data
        fields["exceptions"], fields["interrupts"] = wanted.exceptions, wanted.interrupts
        fields["watched_words"] = len(wanted.words)
        fields["translations"] = MARK_DATA * wanted.translations
        fields["word_at"] = 0
        fields["word_at"][: len(wanted.words)] = wanted.words
        self._tag()
        self._look(wanted)

    def _look(self, wanted: Wanted) -> None:
        """Makes instructions be looked at, or no more, before they begin."""
        places = np.full(PAGE_SIZE, bool(wanted.words) or wanted.translations, np.uint8)
        places[[address & PAGE_MASK for address in wanted.code]] = 1
        changed = np.flatnonzero(places != self.record[0]["places"])
        self.record[0]["places"] = places
        core, layout = self._core, self._core.target.layout
        slots = range(1, int(core.state["next_slot"]) + 1)
        if len(changed) > _FEW or int(core.state["pool_next"]) > layout.pool // 2:
            for slot in slots:
                core.init_slot(slot)
            core.state["pool_next"] = 0  # nothing leads there any more
        for place in changed[:_FEW]:
            number = int(place) >> layout.shift
            first = number - ((layout.chain - 1) * layout.longest >> layout.shift)  # may have been fused with it
            core.undecode(slice(1, len(slots) + 1), max(first, 0), number + 1)

    def begin(self, base: int) -> None:
        """A run begins, or a life: so many instructions were started in lives before."""
        self.record[0]["base"] = base

    def arm(self, how: int, position: int) -> None:
        """how: STOP or SCAN. At this position points of code do not count. Words of the CPU state are compared with
        what they are now."""
        fields = self.record[0]
        fields["armed"], fields["ignore"], fields["last"] = how, position, NEVER
        self.restart()
        if fields["watched_words"]:
            fields["word_value"] = self._words()

    def _words(self) -> np.ndarray[Any, Any]:
        return self._core.state_array.view(np.uint32)[self.record[0]["word_at"] >> 2]

    def disarm(self) -> None:
        """Nothing is looked for until the next `arm`."""
        self.record[0]["armed"] = OFF

    # ---- what was met
    @property
    def pending(self) -> bool:
        """-> whether points of data, state or traps were met that nobody has noticed."""
        fields = self.record[0]
        changed = fields["watched_words"] and (fields["word_value"] != self._words()).any()
        return bool(changed or fields["noted"] or fields["traps"] or self.stale_fetch)

    @property
    def last(self) -> int | None:
        """-> SCAN: the position of the last hit."""
        last = int(self.record[0]["last"])
        return None if last == NEVER else last

    def notes(self) -> list[Note]:
        """-> the accesses that have met points, in the order in which they were made."""
        rows = self._rows("noted", _NOTE)
        return [
            Note(
                va, None if first == ABSENT else first, last, kind & KIND_SIZE, bool(kind & KIND_WRITE), old, pc,
                bool(kind & KIND_STALE),
            )
            for va, first, last, kind, old, pc in rows
        ]

    @property
    def stale_fetch(self) -> tuple[int, int] | None:
        """-> where the last instruction stood, its pc and its offset in RAM, if the page table does not say so."""
        fields = self.record[0]
        return None if int(fields["stale_from"]) == NEVER else (int(fields["stale_pc"]), int(fields["stale_place"]))

    def traps(self) -> list[tuple[int, ...]]:
        """-> the traps that have met points: cause, pc, value, privilege before and after, address of the handler."""
        return self._rows("traps", _TRAP)

    def _rows(self, count: str, columns: Sequence[str]) -> list[tuple[int, ...]]:
        fields = self.record[0]
        used = int(fields[count])
        return list(zip(*(fields[name][:used].tolist() for name in columns), strict=True)) if used else []

    # ---- pages in the data TLB
    def take_dirty(self) -> np.ndarray[Any, Any]:
        """-> numbers of the pages of RAM that may have been written since this was last asked, rising; none is missing.
        """
        table = self.tables["dirty"]
        pages = np.flatnonzero(table)
        table[:] = 0
        self._tag(clean=True)
        return pages

    def retag(self) -> None:
        """The data TLB was filled from outside, with tags that have no flags: they get theirs, and no page counts as
        written."""
        self.tables["dirty"][:] = 0
        self._tag(clean=True)

    def _tag(self, clean: bool = False) -> None:
        """Entries of watched pages get the flag for it, others lose it. clean: the write side also that one."""
        entries = self._core.state["dtlb"]
        pages = entries["addend"] + (entries["rtag"] & TAG_PAGE) - self._core.state["ram_host"] >> np.uint64(PAGE_SHIFT)
        frames = np.minimum(pages, len(self.tables["dirty"]) - 1)  # of entries that are not valid: any
        marks = self.tables["virtual_marks"][entries["rtag"] >> PAGE_SHIFT] | self.tables["physical_marks"][frames]
        marks |= self.record[0]["translations"]
        watched = np.where((marks & MARK_DATA) != 0, TAG_WATCHED, 0).astype(np.uint32)
        for name, flags in (("rtag", watched), ("wtag", watched | np.uint32(TAG_CLEAN if clean else 0))):
            tags = entries[name]
            kept = tags & np.uint32(~TAG_WATCHED & 0xFFFF_FFFF)
            entries[name] = np.where(tags == TLB_INVALID, tags, kept | flags)
