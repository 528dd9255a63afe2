"""The accounting build of a mode whose instructions are sequences of micro-ops: see sequences.py.

@instruction looks where a record lies: in the pool it is a part of an instruction, which counts as a micro-op;
elsewhere it is an instruction, whose class comes from its opcode. An instruction that reaches into the next page has no
record of its own that could say how long it is: it begins in @crossing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vm.arch import PAGE_MASK
from vm.micro import metering
from vm.micro.builds import builder_behind, reference_behind
from vm.micro.interpreter import Builder
from vm.micro.layout import REC_FN, REC_OP, RECORD_BYTES
from vm.micro.meter_instructions import (
    Cells,
    Dispatching,
    Ending,
    General,
    InstructionBuilder,
    Reaching,
    array_of_words,
)
from vm.micro.meter_kinds import opcode_kinds, with_length
from vm.micro.meter_reference import Counting
from vm.micro.meter_watching import Watching
from vm.micro.native import Native
from vm.micro.reference import Reference
from vm.micro.sequences import CLOSING
from vm.micro.symbols import Sym
from vm.micro.templates import numbers
from vm.micro.values import U32
from vm.state import IO_NONE

if TYPE_CHECKING:
    _Base = Any  # the class of the other build that one of these stands in front of
else:
    _Base = object


def metered_builder(base: type[Builder]) -> type[Builder]:
    """A mode's builder -> the one whose generated code counts."""
    contexts = {
        "native": (Cells,),
        "handler": (_Sequences, Dispatching, Cells),
        "fast": (Ending, Reaching, _Sequences, Dispatching, Watching, Cells),
        "slow": (Ending, General, _Sequences, Dispatching, Watching, Cells),
        "part": (_Part, Ending, Reaching, _Sequences, Dispatching, Watching, Cells),
        "part_slow": (_Part, Ending, General, _Sequences, Dispatching, Watching, Cells),
    }
    return builder_behind("Metered", base, _SequenceBuilder, contexts)


def metered_reference(base: type[Reference]) -> type[Reference]:
    """A mode's reference executor -> the one that counts."""
    return reference_behind("Metered", base, _SequenceReference)


class _Sequences(_Base):
    """An instruction's record says how long it is, its first byte what it is."""

    def length(self) -> Sym:
        byte = self.f.emit(f"load i8, ptr {self.gep(self.own_record(), REC_OP)}")
        return Sym(self.f, self.f.emit(f"zext i8 {byte} to i32"), 32)

    def opcode(self) -> Sym:
        return Native.ram(self, self.code_offset(), 1)  # not a load of the instruction's

    def kind(self) -> Sym:
        index = self.opcode().u64() * 4
        return with_length(self.at(self.gep("@kinds", str(index)), 32), self.length())

    def micro_ops(self) -> Sym:
        """A sequence's parts count by themselves."""
        handler = self.f.emit(f"load ptr, ptr {self.gep(self.ip, REC_FN)}")
        whole = self.f.emit(f"icmp ne ptr {handler}, @enter")
        return Sym(self.f, self.f.emit(f"zext i1 {whole} to i64"), 64)

    def enter_parts(self, record: str, offset: Sym, length: Sym) -> None:
        metering.put(self, "crossing", length.u64())
        metering.put(self, "crossing_at", offset.u64())
        self.leave("@crossing")


class _Part(_Base):
    """A part ends where the next one begins; what it has loaded and stored is counted there."""

    counted = False

    def retire(self, ip: str) -> None:
        self.counted = True
        super().retire(ip)

    def dispatch(self, ip: str = "", budget: str = "", tlb: str = "%tlb") -> None:
        if not self.counted:
            self.count_accesses()
        super().dispatch(ip, budget, tlb)


class _Crossing(_Base):
    """The instruction at ip, which is not decoded, but lowered at the beginning of the pool."""

    def opcode(self) -> Sym:
        return self.get("code", 0)

    def length(self) -> Sym:
        return metering.get(self, "crossing").low()

    def code_offset(self) -> Sym:
        return metering.get(self, "crossing_at").low()

    def micro_ops(self) -> Sym:
        return self.wide(0)

    def enter_record(self) -> None:
        self.dispatch(self._host("pool_host"))


# ---- the module, and the reference executor --------------------------------------------------------------------------
class _SequenceBuilder(InstructionBuilder):
    """In front of the mode's builder."""

    def kinds(self) -> str:
        return array_of_words("kinds", opcode_kinds())

    def beginning(self) -> str:
        crossing = type("MeteredCrossing", (_Crossing, self.handler), {})
        texts = [self.begin("instruction", self.handler), self.moment("instruction", self.handler)]
        return "".join([*texts, self.begin("crossing", crossing), self.moment("crossing", crossing)])

    def is_counted(self, handler):
        if isinstance(handler, _Crossing):
            metering.put(handler, "again", 0)  # block instructions are too short to cross
            return False
        place = handler.address("%ip") - handler.address(handler._host("pool_host"))
        if place < self.target.layout.pool * RECORD_BYTES:
            op, names = handler._index(REC_OP), numbers(self.target)
            closing = (op == names["jal"]) & (handler.rs1_index == CLOSING)
            part = ~(closing | (op == names["done"])) & (handler.s.io_ready == IO_NONE)
            metering.tally(handler, "micro_ops", handler.bit(part).u64())
            return True
        if super().is_counted(handler):
            return True
        again = metering.another_round(handler, handler.pc)
        metering.tally(handler, "micro_ops", again & handler.micro_ops())
        return again != 0


class _SequenceReference(Counting):
    """In front of the mode's reference executor."""

    def __init__(self, core) -> None:
        super().__init__(core)
        self._kinds = opcode_kinds()

    def _page_offset(self, va: U32) -> int:
        page: int = super()._page_offset(va)
        self._pages.append(page)
        return page

    def _code_offset(self) -> U32:
        return U32(self._pages[0] + (int(self.pc) & PAGE_MASK))

    def _lowered(self, pc: int):
        self._pages: list[int] = []  # of the instruction's bytes: the TLB may have forgotten the first one already
        sequence, length = self.unwatched(lambda: super(_SequenceReference, self)._lowered(pc))
        info = with_length(U32(self._kinds[int(self.encoding)]), length)
        self.begin(info, 0, 0, 0, 0)
        return sequence, length

    def _run(self, op: str) -> None:
        if self.s.io_ready == IO_NONE:
            metering.tally(self, "micro_ops")
        super()._run(op)
