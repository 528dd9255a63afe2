"""The reference executor, counting: the accounting build in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vm.arch import PAGE_MASK, PAGE_SHIFT
from vm.micro import metering, microcode, paging
from vm.micro.context import Ended, Routine, Trap
from vm.micro.meter_layout import CELL, NOTHING, SPAN, UNIT
from vm.micro.meter_watching import Watching
from vm.micro.reference import Reference
from vm.micro.values import U32, U64, Word
from vm.state import EXIT_IDLE, EXIT_LOG, IO_NONE

if TYPE_CHECKING:
    from vm.micro.core import Core

_SHIFT = UNIT.names.index("shift")  # type: ignore[union-attr]


class Counting(microcode.Reaching, Watching, Reference):
    """In front of a mode's reference executor; leaves with EXIT_LOG when the meter's log is full.

    A class derived from this one calls `begin` when it knows the instruction.
    """

    def __init__(self, core: Core) -> None:
        if core.meter is None:
            raise ValueError("an executor that counts needs a core with a meter")
        self._cells = {name: memoryview(array) for name, array in core.meter.arrays.items()}  # type: ignore[arg-type]
        self._tags = core.meter.tags
        self.forget_accesses()
        self._counted: tuple[Word, Word] | None = None  # kind and cell of the instruction that has begun
        super().__init__(core)

    # ---- the meter's arrays
    def cell(self, name: str, index) -> U64:
        return U64(self._cells[name][int(index)])

    def cell_set(self, name: str, index, value) -> None:
        self._cells[name][int(index)] = int(U64(value))

    def touch(self, unit: int, first, last, allocate) -> U64:
        shift = int(self.cell("meter", CELL["units"] + unit * (UNIT.itemsize // 8) + _SHIFT))
        tags, block, end = self._tags[unit], int(first) >> shift, int(last) >> shift
        near = U32(int(last) - int(first)) < SPAN
        lines = misses = 0
        while True:
            row = tags[block & (len(tags) - 1)]
            hits = (row == block).nonzero()[0]
            lines += 1
            misses += not hits.size
            if hits.size or allocate:
                place = int(hits[0]) if hits.size else len(row) - 1
                row[1 : place + 1] = row[:place].copy()
                row[0] = block
            if block == end:
                return U64(lines << 32 | misses)
            block = (block + 1) & (NOTHING >> shift) if near else end

    def forget(self, unit: int, block) -> None:
        row = self._tags[unit][int(block) & (len(self._tags[unit]) - 1)]
        for place in (row == int(block)).nonzero()[0]:
            row[place:-1] = row[place + 1 :].copy()
            row[-1] = NOTHING

    def forget_all(self, unit: int) -> None:
        self._tags[unit][:] = NOTHING

    # ---- counting
    def word_moved(self, write: bool, va, places) -> None:
        metering.word_moved(self, write, va, places[0], places[-1])

    def reached(self, offset, size: int, write: bool) -> None:
        if self.watched is not None:
            self.watched.append(offset)
        super().reached(offset, size, write)

    def call(self, routine: Routine, args):
        outer, self.watched = self.watched, None  # what another routine reaches is not this one's
        result = self.unwatched(lambda: super(Counting, self).call(routine, args))
        self.watched = outer
        if routine.name in metering.AFTER:
            self.unwatched(lambda: metering.AFTER[routine.name](self))
        return result

    def _step(self) -> bool:
        self._counted = None
        going_on = super()._step()
        if not going_on and self._counted and self.s.reason == EXIT_IDLE:
            metering.withdrawn(self, *self._counted)
        return going_on

    def _run(self, op: str) -> None:
        self.forget_accesses()
        try:
            super()._run(op)
        except Trap:
            self.was_taken = False
            self.count_accesses()
            raise
        self.count_accesses()

    def _fetch(self, pc: int) -> U32:
        return self.unwatched(lambda: super(Counting, self)._fetch(pc))

    def begin(self, info, micro_ops: int, rs1: int, rs2: int, rd: int) -> None:
        """In front of the instruction at s.pc, of this kind: with numbers of its registers."""
        if self.s.io_ready != IO_NONE or metering.another_round(self, self.pc):
            return  # counted before
        place = metering.place_of(self, self.pc) >> self._layout.shift
        moment = metering.moment_at(self, place)
        if moment != 0:
            if metering.is_full(self):
                self.s.reason = EXIT_LOG
                raise Ended
            self.unwatched(lambda: metering.snapshot(self, moment, self.s.clock))
        self._counted = info, place
        metering.started(self, info, place, micro_ops, U32(rs1), U32(rs2), U32(rd))
        if self.cell("meter", CELL["simulated"]):
            metering.looked_up(self, info, self.pc, self._code_offset(), U32(rs1), U32(self._words[rs1]))

    def _code_offset(self) -> U32:
        """-> the offset in RAM of the instruction at s.pc, which was just fetched."""
        page = self._words[(int(paging.itlb_entry(self, self.pc)) >> 2) + 1]
        return U32((page << PAGE_SHIFT) + (int(self.pc) & PAGE_MASK))
