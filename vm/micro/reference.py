"""The reference executor: the semantics run as plain Python, an instruction at a time.

It shares the state record, RAM and TLBs with generated code, and leaves for the same reasons; it uses no decoded
records, but keeps them coherent. Slow and clear: for tests, and for looking at single steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vm.arch import CAUSE_MISALIGNED_FETCH, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.micro import access, paging, traps
from vm.micro.context import Ended, Routine, Trap
from vm.micro.decoder import Decoded, decode_word
from vm.micro.layout import WORD_BYTES
from vm.micro.values import U32, U64, Word
from vm.state import (
    DTLB,
    DTLB_ENTRIES,
    EXIT_LIMIT,
    EXIT_TRAP,
    EXIT_WATCH,
    IO_NONE,
    ITLB,
    ITLB_ENTRIES,
    LAYOUT,
    SINK,
)

if TYPE_CHECKING:
    from vm.micro.core import Core

# All that traps.prepare looks at, the clock aside: while none of it changes and nothing is due, it has nothing to do.
_INTERRUPT_WORDS = "mip lines mie mideleg mstatus priv menvcfgh".split()
_INTERRUPT_LONGS = "mtimecmp stimecmp mtime_offset limit skipped due".split()
_PC, _IO_READY, _WOKEN, _WATCH_HIT, _TRACE_TRAPS, _TRAP_SEEN = (
    LAYOUT[name][0] >> 2 for name in ("pc", "io_ready", "woken", "watch_hit", "trace_traps", "trap_seen")
)
_CLOCK, _DUE, _STATE_HOST, _RAM_HOST, _ITLB_HOST, _DTLB_HOST = (
    LAYOUT[name][0] >> 3 for name in ("clock", "due", "state_host", "ram_host", "itlb_host", "dtlb_host")
)
RTAG, WTAG, _ADDEND = (int(DTLB.fields[name][1]) for name in ("rtag", "wtag", "addend"))


class RecordFields:
    """The scalar fields of a record with this layout, as words: m.s is the state record."""

    __slots__ = ("_words", "_longs", "_layout")
    _words: memoryview
    _longs: memoryview
    _layout: dict[str, tuple[int, int]]

    def __init__(self, words: memoryview, longs: memoryview, layout: dict[str, tuple[int, int]]) -> None:
        object.__setattr__(self, "_words", words)
        object.__setattr__(self, "_longs", longs)
        object.__setattr__(self, "_layout", layout)

    def __getattr__(self, name: str) -> Word:
        offset, width = self._layout[name]
        return U32(self._words[offset >> 2]) if width == 32 else U64(self._longs[offset >> 3])

    def __setattr__(self, name: str, value: int) -> None:
        offset, width = self._layout[name]
        if width == 32:
            self._words[offset >> 2] = int(U32(value))
        else:
            self._longs[offset >> 3] = int(U64(value))


class Reference:
    """Runs a Core's instructions. Also both contexts of the semantics: of the machine, and of the instruction."""

    def __init__(self, core: Core) -> None:
        self._core, self.target, self._layout = core, core.target, core.target.layout
        self._micro_ops = core.target.micro_ops
        self._words, self._longs = core.words, core.longs
        self._bytes = core.words.cast("B")
        self._ram = memoryview(core.ram)  # type: ignore[arg-type]
        self.s = RecordFields(self._words, self._longs, LAYOUT)
        self._now = Decoded("illegal", SINK, 0, 0, 0)
        self.encoding = U32(0)
        self._next: Word = U32(0)
        self._watched_words = [LAYOUT[name][0] >> 2 for name in _INTERRUPT_WORDS]
        self._watched_longs = [LAYOUT[name][0] >> 3 for name in _INTERRUPT_LONGS]
        self._prepared: list[int] = []  # the watched fields after the last look at interrupts

    # ---- the machine context: see context.py
    def word(self, value) -> U32:
        return U32(value)

    def wide(self, value) -> U64:
        return U64(value)

    def bit(self, condition) -> U32:
        return U32(bool(condition))

    def select(self, condition, a, b):
        return a if condition else b

    def switch(self, value, cases):
        return int(value) if int(value) in cases else None

    def get(self, name: str, index) -> Word:
        offset, width = LAYOUT[name]
        if width == 32:
            return U32(self._words[(offset >> 2) + int(index)])
        return U64(self._longs[(offset >> 3) + int(index)])

    def put(self, name: str, index, value) -> None:
        offset, width = LAYOUT[name]
        if width == 32:
            self._words[(offset >> 2) + int(index)] = int(U32(value))
        else:
            self._longs[(offset >> 3) + int(index)] = int(U64(value))

    def peek(self, offset) -> U32:
        return U32(self._words[int(offset) >> 2])

    def poke(self, offset, value) -> None:
        self._words[int(offset) >> 2] = int(value)

    def poke64(self, offset, value) -> None:
        self._longs[int(offset) >> 3] = int(value)

    def empty_tlb(self, name: str) -> None:
        start, size = LAYOUT[name][0], self._core.state_array[name].nbytes
        self._bytes[start : start + size] = b"\xff" * size
        self._words[LAYOUT[name + "_fills"][0] >> 2] = 0

    def ram(self, offset, size: int) -> U32:
        return U32(int.from_bytes(self._ram[int(offset) : int(offset) + size], "little"))

    def ram_set(self, offset, size: int, value) -> None:
        low = int(value) & ((1 << 8 * size) - 1)
        self._ram[int(offset) : int(offset) + size] = low.to_bytes(size, "little")

    def table(self, name: str, index) -> U32:
        return U32(int(self._core.tables[name][int(index)]))

    def table_set(self, name: str, index, value) -> None:
        self._core.tables[name][int(index)] = int(U32(value))

    def init_slot(self, slot) -> None:
        self._core.init_slot(int(slot))

    def undecode(self, slot, offset) -> None:
        word = int(offset) & -WORD_BYTES
        first, end = max(word - self._layout.spoiled_before, 0), word + WORD_BYTES
        self._core.undecode(int(slot), first >> self._layout.shift, end >> self._layout.shift)

    def forget_slots(self) -> None:
        self._core.forget_slots()

    def call(self, routine: Routine, args):
        result = self.target.routine(routine).fn(self, *args)
        if not routine.returns:
            return None
        return U32(result) if routine.returns == 32 else U64(result)

    # ---- the instruction context
    @property
    def rs1(self) -> U32:
        return U32(self._words[self._now.rs1])

    @property
    def rs2(self) -> U32:
        return U32(self._words[self._now.rs2])

    @property
    def rs1_index(self) -> U32:
        return U32(self._now.rs1)

    @property
    def rd_is_named(self) -> bool:
        return self._now.rd != SINK

    @property
    def imm(self) -> U32:
        return U32(self._now.imm)

    @property
    def pc(self) -> Word:
        return self.s.pc

    @property
    def next_pc(self) -> Word:
        """Address of the instruction behind this one."""
        return self.pc + self._layout.longest

    def _set_rd(self, value) -> None:
        self._words[self._now.rd] = int(value)

    rd = property(None, _set_rd)

    def jump(self, link: bool = False) -> None:
        self.jump_to(self.pc + self.imm, link)

    def jump_to(self, target, link: bool = False, then: Callable[[], None] | None = None) -> None:
        if target & (self._layout.align - 1):
            raise Trap(CAUSE_MISALIGNED_FETCH, target)
        if then:
            then()
        if link:
            self.rd = self.next_pc
        self._next = target

    def branch(self, condition) -> None:
        if condition:
            self.jump()

    def resume(self) -> None:
        """s.pc has been set by the semantics."""
        self._next = self.s.pc

    def resume_next(self) -> None:
        pass

    def look_again(self) -> None:
        """It looks before every instruction anyway."""

    def stop(self, reason: int) -> None:
        self.s.reason = reason
        raise Ended

    def _cached(self, va: int, size: int, tag: int) -> int:
        """Offset in RAM by the data TLB, whose entries may be older than the page table; -1 for a miss."""
        bank = self._longs[_DTLB_HOST] - self._longs[_STATE_HOST]
        entry = bank + ((va >> PAGE_SHIFT) & (DTLB_ENTRIES - 1)) * DTLB.itemsize
        if self._words[entry + tag >> 2] != va & ~(PAGE_MASK & -size):
            return -1
        return (self._longs[entry + _ADDEND >> 3] + va - self._longs[_RAM_HOST]) & U64.mask

    def load(self, va, size: int):
        offset = self._cached(int(va), size, RTAG)
        return access.load(self, va, size) if offset < 0 else self.ram(offset, size)

    def store(self, va, value, size: int) -> None:
        offset = self._cached(int(va), size, WTAG)
        if offset < 0:
            access.store(self, va, value, size)
        else:
            self.ram_set(offset, size, value)

    def _cached_words(self, va: int, count: int, tag: int) -> int:
        inside = va & PAGE_MASK <= PAGE_SIZE - WORD_BYTES * count
        return self._cached(va, WORD_BYTES, tag) if inside else -1

    def load_words(self, va, count: int) -> list[U32]:
        offset = self._cached_words(int(va), count, RTAG)
        if offset < 0:
            return access.load_words(self, va, count)
        return [self.ram(offset + WORD_BYTES * word, WORD_BYTES) for word in range(count)]

    def store_words(self, va, values: Sequence[Word]) -> None:
        offset = self._cached_words(int(va), len(values), WTAG)
        if offset < 0:
            access.store_words(self, va, values)
        else:
            for word, value in enumerate(values):
                self.ram_set(offset + WORD_BYTES * word, WORD_BYTES, value)

    # ---- running
    def run(self) -> None:
        """Goes on until state.reason says why not."""
        while self._step():
            pass

    def _interrupt_state(self) -> list[int]:
        words, longs = self._words, self._longs
        return [words[k] for k in self._watched_words] + [longs[k] for k in self._watched_longs]

    def _leave(self, reason: int) -> bool:
        self.s.reason = reason
        return False

    def _reason(self) -> int | None:
        """-> why to leave before the next instruction, if there is a reason."""
        words, longs = self._words, self._longs
        if words[_WATCH_HIT]:
            return EXIT_WATCH
        if words[_TRACE_TRAPS] and words[_TRAP_SEEN]:
            return EXIT_TRAP
        return EXIT_LIMIT if longs[_DUE] == longs[_CLOCK] else None

    def _step(self) -> bool:
        """One instruction, or the reason to leave -> whether to go on."""
        words, longs = self._words, self._longs
        goes_on = words[_IO_READY] != IO_NONE or words[_WOKEN]
        if not goes_on and (longs[_CLOCK] >= longs[_DUE] or self._interrupt_state() != self._prepared):
            traps.prepare(self)
            self._prepared = self._interrupt_state()
        reason = self._reason()
        if reason is not None:
            return self._leave(reason)
        pc = words[_PC]
        try:
            self._execute(pc)
            words[_PC] = self._next
        except Trap as trap:
            traps.take_exception(self, U32(pc), U32(trap.cause), U32(trap.value))
        except Ended:
            return False
        longs[_CLOCK] += 1
        return True

    def _execute(self, pc: int) -> None:
        """The instruction at pc, up to where the next one is. Raises Trap and Ended."""
        self.encoding = self._fetch(pc)
        self._now = self._decode(int(self.encoding))
        self._next = self.next_pc
        self._run(self._now.op)

    def _decode(self, encoding: int) -> Decoded:
        """What `_fetch` has found -> what is run."""
        return decode_word(encoding, self.target.mode)

    def _run(self, op: str) -> None:
        """One micro-op, with the operands of self._now. Raises Trap and Ended."""
        self._micro_ops[op].fn(self)

    def _fetch(self, pc: int) -> U32:
        """Address -> the instruction word there, through the instruction TLB. Trap: page or access fault."""
        bank = self._longs[_ITLB_HOST] - self._longs[_STATE_HOST]
        entry = bank + ((pc >> PAGE_SHIFT) & (ITLB_ENTRIES - 1)) * ITLB.itemsize >> 2
        if self._words[entry] != pc & ~PAGE_MASK:
            cause = paging.fetch_page(self, U32(pc))
            if cause:
                raise Trap(cause, U32(pc))
        return self.ram((self._words[entry + 1] << PAGE_SHIFT) + (pc & PAGE_MASK), 4)
