"""The accounting build of the interpreter: a mode's builder -> one whose generated code counts.

Every dispatch goes through @begin, which counts the instruction that its record stands for, and then enters the
record's handler. What a handler loads and stores is counted where it ends, so that one which starts over elsewhere has
counted nothing. The other build knows nothing of all this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vm.micro import metering
from vm.micro.context import Routine, Trap
from vm.micro.handlers import PREFIX_FAR, PREFIX_FAST, Handler
from vm.micro.interpreter import Builder
from vm.micro.layout import NO_OP, REC_OP, REC_RD, REC_RS2
from vm.micro.meter_layout import CELL
from vm.micro.meter_units import unit_functions
from vm.micro.symbols import Sym
from vm.state import EXIT_IDLE, EXIT_LOG, IO_NONE, LAYOUT

if TYPE_CHECKING:
    _Native = Any
else:
    _Native = object

_HOSTS = {"counts": "counts_host", "log": "log_host"}


def metered(base: type[Builder]) -> type[Builder]:
    """A mode's builder -> the one that counts."""
    contexts = {
        "native": (_Counting,),
        "handler": (_Dispatching, _Counting),
        "fast": (_Fast, _Dispatching, metering.Watching, _Counting),
        "slow": (_Slow, _Dispatching, metering.Watching, _Counting),
    }
    changed = {
        name: type(f"Metered{getattr(base, name).__name__}", (*mixins, getattr(base, name)), {})
        for name, mixins in contexts.items()
    }
    return type(f"Metered{base.__name__}", (_Builder, base), changed)


class _Counting(_Native):
    """The meter's arrays, in generated code."""

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

    def call(self, routine: Routine, args):
        result = super().call(routine, args)
        if routine.name in metering.AFTER:
            metering.AFTER[routine.name](self)
        return result


class _Dispatching(_Native):
    """Goes to the next instruction by way of @begin."""

    def dispatch(self, ip: str = "", budget: str = "", tlb: str = "%tlb") -> None:
        self.leave("@begin", ip, budget, tlb)

    def what(self) -> tuple[Sym, Sym]:
        """-> the instruction's kind, and its cell in the histogram."""
        index = self._index(REC_OP).u64() * 4
        info = self.at(self.gep("@kinds", str(index)), 32)
        return info, metering.place_of(self, self.pc) >> self.layout.shift

    def enter_record(self) -> None:
        """Ends the path in the record's handler: it has been counted, or is not to be."""
        super().dispatch()


class _Fast(_Native):
    def __init__(self, *args, **keywords) -> None:
        super().__init__(*args, **keywords)
        self.forget_accesses()

    def _host_address(self, va: Sym, size: int, tag: str) -> str:
        pointer: str = super()._host_address(va, size, tag)
        self.reached((self.address(pointer) - self.s.ram_host).low(), size, tag == "wtag")
        return pointer

    def retire(self, ip: str) -> None:
        self.count_accesses()
        super().retire(ip)


class _Slow(_Native):
    def __init__(self, *args, **keywords) -> None:
        super().__init__(*args, **keywords)
        self.forget_accesses()

    @property
    def encoding(self) -> Sym:
        return self.unwatched(lambda: super(_Slow, self).encoding)

    def retire(self, ip: str) -> None:
        self.count_accesses()
        super().retire(ip)

    def resume(self) -> None:
        self.count_accesses()
        super().resume()

    def trap(self, trap: Trap) -> None:
        self.was_taken = False
        super().trap(trap)

    def stop(self, reason: int) -> None:
        if reason == EXIT_IDLE:
            metering.withdrawn(self, *self.what())
        super().stop(reason)


class _Builder(_Native):
    """In front of a mode's builder."""

    def run(self) -> str:
        return super().run() + self.kinds() + self.begin() + self.moment() + unit_functions()

    def kinds(self) -> str:
        """-> the table of kinds by the number in a record."""
        kinds, table = metering.kinds(self.target), [0] * (NO_OP + 1)
        for name, number in self.numbers().items():
            table[number] = kinds.get(name.removeprefix(PREFIX_FAST).removeprefix(PREFIX_FAR), 0)
        entries = ", ".join(f"i32 {kind}" for kind in table)
        return f"@kinds = internal constant [{len(table)} x i32] [{entries}]\n"

    def begin(self) -> str:
        """@begin: in front of the record at ip, which need not be decoded yet."""
        f = self.define("begin")

        def body() -> None:
            handler = self.handler(f)
            # What is run again after a device access was counted before it.
            if (handler._index(REC_OP) == NO_OP) | (handler.s.io_ready != IO_NONE):
                return handler.enter_record()
            info, place = handler.what()
            if f.fork(str(metering.moment_at(handler, place) == 0), likely=True):
                return self.count(handler, info, place)
            return handler.leave("@moment")

        return f.build(body)

    def moment(self) -> str:
        """@moment: the same at a marked address."""
        f = self.define("moment")

        def body() -> None:
            handler = self.handler(f)
            info, place = handler.what()
            clock = handler.s.due - Sym(f, "%bud", 64)
            if metering.is_full(handler):
                handler.s.pc, handler.s.clock = handler.pc, clock
                return handler.exit(EXIT_LOG)
            metering.snapshot(handler, metering.moment_at(handler, place), clock)
            return self.count(handler, info, place)

        return f.build(body)

    def count(self, handler: Handler, info: Sym, place: Sym) -> None:
        rs2, rd = (handler._index(at) for at in (REC_RS2, REC_RD))
        metering.started(handler, info, place, handler.rs1_index, rs2, rd)
        if handler.f.fork(str(handler.cell("meter", CELL["simulated"]) == 0), likely=True):
            return handler.enter_record()
        metering.looked_up(handler, info, handler.pc, handler.code_offset(), handler.rs1_index, handler.rs1)
        return handler.enter_record()
