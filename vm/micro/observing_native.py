"""The observing build of the modes in which an instruction is one micro-op.

The fast handlers are those of the usual build, fused ones included. An instruction at a place that somebody asked about
has @look in its record, and its own handler in the shadow of the record; accesses to watched pages miss the data TLB's
tags and come to the general handlers, which note them and have @go_on decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vm.arch import PAGE_MASK
from vm.micro import observing
from vm.micro.builds import builder_behind, reference_behind
from vm.micro.context import Trap
from vm.micro.interpreter import Builder
from vm.micro.layout import NO_OP, REC_FN, REC_OP, RECORD_BYTES
from vm.micro.native import Native
from vm.micro.observing_contexts import Cached, Noting, Telling
from vm.micro.observing_layout import FIELDS, OFF, SCAN
from vm.micro.observing_reference import ObservingReference
from vm.micro.reference import Reference
from vm.micro.symbols import Sym
from vm.micro.target import Target
from vm.state import EXIT_POINT

if TYPE_CHECKING:
    _Base = Any  # the class of the other build that one of these stands in front of
else:
    _Base = object

SHADOW_BYTES = 8
_SHADOW_SHIFT = (RECORD_BYTES // SHADOW_BYTES).bit_length() - 1


def observing_builder(base: type[Builder]) -> type[Builder]:
    """A mode's builder -> the one whose generated code watches."""
    return builder_behind("Observing", base, ObservingBuilder, CONTEXTS)


def observing_reference(base: type[Reference]) -> type[Reference]:
    """A mode's reference executor -> the one that watches."""
    return reference_behind("Observing", base, ObservingReference)


# ---- contexts of generated code ------------------------------------------------------------------------------------
class _Fields:
    """m.o: the scalar fields of the observer's record."""

    __slots__ = ("_m",)
    _m: Any

    def __init__(self, m: Any) -> None:
        object.__setattr__(self, "_m", m)

    def __getattr__(self, name: str) -> Sym:
        found: Sym = self._m.o_get(name, 0)
        return found

    def __setattr__(self, name: str, value) -> None:
        self._m.o_put(name, 0, value)


class Marked(Telling, _Base):
    """The observer's record and its tables."""

    @property
    def o(self) -> _Fields:
        return _Fields(self)

    def _o_field(self, name: str, index) -> tuple[str, int]:
        offset, width = FIELDS[name]
        place = self.wide(index) if isinstance(index, int) else index.u64()
        return self.gep(self._host("observer_host"), str(place * (width // 8) + offset)), width

    def o_get(self, name: str, index) -> Sym:
        pointer, width = self._o_field(name, index)
        if width == 8:
            return Sym(self.f, self.f.emit(f"zext i8 {self.f.emit(f'load i8, ptr {pointer}')} to i32"), 32)
        return self.at(pointer, width)

    def o_put(self, name: str, index, value) -> None:
        pointer, width = self._o_field(name, index)
        value = self.word(value) if width == 32 else self.wide(value)
        self.f.do(f"store i{width} {value}, ptr {pointer}")

    def _o_host(self, field: str) -> str:
        return self.f.emit(f"load ptr, ptr {self._o_field(field, 0)[0]}")

    def mask(self, index: Sym) -> Sym:
        byte = self.f.emit(f"load i8, ptr {self.gep(self._o_host('masks_host'), str(index.u64()))}")
        return Sym(self.f, self.f.emit(f"zext i8 {byte} to i32"), 32)

    def ram(self, offset: Sym, size: int) -> Sym:
        if self.watched is not None:
            self.watched.append(offset)
        return super().ram(offset, size)

    def ram_set(self, offset: Sym, size: int, value: Sym) -> None:
        if self.watched is not None:
            self.watched.append(offset)
            self.overwritten.append(Native.ram(self, offset, size))
        super().ram_set(offset, size, value)

    def shadow(self) -> str:
        """-> where the handler is kept whose place @look has in the record at ip."""
        at = self.address(self.ip) - self.s.records_host
        return self.gep(self._o_host("shadow_host"), str(at >> _SHADOW_SHIFT))


class Concluding(_Base):
    """Notes accesses where a general handler ends. If any has met a point, the instruction ends in @resume."""

    def __init__(self, *args, **keywords) -> None:
        super().__init__(*args, **keywords)
        self.forget_accesses()

    @property
    def encoding(self) -> Sym:
        return self.unwatched(lambda: super(Concluding, self).encoding)

    def finish(self) -> None:
        if not self.finished and self.accesses:
            self.note_accesses()
            if self.o.noted != 0:
                self.look_again()
        super().finish()

    def resume(self) -> None:
        self.note_accesses()
        super().resume()

    def trap(self, trap: Trap) -> None:
        self.forget_accesses()
        super().trap(trap)


CONTEXTS: dict[str, tuple[type, ...]] = {
    "native": (Marked,),
    "handler": (Marked,),
    "slow": (Concluding, Noting, Marked, Cached),
}


# ---- the module ----------------------------------------------------------------------------------------------------
class ObservingBuilder(_Base):
    """In front of a mode's builder."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.reasons: Any = (*self.reasons, (EXIT_POINT, lambda m: observing.noticed(m) != 0))

    def resume(self) -> str:
        return super().resume() + self.look()

    def look(self) -> str:
        """@look: in front of an instruction that somebody may have asked about."""
        f = self.define("look")

        def body() -> None:
            handler = self.handler(f)
            if not self.waits(handler):
                handler.leave(f.emit(f"load ptr, ptr {handler.shadow()}"))

        return f.build(body)

    def waits(self, handler: Any) -> bool:
        """Before the instruction at ip -> whether the path has been ended, since a point is met there. SCAN: notes
        it."""
        armed = handler.o.armed
        if armed == OFF:
            return False
        clock = handler.s.due - Sym(handler.f, "%bud", 64)
        at = observing.position(handler, clock)
        if observing.met_here(handler, handler.pc, at) != 0:
            if armed != SCAN:
                handler.s.pc, handler.s.clock = handler.pc, clock
                handler.leave("@go_on")
                return True
            observing.caught(handler, at)
        observing.fetched(handler, handler.pc, at, handler.code_offset)
        return False

    def decoded(self, handler: Any, inside: Sym) -> None:
        if handler.o_get("places", inside & PAGE_MASK) == 0:
            return super().decoded(handler, inside)
        fn = handler.gep("%ip", REC_FN)
        handler.f.do(f"store ptr {handler.f.emit(f'load ptr, ptr {fn}')}, ptr {handler.shadow()}")
        handler.f.do(f"store ptr @look, ptr {fn}")
        if self.target.layout.chain > 1:  # no fused handler runs it, or begins with it
            handler.f.do(f"store i8 {NO_OP}, ptr {handler.gep('%ip', REC_OP)}")
        return None
