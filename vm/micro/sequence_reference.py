"""Plain Python for a mode whose instructions are sequences of micro-ops: see sequences.py and reference.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vm.arch import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.micro import access, lowering, paging
from vm.micro.context import Trap
from vm.micro.decoder import Decoded
from vm.micro.layout import WORD_BYTES
from vm.micro.reference import RTAG, WTAG, Reference
from vm.micro.sequences import UNKNOWN_BYTE
from vm.micro.templates import numbers, tables
from vm.micro.values import U32, Word
from vm.state import EXIT_DEVICE, EXIT_LIMIT, EXIT_STOPPED, IO_NONE, SINK

if TYPE_CHECKING:
    from vm.micro.core import Core


class SequenceReference(Reference):
    """Lowers each instruction when it is executed; what some bytes become is kept."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._constants = {name: values for name, (_, values) in tables(self.target).items()}
        self._numbers = numbers(self.target)
        self._names = {number: name for name, number in self._numbers.items()}
        self._emitted: list[Decoded] = []
        self._known: dict[bytes, tuple[list[Decoded], int]] = {}
        self._length = 0
        self._left = False  # the instruction has said where the next one is
        self._suspended: tuple[list[Decoded], int, int] | None = None  # in a device access: sequence, place, length

    # ---- what lowering asks for
    def constant(self, name: str, index) -> U32:
        return U32(self._constants[name][int(index)])

    def emit(self, op: str, rd, rs1, rs2, imm) -> None:
        self._emitted.append(Decoded(op, int(rd), int(rs1), int(rs2), int(U32(int(imm)))))

    def emit_number(self, op, rd, rs1, rs2, imm) -> None:
        self.emit(self._names[int(op)], rd, rs1, rs2, imm)

    def last_rd(self) -> U32:
        return U32(self._emitted[-1].rd if self._emitted else SINK)

    def set_last_rd(self, rd) -> None:
        self._emitted[-1] = self._emitted[-1]._replace(rd=int(rd))

    def forget_emitted(self) -> None:
        self._emitted.clear()

    # ---- the instruction context
    @property
    def next_pc(self) -> Word:
        return self.pc + self._length

    def go_on(self) -> None:
        self._next = self.next_pc

    def jump_to(self, target, link: bool = False, then: Callable[[], None] | None = None) -> None:
        super().jump_to(target, link, then)
        self._left = True

    def resume(self) -> None:
        super().resume()
        self._left = True

    def again(self) -> None:
        self.s.exceptions = self.s.exceptions + 1
        self._next = self.pc

    def probe(self, va, how: str) -> None:
        if self._cached(int(va), WORD_BYTES, RTAG if how == paging.READ else WTAG) < 0:
            access.probe(self, va, how)

    def stop(self, reason: int) -> None:
        if reason == EXIT_DEVICE:
            self._suspended = (self._sequence, self._place, self._length)
        super().stop(reason)

    # ---- running
    def _leave(self, reason: int) -> bool:
        return super()._leave(EXIT_STOPPED if self.s.stopped and reason == EXIT_LIMIT else reason)

    def _execute(self, pc: int) -> None:
        if self.s.stopped:
            self.stop(EXIT_STOPPED)
        place = 0
        if self._suspended and self.s.io_ready != IO_NONE:
            self._sequence, place, self._length = self._suspended
        else:
            self._sequence, self._length = self._lowered(pc)
        self._suspended = None
        self._next, self._left = self.next_pc, False
        for k in range(place, len(self._sequence)):
            self._place = k
            self._now = self._sequence[k]
            self._run(self._now.op)
            if self._left:
                return

    def _lowered(self, pc: int) -> tuple[list[Decoded], int]:
        """Address -> the instruction's micro-ops and its length. Trap: page or access fault of one of its pages."""
        longest = self._layout.longest
        inside = pc & PAGE_MASK
        first = self._page_offset(U32(pc))
        left = min(longest, PAGE_SIZE - inside)
        code = bytes(self._ram[first + inside : first + inside + left])
        self.encoding = U32(code[0])
        sequence, length = self._lower(code.ljust(longest, bytes([UNKNOWN_BYTE])))
        if length > left:
            following = U32((pc & ~PAGE_MASK) + PAGE_SIZE)
            second = self._page_offset(following)
            sequence, length = self._lower(code + bytes(self._ram[second : second + longest - left]))
        return sequence, length

    def _lower(self, code: bytes) -> tuple[list[Decoded], int]:
        if code not in self._known:
            for k, byte in enumerate(code):
                self.put("code", k, byte)
            self._emitted = []
            length = int(lowering.lower(self))
            self._known[code] = (self._emitted, length)
        return self._known[code]

    def _page_offset(self, va: U32) -> int:
        """Address of code -> offset in RAM of its page. Trap: page or access fault."""
        entry = int(paging.itlb_entry(self, va)) >> 2
        if self._words[entry] != va & ~PAGE_MASK:
            cause = paging.fetch_page(self, va)
            if cause:
                raise Trap(cause, va)
        return int(self._words[entry + 1]) << PAGE_SHIFT
