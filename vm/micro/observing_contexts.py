"""The observing build's part of both executors' contexts: accesses are noted where the instruction ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vm.arch import PAGE_MASK, PAGE_SIZE
from vm.micro import microcode, observing
from vm.micro.accesses import Access, Accesses
from vm.micro.context import Routine
from vm.micro.layout import WORD_BYTES
from vm.micro.observing_layout import ABSENT, KIND_WRITE
from vm.micro.paging import READ

if TYPE_CHECKING:
    _Context = Any  # an executor's context
else:
    _Context = object


class Telling(microcode.Reaching, _Context):
    """In front of a machine context: traps, and words that microcode moves."""

    def call(self, routine: Routine, args):
        if routine.name == "take_exception":
            observing.trap_begins(self, args[0])
        elif routine.name == "prepare":
            self.o.pc = self.s.pc
        result = super().call(routine, args)
        if routine.name in ("take_exception", "_take_interrupt"):
            observing.trap_taken(self)
        return result

    def reaching(self, act):
        self.overwritten = []  # bytes that a routine stores over
        return super().reaching(act)

    def word_moved(self, write: bool, va, places) -> None:
        old = self.word(0)
        if write:
            for k in range(WORD_BYTES):
                old = old | self.overwritten.pop(0) << 8 * k
        kind = WORD_BYTES | (KIND_WRITE if write else 0)
        observing.note(self, va, places[0], places[-1], self.word(kind), old, self.o.pc)


class Noting(Accesses):
    """In front of an instruction context: what stores overwrite is kept with them."""

    def forget_accesses(self) -> None:
        super().forget_accesses()
        self._overwritten: list[tuple[int, Any]] = []  # sizes and values, of the store that is being made
        self._old: list[Any] = []  # of each access

    def reached(self, offset, size: int, write: bool) -> None:
        if write and self._reached is not self._OFF:
            self._overwritten.append((size, self.unseen_ram(offset, size)))
        super().reached(offset, size, write)

    def accessed(self, access: Access) -> None:
        super().accessed(access)
        old, done = self.word(0), 0
        while access.write and access.first is not None and done < access.size:
            size, value = self._overwritten.pop(0)
            old, done = old | value << 8 * done, done + size
        self._old.append(old)

    def note_accesses(self) -> None:
        """The instruction ends here, or a part of it."""
        for access, old in zip(self.accesses, self._old, strict=True):
            kind = self.word(access.size | (KIND_WRITE if access.write else 0))
            places = (self.word(ABSENT if at is None else at) for at in (access.first, access.last))
            observing.note(self, access.va, *places, kind, old, self.pc)
        self.forget_accesses()


class Cached(_Context):
    """In front of the general handlers: they look into the data TLB first, for what fast ones must not use."""

    def load(self, va, size: int):
        offset = observing.cached_read(self, va, self.word(size - 1))
        return super().load(va, size) if offset == ABSENT else self.ram(offset, size)

    def store(self, va, value, size: int) -> None:
        offset = observing.cached_write(self, va, self.word(size - 1))
        if offset == ABSENT:
            super().store(va, value, size)
        else:
            self.ram_set(offset, size, value)

    def _inside(self, va, count: int):
        return (va & PAGE_MASK) <= PAGE_SIZE - WORD_BYTES * count

    def load_words(self, va, count: int):
        if self._inside(va, count):
            offset = observing.cached_read(self, va, self.word(WORD_BYTES - 1))
            if offset != ABSENT:
                return [self.ram(offset + WORD_BYTES * k, WORD_BYTES) for k in range(count)]
        return super().load_words(va, count)

    def store_words(self, va, values) -> None:
        if self._inside(va, len(values)):
            offset = observing.cached_write(self, va, self.word(WORD_BYTES - 1))
            if offset != ABSENT:
                for k, value in enumerate(values):
                    self.ram_set(offset + WORD_BYTES * k, WORD_BYTES, value)
                return
        super().store_words(va, values)

    def probe(self, va, how: str) -> None:
        cached = observing.cached_read if how == READ else observing.cached_write
        if cached(self, va, self.word(WORD_BYTES - 1)) == ABSENT:
            super().probe(va, how)
