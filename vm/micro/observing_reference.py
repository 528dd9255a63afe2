"""The reference executor, watching: the observing build in plain Python. It looks before every instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vm.arch import PAGE_MASK, PAGE_SHIFT
from vm.micro import observing, paging
from vm.micro.context import Routine
from vm.micro.observing_contexts import Cached, Noting, Telling
from vm.micro.observing_layout import FIELDS, OFF
from vm.micro.reference import RecordFields, Reference
from vm.micro.values import U32, U64, Word
from vm.state import EXIT_LIMIT, EXIT_POINT, IO_NONE

if TYPE_CHECKING:
    from vm.micro.core import Core


class ObservingReference(Noting, Telling, Cached, Reference):
    """In front of a mode's reference executor."""

    def __init__(self, core: Core) -> None:
        if core.marks is None:
            raise ValueError("an executor that watches needs a core that is observed")
        raw = memoryview(core.marks.record).cast("B")  # type: ignore[arg-type]
        self._marks, self._o_words, self._o_longs = core.marks, raw.cast("I"), raw.cast("Q")
        self.o = RecordFields(self._o_words, self._o_longs, FIELDS)
        self.forget_accesses()
        self._reached = self._OFF
        super().__init__(core)

    # ---- the observer's record and tables
    def o_get(self, name: str, index) -> Word:
        offset, width = FIELDS[name]
        if width == 32:
            return U32(self._o_words[(offset >> 2) + int(index)])
        return U64(self._o_longs[(offset >> 3) + int(index)])

    def o_put(self, name: str, index, value) -> None:
        offset, width = FIELDS[name]
        if width == 32:
            self._o_words[(offset >> 2) + int(index)] = int(U32(value))
        else:
            self._o_longs[(offset >> 3) + int(index)] = int(U64(value))

    def mask(self, index) -> U32:
        return U32(int(self._marks.masks[int(index)]))

    # ---- what is noted
    def call(self, routine: Routine, args):
        outer, self.watched = self.watched, None  # what another routine reaches is not this one's
        result = self.unwatched(lambda: super(ObservingReference, self).call(routine, args))
        self.watched = outer
        return result

    def reached(self, offset, size: int, write: bool) -> None:
        if self.watched is not None:
            self.watched.append(offset)
            if write:
                self.overwritten.append(self.unseen_ram(offset, size))
        super().reached(offset, size, write)

    def _run(self, op: str) -> None:
        self.forget_accesses()
        self.o.pc = self.s.pc
        try:
            super()._run(op)
        finally:
            self._reached = self._OFF  # until the next instruction: fetches are no accesses
        self.note_accesses()
        self._reached = self._OFF

    def _fetch(self, pc: int) -> U32:
        word = super()._fetch(pc)
        page = self._words[(int(paging.itlb_entry(self, self.pc)) >> 2) + 1]
        self._fetched(U32(page << PAGE_SHIFT))
        return word

    def _page_offset(self, va: U32) -> int:
        page: int = super()._page_offset(va)
        if va == self.pc:
            self._fetched(U32(page))
        return page

    def _fetched(self, page: U32) -> None:
        """The instruction is about to be run from this page of RAM."""
        if self.o.armed != OFF:
            at = observing.position(self, self.s.clock)
            observing.fetched(self, self.pc, at, lambda: page + (self.pc & PAGE_MASK))

    def _reason(self) -> int | None:
        reason = super()._reason()
        if reason not in (None, EXIT_LIMIT) or self.s.stopped or self.s.io_ready != IO_NONE:
            return reason
        return EXIT_POINT if observing.noticed(self) else reason
