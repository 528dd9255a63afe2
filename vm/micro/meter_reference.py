"""The reference executor, counting: the accounting build in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vm.arch import PAGE_MASK, PAGE_SHIFT
from vm.micro import metering
from vm.micro.context import Ended, Routine
from vm.micro.decoder import decode_word
from vm.micro.meter_layout import CELL, NOTHING, UNIT
from vm.micro.reference import Reference
from vm.micro.values import U32, U64
from vm.state import EXIT_IDLE, EXIT_LOG, IO_NONE, ITLB, ITLB_ENTRIES, LAYOUT

if TYPE_CHECKING:
    from vm.micro.core import Core


def metered(base: type[Reference]) -> type[Reference]:
    """A mode's reference executor -> the one that counts."""
    return type(f"Metered{base.__name__}", (_Metered, base), {})


class _Metered(metering.Watching, Reference):
    """In front of a reference executor; leaves with EXIT_LOG when the meter's log is full."""

    def __init__(self, core: Core) -> None:
        meter = core.meter
        if meter is None:
            raise ValueError("a metered executor needs a core with a meter")
        self._cells = {name: memoryview(array) for name, array in meter.arrays.items()}  # type: ignore[arg-type]
        self._tags = meter.tags
        self._kinds = metering.kinds(core.target)
        self.forget_accesses()
        self._began = False
        super().__init__(core)

    # ---- the meter's arrays
    def cell(self, name: str, index) -> U64:
        return U64(self._cells[name][int(index)])

    def cell_set(self, name: str, index, value) -> None:
        self._cells[name][int(index)] = int(U64(value))

    def _block_shift(self, unit: int) -> int:
        return int(self.cell("meter", CELL["units"] + unit * (UNIT.itemsize // 8) + 3))

    def touch(self, unit: int, first, last, allocate) -> U64:
        tags, shift = self._tags[unit], self._block_shift(unit)
        block, end = int(first) >> shift, int(last) >> shift
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
            block = (block + 1) & (NOTHING >> shift)

    def forget(self, unit: int, block) -> None:
        row = self._tags[unit][int(block) & (len(self._tags[unit]) - 1)]
        for place in (row == int(block)).nonzero()[0]:
            row[place:-1] = row[place + 1 :].copy()
            row[-1] = NOTHING

    def forget_all(self, unit: int) -> None:
        self._tags[unit][:] = NOTHING

    # ---- counting
    def call(self, routine: Routine, args):
        result = self.unwatched(lambda: super(_Metered, self).call(routine, args))
        if routine.name in metering.AFTER:
            self.unwatched(lambda: metering.AFTER[routine.name](self))
        return result

    def _step(self) -> bool:
        self.forget_accesses()
        self._began = False
        going_on = super()._step()
        if going_on:
            self.count_accesses()
        elif self._began and int(self.s.reason) == EXIT_IDLE:
            metering.withdrawn(self, *self._counted)
        return going_on

    def _fetch(self, pc: int) -> U32:
        word = self.unwatched(lambda: super(_Metered, self)._fetch(pc))
        self.unwatched(lambda: self._begin(pc, word))
        return word

    def _begin(self, pc: int, word: U32) -> None:
        self._began = True
        if self.s.io_ready != IO_NONE:
            return  # counted before its device access
        now = decode_word(int(word), self.target.mode)
        info, place = U32(self._kinds[now.op]), metering.place_of(self, U32(pc)) >> self._layout.shift
        moment = metering.moment_at(self, place)
        if moment != 0:
            if metering.is_full(self):
                self._began = False
                self.s.reason = EXIT_LOG
                raise Ended
            metering.snapshot(self, moment, self.s.clock)
        self._counted = info, place
        metering.started(self, info, place, U32(now.rs1), U32(now.rs2), U32(now.rd))
        if self.cell("meter", CELL["simulated"]):
            metering.looked_up(self, info, U32(pc), self._code_offset(pc), U32(now.rs1), U32(self._words[now.rs1]))

    def _code_offset(self, pc: int) -> U32:
        """Address of an instruction that was just fetched -> its offset in RAM."""
        bank = self._longs[LAYOUT["itlb_host"][0] >> 3] - self._longs[LAYOUT["state_host"][0] >> 3]
        entry = bank + ((pc >> PAGE_SHIFT) & (ITLB_ENTRIES - 1)) * ITLB.itemsize >> 2
        return U32((self._words[entry + 1] << PAGE_SHIFT) + (pc & PAGE_MASK))
