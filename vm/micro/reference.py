"""The reference executor: the semantics run as plain Python, an instruction at a time.

It shares the state record, RAM and TLBs with generated code, and leaves for the same reasons; it uses no decoded records,
but keeps them coherent. Slow and clear: for tests, and for looking at single steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vm.arch import PAGE_SHIFT
from vm.micro import access, paging, traps
from vm.micro import ops as _ops  # noqa: F401  registers the micro-ops
from vm.micro.context import Ended, MicroOp, Routine, Trap
from vm.micro.decoder import Decoded, decode_word
from vm.micro.layout import INSTRUCTION_SHIFT, SLOT_BYTES
from vm.micro.values import U32, U64, Word
from vm.state import (
    EXIT_DEVICE,
    EXIT_IDLE,
    EXIT_LIMIT,
    EXIT_TRAP,
    EXIT_WATCH,
    IO_ERROR,
    IO_NONE,
    LAYOUT,
    SINK,
)

if TYPE_CHECKING:
    from vm.micro.core import Core

_PAGE_MASK = (1 << PAGE_SHIFT) - 1


class _Fields:
    """m.s: the scalar fields of the state record, as words."""

    __slots__ = ("_words", "_longs")

    def __init__(self, words: memoryview, longs: memoryview) -> None:
        object.__setattr__(self, "_words", words)
        object.__setattr__(self, "_longs", longs)

    def __getattr__(self, name: str) -> Word:
        offset, width = LAYOUT[name]
        return U32(self._words[offset >> 2]) if width == 32 else U64(self._longs[offset >> 3])

    def __setattr__(self, name: str, value: int) -> None:
        offset, width = LAYOUT[name]
        if width == 32:
            self._words[offset >> 2] = int(U32(value))
        else:
            self._longs[offset >> 3] = int(U64(value))


class Reference:
    """Runs a Core's instructions. Also both contexts of the semantics: of the machine, and of the instruction."""

    slot_bytes = SLOT_BYTES

    def __init__(self, core: Core) -> None:
        self._core = core
        raw = memoryview(core.state_array).cast("B")  # type: ignore[arg-type]
        self._words, self._longs = raw.cast("I"), raw.cast("Q")
        self._bytes = raw
        self._ram = memoryview(core.ram)  # type: ignore[arg-type]
        self.s = _Fields(self._words, self._longs)
        self._now = Decoded("illegal", SINK, 0, 0, 0)
        self.encoding = U32(0)
        self._next = U32(0)

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

    def fill_ones(self, name: str) -> None:
        array = self._core.state_array[name]
        self._bytes[LAYOUT[name][0] : LAYOUT[name][0] + array.nbytes] = b"\xff" * array.nbytes

    def ram(self, offset, size: int) -> U32:
        return U32(int.from_bytes(self._ram[int(offset) : int(offset) + size], "little"))

    def ram_set(self, offset, size: int, value) -> None:
        low = int(value) & ((1 << 8 * size) - 1)
        self._ram[int(offset) : int(offset) + size] = low.to_bytes(size, "little")

    def table(self, name: str, index) -> U32:
        return U32(self._core.tables[name][int(index)])

    def table_set(self, name: str, index, value) -> None:
        self._core.tables[name][int(index)] = int(U32(value))

    def init_slot(self, slot) -> None:
        self._core.init_slot(int(slot))

    def undecode(self, slot, offset) -> None:
        self._core.records["fn"][int(slot), int(offset) >> INSTRUCTION_SHIFT] = self._core.undecoded

    def forget_slots(self) -> None:
        self._core.forget_slots()

    def call(self, routine: Routine, args):
        result = routine.fn(self, *args)
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

    def _set_rd(self, value) -> None:
        self._words[self._now.rd] = int(value)

    rd = property(None, _set_rd)

    def jump(self, link: bool = False) -> None:
        self.jump_to(self.pc + self.imm, link)

    def jump_to(self, target, link: bool = False) -> None:
        if target & 3:
            raise Trap(0, target)
        if link:
            self.rd = self.pc + 4
        self._next = target

    def branch(self, condition) -> None:
        if condition:
            self.jump()

    def resume(self) -> None:
        """s.pc has been set by the semantics."""
        self._next = self.s.pc

    def resume_next(self) -> None:
        pass

    def idle(self) -> None:
        self.s.reason = EXIT_IDLE
        raise Ended

    def load(self, va, size: int):
        return access.load(self, va, size)

    def store(self, va, value, size: int) -> None:
        access.store(self, va, value, size)

    def after_store(self, marks) -> None:
        self.s.watch_hit = self.s.watch_hit | marks >> 31

    def _device(self, paddr, size: int, write: int, value, va, fault: int) -> None:
        ready = self.s.io_ready
        if ready == IO_NONE:
            self.s.io_address, self.s.io_size, self.s.io_write, self.s.io_value = paddr, size, write, value
            self.s.reason = EXIT_DEVICE
            raise Ended
        self.s.io_ready = IO_NONE
        if ready == IO_ERROR:
            raise Trap(fault, va)

    def device_load(self, paddr, size: int, va):
        self._device(paddr, size, 0, 0, va, access.CAUSE_LOAD_ACCESS)
        return self.s.io_value

    def device_store(self, paddr, size: int, value, va) -> None:
        self._device(paddr, size, 1, value, va, access.CAUSE_STORE_ACCESS)

    # ---- running
    def run(self) -> None:
        """Goes on until state.reason says why not."""
        while self._step():
            pass

    def _leave(self, reason: int) -> bool:
        self.s.reason = reason
        return False

    def _step(self) -> bool:
        """One instruction, or the reason to leave -> whether to go on."""
        s = self.s
        if s.io_ready == IO_NONE:
            traps.prepare(self)
        if s.watch_hit:
            return self._leave(EXIT_WATCH)
        if s.trace_traps and s.trap_seen:
            return self._leave(EXIT_TRAP)
        if s.due == s.clock:
            return self._leave(EXIT_LIMIT)
        pc = s.pc
        entry = paging.itlb_entry(self, pc)
        cause = U32(0)
        if self.peek(entry) != pc & ~_PAGE_MASK:
            cause = paging.fetch_page(self, pc)
        try:
            if cause:
                raise Trap(cause, pc)
            self.encoding = self.ram((self.peek(entry + 4) << PAGE_SHIFT) + (pc & _PAGE_MASK), 4)
            self._now = decode_word(int(self.encoding))
            self._next = pc + 4
            MicroOp.registry[self._now.op].fn(self)
            s.pc = self._next
        except Trap as trap:
            traps.take_exception(self, pc, U32(trap.cause), U32(trap.value))
        except Ended:
            return False
        s.clock = s.clock + 1
        return True
