"""What an instruction loads and stores, seen by both executors of the builds that look on: in front of their contexts.

The accounting build counts it, the observing build compares it with watched bytes; either does so where the instruction
ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vm.micro.layout import WORD_BYTES

if TYPE_CHECKING:
    _Context = Any  # an executor's instruction context
else:
    _Context = object


class Access(NamedTuple):
    """A load or store of an instruction. first, last: offsets in RAM of its first and last byte; None for a device."""

    write: bool
    size: int
    va: Any
    first: Any
    last: Any


class Accesses(_Context):
    """In front of an executor's instruction context: notes loads and stores, for when the instruction ends.

    Until then they can be forgotten: by a fast handler that hands over to the general one, and by an instruction that
    leaves for a device and is run again.
    """

    _OFF = object()

    def forget_accesses(self) -> None:
        self.accesses: list[Access] = []
        self._reached: Any = None  # None: outside of load and store; a list: RAM offsets inside one; _OFF: not looking

    def accessed(self, access: Access) -> None:
        """A load or store has been made."""
        self.accesses.append(access)

    def _moving(self, move, va, size: int, write: bool):
        self._reached = []
        result = move()
        offsets, self._reached = self._reached, None
        first, last = (offsets[0], offsets[-1] + (0 if len(offsets) > 1 else size - 1)) if offsets else (None, None)
        self.accessed(Access(write, size, va, first, last))
        return result

    def load(self, va, size: int):
        return self._moving(lambda: super(Accesses, self).load(va, size), va, size, False)

    def store(self, va, value, size: int) -> None:
        self._moving(lambda: super(Accesses, self).store(va, value, size), va, size, True)

    def load_words(self, va, count: int):
        return self._moving_words(lambda: super(Accesses, self).load_words(va, count), va, count, False)

    def store_words(self, va, values) -> None:
        self._moving_words(lambda: super(Accesses, self).store_words(va, values), va, len(values), True)

    def _moving_words(self, move, va, count: int, write: bool):
        """Words are reached one by one, or all at once from the first on."""
        self._reached = []
        result = move()
        offsets, self._reached = self._reached, None
        for k in range(count):
            at = offsets[k] if len(offsets) == count else offsets[0] + k * WORD_BYTES
            self.accessed(Access(write, WORD_BYTES, va + k * WORD_BYTES, at, at + (WORD_BYTES - 1)))
        return result

    def reached(self, offset, size: int, write: bool) -> None:
        """The semantics have accessed RAM; atomics do so outside of load and store, at the address in rs1."""
        if self._reached is None:
            self.accessed(Access(write, size, self.rs1, offset, offset + (size - 1)))
        elif self._reached is not self._OFF:
            self._reached.append(offset)

    def ram(self, offset, size: int):
        self.reached(offset, size, False)
        return self.unseen_ram(offset, size)

    def unseen_ram(self, offset, size: int):
        """RAM, without a note."""
        return super().ram(offset, size)

    def ram_set(self, offset, size: int, value) -> None:
        self.reached(offset, size, True)
        super().ram_set(offset, size, value)

    @property
    def inside(self) -> bool:
        """-> whether this is inside a load or store."""
        return isinstance(self._reached, list)

    def unwatched(self, act):
        """Runs what is no load or store of the instruction's."""
        before, self._reached = self._reached, self._OFF
        try:
            return act()
        finally:
            self._reached = before
