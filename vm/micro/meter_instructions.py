"""The accounting build of the modes in which an instruction is one micro-op.

Every dispatch goes through @instruction, which counts the instruction that its record stands for, and then enters the
record's handler. What a handler loads and stores is counted where it ends, so that one which starts over elsewhere has
counted nothing. The other build knows nothing of all this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vm.micro import metering, microcode
from vm.micro.builds import builder_behind, reference_behind
from vm.micro.context import Routine, Trap
from vm.micro.handlers import PREFIX_FAR, PREFIX_FAST
from vm.micro.interpreter import Builder
from vm.micro.layout import NO_OP, REC_OP, REC_RD, REC_RS2
from vm.micro.meter_kinds import instruction_kinds
from vm.micro.meter_layout import CELL
from vm.micro.meter_reference import Counting
from vm.micro.meter_units import unit_functions
from vm.micro.meter_watching import Watching
from vm.micro.reference import Reference
from vm.micro.symbols import Sym
from vm.micro.values import U32
from vm.state import EXIT_IDLE, EXIT_LOG, IO_NONE, LAYOUT

if TYPE_CHECKING:
    _Base = Any  # the class of the other build that one of these stands in front of
else:
    _Base = object

_HOSTS = {"counts": "counts_host", "log": "log_host"}


def metered_builder(base: type[Builder]) -> type[Builder]:
    """A mode's builder -> the one whose generated code counts."""
    contexts = {
        "native": (Cells,),
        "handler": (Dispatching, Cells),
        "fast": (Ending, Reaching, Dispatching, Watching, Cells),
        "slow": (Ending, General, Dispatching, Watching, Cells),
    }
    return builder_behind("Metered", base, InstructionBuilder, contexts)


def metered_reference(base: type[Reference]) -> type[Reference]:
    """A mode's reference executor -> the one that counts."""
    return reference_behind("Metered", base, InstructionReference)


# ---- contexts of generated code ------------------------------------------------------------------------------------
class Cells(microcode.Reaching, _Base):
    """The meter's arrays."""

    def _cell(self, name: str, index) -> str:
        base = self.f.emit(f"load ptr, ptr {self.gep('%st', LAYOUT['meter_host'][0])}")
        if name in _HOSTS:
            base = self.f.emit(f"load ptr, ptr {self.gep(base, 8 * CELL[_HOSTS[name]])}")
        return self.gep(base, str(index * 8))

    def cell(self, name: str, index) -> Sym:
        return self.at(self._cell(name, index), 64)

    def cell_set(self, name: str, index, value) -> None:
        value = self.wide(value)
        self.f.do(f"store i64 {value}, ptr {self._cell(name, index)}")

    def touch(self, unit: int, first, last, allocate) -> Sym:
        arguments = f"ptr %st, i64 {unit}, i32 {first}, i32 {last}, i32 {self.word(allocate)}"
        return Sym(self.f, self.f.emit(f"call i64 @touch({arguments})"), 64)

    def forget(self, unit: int, block) -> None:
        self.f.do(f"call void @forget(ptr %st, i64 {unit}, i32 {block})")

    def forget_all(self, unit: int) -> None:
        self.f.do(f"call void @forget_all(ptr %st, i64 {unit})")

    def word_moved(self, write: bool, va, places) -> None:
        metering.word_moved(self, write, va, places[0], places[-1])

    def ram(self, offset: Sym, size: int) -> Sym:
        if self.watched is not None:
            self.watched.append(offset)
        return super().ram(offset, size)

    def ram_set(self, offset: Sym, size: int, value: Sym) -> None:
        if self.watched is not None:
            self.watched.append(offset)
        super().ram_set(offset, size, value)

    def call(self, routine: Routine, args):
        result = super().call(routine, args)
        if routine.name in metering.AFTER:
            metering.AFTER[routine.name](self)
        return result


class Dispatching(_Base):
    """Goes to the next instruction by way of @instruction."""

    def dispatch(self, ip: str = "", budget: str = "", tlb: str = "%tlb") -> None:
        self.leave("@instruction", ip, budget, tlb)

    def enter_record(self) -> None:
        """Ends the path in the record's handler: it has been counted, or is not to be."""
        super().dispatch()

    def micro_ops(self) -> Sym:
        """-> how many are counted with the instruction."""
        return self.wide(1)

    def kind(self) -> Sym:
        """-> the instruction's kind."""
        index = self._index(REC_OP).u64() * 4
        return self.at(self.gep("@kinds", str(index)), 32)

    def what(self) -> tuple[Sym, Sym]:
        """-> the instruction's kind, and its cell in the histogram."""
        return self.kind(), metering.place_of(self, self.pc) >> self.layout.shift

    def count(self, info: Sym, place: Sym) -> None:
        """Ends the path in the record's handler, having counted it."""
        rs1, rs2, rd = self.rs1_index, self._index(REC_RS2), self._index(REC_RD)
        metering.started(self, info, place, self.micro_ops(), rs1, rs2, rd)
        if not self.f.fork(str(self.cell("meter", CELL["simulated"]) == 0), likely=True):
            metering.looked_up(self, info, self.pc, self.code_offset(), rs1, self.rs1)
        self.enter_record()


class Ending(_Base):
    """Counts what was loaded and stored where the instruction ends."""

    def __init__(self, *args, **keywords) -> None:
        super().__init__(*args, **keywords)
        self.forget_accesses()

    def retire(self, ip: str) -> None:
        self.count_accesses()
        super().retire(ip)


class Reaching(_Base):
    """Sees where fast handlers reach RAM."""

    def _host_address(self, va: Sym, size: int, tag: str) -> str:
        pointer: str = super()._host_address(va, size, tag)
        if self.inside:
            self.reached((self.address(pointer) - self.s.ram_host).low(), size, tag == "wtag")
        return pointer


class General(_Base):
    """The general handlers' other endings."""

    @property
    def encoding(self) -> Sym:
        return self.unwatched(lambda: super(General, self).encoding)

    def resume(self) -> None:
        self.count_accesses()
        super().resume()

    def trap(self, trap: Trap) -> None:
        self.was_taken = False
        self.count_accesses()  # now: the trap changes the privilege
        super().trap(trap)

    def stop(self, reason: int) -> None:
        if reason == EXIT_IDLE:
            metering.withdrawn(self, *self.what())
        super().stop(reason)


# ---- the module ----------------------------------------------------------------------------------------------------
class InstructionBuilder(_Base):
    """In front of a mode's builder."""

    def run(self) -> str:
        return super().run() + self.kinds() + self.beginning() + unit_functions()

    def kinds(self) -> str:
        """-> the table of kinds, by the number in a record."""
        kinds, table = instruction_kinds(self.target), [0] * (NO_OP + 1)
        for name, number in self.numbers().items():
            table[number] = kinds.get(name.removeprefix(PREFIX_FAST).removeprefix(PREFIX_FAR), 0)
        return array_of_words("kinds", table)

    def beginning(self) -> str:
        return self.begin("instruction", self.handler) + self.moment("instruction", self.handler)

    def begin(self, name: str, context: type) -> str:
        """@instruction: in front of the record at ip, which need not be decoded yet."""
        f = self.define(name)

        def body() -> None:
            handler = context(f)
            if self.is_counted(handler):
                return handler.enter_record()
            info, place = handler.what()
            if f.fork(str(metering.moment_at(handler, place) == 0), likely=True):
                return handler.count(info, place)
            return handler.leave(f"@{name}_moment")

        return f.build(body)

    def is_counted(self, handler):
        """-> condition: there is no instruction to be counted. What is run again after a device access was before."""
        return (handler._index(REC_OP) == NO_OP) | (handler.s.io_ready != IO_NONE)

    def moment(self, name: str, context: type) -> str:
        """@instruction_moment: the same at a marked address."""
        f = self.define(f"{name}_moment")

        def body() -> None:
            handler = context(f)
            info, place = handler.what()
            clock = handler.s.due - Sym(f, "%bud", 64)
            if metering.is_full(handler):
                handler.s.pc, handler.s.clock = handler.pc, clock
                return handler.exit(EXIT_LOG)
            metering.snapshot(handler, metering.moment_at(handler, place), clock)
            return handler.count(info, place)

        return f.build(body)


def array_of_words(name: str, values: list[int]) -> str:
    """-> the text of a constant table."""
    entries = ", ".join(f"i32 {value}" for value in values)
    return f"@{name} = internal constant [{len(values)} x i32] [{entries}]\n"


# ---- the reference executor ----------------------------------------------------------------------------------------
class InstructionReference(Counting):
    """In front of a mode's reference executor."""

    def __init__(self, core) -> None:
        super().__init__(core)
        self._kinds = instruction_kinds(self.target)

    def _fetch(self, pc: int) -> U32:
        word = super()._fetch(pc)
        now = self._decode(int(word))
        self.begin(U32(self._kinds[now.op]), 1, now.rs1, now.rs2, now.rd)
        return word
