"""Notes of an instruction's accesses -> which points of data they have met, and what stood there before."""

from __future__ import annotations

from collections.abc import Sequence

from vm.arch import PAGE_MASK, PAGE_SHIFT, RAM_BASE
from vm.machine import Machine
from vm.marks import Note
from vm.points import CHANGE, READ, WRITE, Access, DataPoint, Hit
from vm.translation import current_root, translate

_LONGEST = 8  # bytes of a point whose values are told


class Overwritten:
    """The accesses of one instruction, which is done: the machine stands behind it."""

    def __init__(self, machine: Machine, notes: Sequence[Note]) -> None:
        self._machine, self._notes = machine, notes
        self._pages: dict[int, int] = {}  # pages that were reached: virtual page -> offset of its frame
        self._before: dict[int, int] = {}  # offset in RAM -> the byte that was there
        for note in reversed(notes):
            for k, offset in enumerate(_places(note)):
                self._pages[(note.address + k & 0xFFFF_FFFF) >> PAGE_SHIFT] = offset & ~PAGE_MASK
                if note.write:
                    self._before[offset] = note.old >> 8 * k & 0xFF

    def hit(self, point: DataPoint, at: int) -> Hit | None:
        """Point, position -> the hit, if an access has met it."""
        met = [note for note in self._notes if _meets(note, point)]
        if not met:
            return None
        if point.kind == CHANGE and not any(self._changed(note, point) for note in met):
            return None
        return Hit(point, at, _access(met[-1]), *self._values(point))

    def stale(self, fetch: tuple[int, int] | None) -> Access | None:
        """pc and offset in RAM of a stale fetch, if the instruction's was -> its last stale access, or else that."""
        found = [_access(note) for note in self._notes if note.stale]
        if fetch:
            found.insert(0, Access(fetch[0], RAM_BASE + fetch[1], 0, False, fetch[0]))
        return found[-1] if found else None

    def _changed(self, note: Note, point: DataPoint) -> bool:
        reached = _reached(note, point)
        return any(self._ram(at) != self._before[at] for k, at in enumerate(_places(note)) if k in reached)

    def _values(self, point: DataPoint) -> tuple[int | None, int | None]:
        """-> what the point's bytes were before the instruction, and what they are; None for what is not in RAM."""
        if point.size > _LONGEST:
            return None, None
        before = after = 0
        for k in range(point.size):
            offset = self._offset(point, k)
            if offset is None:
                return None, None
            byte = self._ram(offset)
            before |= (byte if point.kind == READ else self._before.get(offset, byte)) << 8 * k
            after |= byte << 8 * k
        return before, after

    def _offset(self, point: DataPoint, k: int) -> int | None:
        """Byte of a point -> its offset in RAM."""
        address = point.address + k & 0xFFFF_FFFF
        if not point.physical:
            page = address >> PAGE_SHIFT
            if page in self._pages:
                return self._pages[page] | address & PAGE_MASK
            there = translate(self._machine, address, current_root(self._machine))
            if there is None:
                return None
            address = there
        offset = address - RAM_BASE
        return offset if 0 <= offset < self._machine.ram_size else None

    def _ram(self, offset: int) -> int:
        return int(self._machine.core.ram[offset])


def _access(note: Note) -> Access:
    """-> what a hit says of the access."""
    physical = None if note.first is None else RAM_BASE + note.first
    return Access(note.address, physical, note.size, note.write, note.pc)


def _places(note: Note) -> list[int]:
    """-> offset in RAM of each byte, the second page's among them; none for a device."""
    if note.first is None:
        return []
    inside = PAGE_MASK + 1 - (note.address & PAGE_MASK)  # bytes up to the page's end
    return [note.first + k if k < inside else note.last - (note.size - 1 - k) for k in range(note.size)]


def _reached(note: Note, point: DataPoint) -> set[int]:
    """-> which of the access's bytes are the point's."""
    if not point.physical:
        distances = (note.address + k - point.address & 0xFFFF_FFFF for k in range(note.size))
    else:
        distances = (RAM_BASE + offset - point.address for offset in _places(note))
    return {k for k, distance in enumerate(distances) if 0 <= distance < point.size}


def _meets(note: Note, point: DataPoint) -> bool:
    wanted = {READ: not note.write, WRITE: note.write, CHANGE: note.write}.get(point.kind, True)
    return wanted and bool(_reached(note, point))
