"""Handlers of a mode whose instructions are sequences of micro-ops: two paths for a whole instruction, and two for a
part of one. What they are put together to: sequences.py."""

from __future__ import annotations

from vm.micro import access, paging
from vm.micro.context import Ended
from vm.micro.handlers import Fast, Handler, Slow
from vm.micro.layout import REC_OP, RECORD_BYTES, WORD_BYTES
from vm.micro.symbols import BuildError, Function, Sym
from vm.state import EXIT_DEVICE, LAYOUT

PREFIX_PART, PREFIX_PART_SLOW = "part_", "part_slow_"


class Lengths(Handler):
    """What is the same in all handlers of this mode: a record says how long its instruction is."""

    def _step(self) -> Sym:
        return self._index(REC_OP)

    @property
    def next_pc(self) -> Sym:
        return self.pc + self._step()

    @property
    def next_record(self) -> str:
        return self.gep(self.ip, str(self._step().u64() << self.layout.record_shift))

    def enter_parts(self, record: str, offset: Sym, length: Sym) -> None:
        """Ends the path in the first part of the instruction at home: its place in RAM, its length. The page's records
        may be forgotten by now."""
        self.dispatch(record)

    @property
    def encoding(self) -> Sym:
        """The opcode."""
        return self.ram(self.code_offset(), 1)

    def own_record(self) -> str:
        """The instruction's record."""
        return self.ip

    def go_on(self) -> None:
        """The instruction is done."""


class Whole(Lengths, Fast):
    """The usual case of a micro-op that is a whole instruction."""

    def probe(self, va: Sym, how: str) -> None:
        self._host_address(va, WORD_BYTES, "rtag" if how == paging.READ else "wtag")

    def again(self) -> None:
        """Ends the path: the instruction has another round to do."""
        self.s.exceptions = self.s.exceptions + 1
        self.retire(self.own_record())
        raise Ended


class WholeSlow(Lengths, Slow):
    """The general case."""

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self._length = self._index(REC_OP)  # before a store drops the record

    def _step(self) -> Sym:
        return self._length

    def probe(self, va: Sym, how: str) -> None:
        access.probe(self, va, how)

    def again(self) -> None:
        self.s.exceptions = self.s.exceptions + 1
        self.s.pc = self.pc
        self.resume()
        raise Ended


class _Parts(Lengths):
    """What is the same in handlers of parts: the instruction is the one at home."""

    def own_record(self) -> str:
        return self.f.emit(f"load ptr, ptr {self.gep('%st', LAYOUT['home'][0])}")

    @property
    def pc(self) -> Sym:
        return (self.address(self.own_record()) >> self.layout.record_shift).low() + self.s.pcd

    def code_offset(self) -> Sym:
        mine, self.ip = self.ip, self.own_record()
        offset = super().code_offset()
        self.ip = mine
        return offset

    def _step(self) -> Sym:
        raise BuildError("a part does not know how long its instruction is")

    def jump(self, link: bool = False) -> None:
        self.jump_to(self.pc + self.imm, link)

    def go_on(self) -> None:
        """Ends the path: the instruction is done. The immediate is its length."""
        self.retire(self.gep(self.own_record(), str(self.imm.u64() << self.layout.record_shift)))

    def finish(self) -> None:
        if not self.finished:
            self.dispatch(self.gep(self.ip, RECORD_BYTES))


class Part(_Parts, Whole):
    """The usual case of a micro-op that is part of an instruction."""

    slow_prefix = PREFIX_PART_SLOW


class PartSlow(_Parts, WholeSlow):
    """The general case. Whatever must be looked at is looked at behind the instruction: it becomes due then."""

    def finish(self) -> None:
        if self.must_resume and not self.finished:
            self.s.due = self.s.clock + 1
            self.dispatch(self.gep(self.ip, RECORD_BYTES), "1")
        super().finish()

    def resume_next(self) -> None:
        self.look_again()

    def stop(self, reason: int) -> None:
        """Leaves generated code; for a device access to come back to this part."""
        if reason == EXIT_DEVICE:
            self.s.part = self.address(self.ip)
        super().stop(reason)
