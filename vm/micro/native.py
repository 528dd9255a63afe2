"""The machine context that emits LLVM IR: vm/micro/context.py's vocabulary over the state record in memory.

Generated code trusts nothing that a guest wrote: guest memory is reached through a checked RAM offset or an entry of
the software TLB, tables through an index that a mask or a check has bounded.
"""

from __future__ import annotations

from collections.abc import Callable

from vm.arch import PAGE_SHIFT
from vm.micro.context import Routine
from vm.micro.layout import (
    NO_OP,
    REC_OP,
    RECORD_BYTES,
    WORD_BYTES,
    Layout,
)
from vm.micro.symbols import Bit, BuildError, Function, Sym
from vm.micro.values import U32, U64
from vm.state import LAYOUT, STATE, TLB_LOG


class _Fields:
    """m.s: the scalar fields of the state record."""

    __slots__ = ("_m",)
    _m: Native

    def __init__(self, m: Native) -> None:
        object.__setattr__(self, "_m", m)

    def __getattr__(self, name: str) -> Sym:
        offset, width = LAYOUT[name]
        return self._m.load_state(offset, width)

    def __setattr__(self, name: str, value) -> None:
        offset, width = LAYOUT[name]
        self._m.store_state(offset, width, value)


class Native:
    """Emits into one Function. `%st` is the state record."""

    def __init__(self, f: Function) -> None:
        self.f, self.target, self.layout = f, f.target, f.target.layout
        self.s = _Fields(self)

    # ---- constants and choices
    def word(self, value) -> Sym:
        return value if isinstance(value, Sym) else Sym(self.f, U32(value), 32)

    def wide(self, value) -> Sym:
        return value if isinstance(value, Sym) else Sym(self.f, U64(value), 64)

    def bit(self, condition) -> Sym:
        if isinstance(condition, Bit):
            return Sym(self.f, self.f.emit(f"zext i1 {condition} to i32"), 32)
        return self.word(int(condition))

    def select(self, condition, a, b) -> Sym:
        if not isinstance(condition, Bit):
            return a if condition else b
        width = (a if isinstance(a, Sym) else b).width
        make = self.word if width == 32 else self.wide
        a, b = make(a), make(b)
        return Sym(self.f, self.f.emit(f"select i1 {condition}, i{width} {a}, i{width} {b}"), width)

    def switch(self, value: Sym, cases) -> int | None:
        return self.f.switch(value, cases)

    # ---- the state record
    def gep(self, base: str, offset: int | str) -> str:
        return self.f.emit(f"getelementptr i8, ptr {base}, i64 {offset}")

    def at(self, pointer: str, width: int) -> Sym:
        """Host pointer -> the value there."""
        return Sym(self.f, self.f.emit(f"load i{width}, ptr {pointer}"), width)

    def load_state(self, offset: int, width: int) -> Sym:
        return self.at(self.gep("%st", offset), width)

    def store_state(self, offset: int, width: int, value) -> None:
        value = self.word(value) if width == 32 else self.wide(value)
        if value.width != width:
            raise BuildError(f"a value of {value.width} bits for a field of {width} in {self.f.header}")
        self.f.do(f"store i{width} {value}, ptr {self.gep('%st', offset)}")

    def _element(self, name: str, index) -> tuple[str, int]:
        offset, width = LAYOUT[name]
        if isinstance(index, int):
            return self.gep("%st", offset + index * width // 8), width
        scaled = index.u64() * (width // 8) + offset
        return self.gep("%st", str(scaled)), width

    def get(self, name: str, index) -> Sym:
        return self.at(*self._element(name, index))

    def put(self, name: str, index, value) -> None:
        pointer, width = self._element(name, index)
        value = self.word(value) if width == 32 else self.wide(value)
        self.f.do(f"store i{width} {value}, ptr {pointer}")

    def peek(self, offset: Sym) -> Sym:
        return self.at(self.gep("%st", str(offset.u64())), 32)

    def poke(self, offset: Sym, value) -> None:
        pointer = self.gep("%st", str(offset.u64()))
        self.f.do(f"store i32 {self.word(value)}, ptr {pointer}")

    def poke64(self, offset: Sym, value: Sym) -> None:
        pointer = self.gep("%st", str(offset.u64()))
        self.f.do(f"store i64 {value}, ptr {pointer}")

    def empty_tlb(self, name: str) -> None:
        self.f.do(f"call void @empty_{name}(ptr %st)")

    # ---- memory outside the record
    def _host(self, field: str) -> str:
        return self.f.emit(f"load ptr, ptr {self.gep('%st', LAYOUT[field][0])}")

    def ram(self, offset: Sym, size: int) -> Sym:
        pointer = self.gep(self._host("ram_host"), str(offset.u64()))
        value = self.f.emit(f"load i{8 * size}, ptr {pointer}, align 1")
        if size == 4:
            return Sym(self.f, value, 32)
        return Sym(self.f, self.f.emit(f"zext i{8 * size} {value} to i32"), 32)

    def ram_set(self, offset: Sym, size: int, value: Sym) -> None:
        pointer = self.gep(self._host("ram_host"), str(offset.u64()))
        self.f.do(f"store i{8 * size} {self.narrow(value, size)}, ptr {pointer}, align 1")

    def narrow(self, value: Sym, size: int) -> str:
        """Word -> an operand of `size` bytes."""
        if size == 4:
            return str(value)
        return self.f.emit(f"trunc i32 {value} to i{8 * size}")

    def _table(self, name: str, index: Sym) -> str:
        return self.gep(self._host(name + "_host"), str(index.u64() * 4))

    def table(self, name: str, index: Sym) -> Sym:
        return self.at(self._table(name, index), 32)

    def table_set(self, name: str, index: Sym, value) -> None:
        pointer = self._table(name, index)
        self.f.do(f"store i32 {self.word(value)}, ptr {pointer}")

    # ---- decoded records
    def init_slot(self, slot: Sym) -> None:
        base = self.gep(self._host("records_host"), str(slot.u64() * self.layout.slot_bytes))
        self.f.do(f"call void @init_slot(ptr {base})")

    def undecode(self, slot: Sym, offset: Sym) -> None:
        """The records of all instructions that a store at this offset of the page may have changed."""
        word, layout = offset & -WORD_BYTES, self.layout
        for behind in range(-layout.spoiled_before, WORD_BYTES, 1 << layout.shift):
            inside = word >= -behind if behind < 0 else True
            place = self.select(inside, word + behind, word) >> layout.shift
            record = slot.u64() * layout.slot_bytes + place.u64() * RECORD_BYTES
            pointer = self.gep(self._host("records_host"), str(record))
            self.f.do(f"store ptr @undecoded, ptr {pointer}")
            self.f.do(f"store i8 {NO_OP}, ptr {self.gep(pointer, REC_OP)}")

    def forget_slots(self) -> None:
        pages = self.s.ram_size >> PAGE_SHIFT
        self.f.do(f"call void @forget_slots(ptr {self._host('page_slot_host')}, i64 {pages})")

    # ---- routines
    def call(self, routine: Routine, args) -> Sym | None:
        routine = self.f.calls.setdefault(routine.name, self.target.routine(routine))
        typed = ["ptr %st"]
        for width, arg in zip(routine.widths, args, strict=True):
            typed.append(f"i{width} {self.word(arg) if width == 32 else self.wide(arg)}")
        if not routine.returns:
            self.f.do(f"call void @{routine.name}({', '.join(typed)})")
            return None
        return Sym(self.f, self.f.emit(f"call i{routine.returns} @{routine.name}({', '.join(typed)})"), routine.returns)


def build_routine(routine: Routine, function: Callable[[str], Function], context: Callable[[Function], Native]) -> str:
    """Routine, maker of a function from its header, maker of the machine context -> the text of its function."""
    names = [f"%a{k}" for k in range(len(routine.widths))]
    params = ", ".join(["ptr %st", *(f"i{w} {n}" for w, n in zip(routine.widths, names, strict=True))])
    result = f"i{routine.returns}" if routine.returns else "void"
    f = function(f"define internal {result} @{routine.name}({params}) nounwind")

    def body() -> None:
        m = context(f)
        value = routine.fn(m, *(Sym(f, n, w) for w, n in zip(routine.widths, names, strict=True)))
        if not routine.returns:
            f.end("ret void")
        else:
            value = m.word(value) if routine.returns == 32 else m.wide(value)
            f.end(f"ret {result} {value}")

    return f.build(body)


def _emptier(name: str) -> str:
    """Name of a TLB -> the function that invalidates the entries in its log, or all when the log did not hold them."""
    fills, log, whole = LAYOUT[f"{name}_fills"][0], LAYOUT[f"{name}_log"][0], LAYOUT[name][0]
    return f"""
define internal void @empty_{name}(ptr %st) nounwind noinline {{
entry:
  %fills = getelementptr i8, ptr %st, i64 {fills}
  %count = load i32, ptr %fills
  store i32 0, ptr %fills
  %lost = icmp ugt i32 %count, {TLB_LOG}
  br i1 %lost, label %all, label %check
check:
  %k = phi i32 [ 0, %entry ], [ %next, %one ]
  %more = icmp ult i32 %k, %count
  br i1 %more, label %one, label %done
one:
  %at = getelementptr i8, ptr %st, i64 {log}
  %place = getelementptr i32, ptr %at, i32 %k
  %offset = load i32, ptr %place
  %far = zext i32 %offset to i64
  %tags = getelementptr i8, ptr %st, i64 %far
  store i64 -1, ptr %tags
  %next = add i32 %k, 1
  br label %check
all:
  %whole = getelementptr i8, ptr %st, i64 {whole}
  call void @llvm.memset.p0.i64(ptr %whole, i8 -1, i64 {STATE[name].itemsize}, i1 false)
  br label %done
done:
  ret void
}}
"""


def helper_functions(layout: Layout) -> str:
    """The loops over tables, which the explorer does not do."""
    last = layout.records_per_page * RECORD_BYTES
    ends = "".join(
        f"""  %q{k} = getelementptr i8, ptr %base, i64 {at}
  store ptr @page_end, ptr %q{k}
  %end{k} = getelementptr i8, ptr %q{k}, i64 {REC_OP}
  store i8 {NO_OP}, ptr %end{k}
"""
        for k, at in [("", last), *((n, last + n * RECORD_BYTES) for n in range(1, layout.ends))]
    )
    return f"""
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

{_emptier("itlb")}{_emptier("dtlb")}
define internal void @init_slot(ptr %base) nounwind noinline {{
entry:
  br label %loop
loop:
  %at = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr i8, ptr %base, i64 %at
  store ptr @undecoded, ptr %p
  %op = getelementptr i8, ptr %p, i64 {REC_OP}
  store i8 {NO_OP}, ptr %op
  %next = add i64 %at, {RECORD_BYTES}
  %more = icmp ult i64 %next, {last}
  br i1 %more, label %loop, label %done
done:
{ends}  ret void
}}

define internal void @forget_slots(ptr %marks, i64 %pages) nounwind noinline {{
entry:
  br label %loop
loop:
  %k = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr i32, ptr %marks, i64 %k
  %old = load i32, ptr %p
  %new = and i32 %old, {-(1 << 31)}
  store i32 %new, ptr %p
  %next = add i64 %k, 1
  %more = icmp ult i64 %next, %pages
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""
