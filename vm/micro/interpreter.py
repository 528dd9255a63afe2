"""The micro-op semantics -> LLVM IR of the threaded interpreter.

Each micro-op is a function that ends in a tail call to the next record's handler. The four values that matter live in
machine registers from handler to handler (preserve_none convention):
    st   the state record          ip   the decoded record being executed
    bud  instructions until `due`  tlb  the bank of the data TLB in force
A handler comes in up to three forms, all from the same Python function:
    op_NAME    fast: a TLB miss or a fault leaves to slow_NAME before anything was changed
    far_NAME   of relative jumps whose target is not in the page
    slow_NAME  general: page walk, devices, traps, changes of privilege
Traps and interrupts go through @resume and never leave generated code.
"""

from __future__ import annotations

from vm.arch import PAGE_SHIFT
from vm.isa.codec import rows
from vm.micro import access, paging, traps
from vm.micro import ops as _ops  # noqa: F401  registers the micro-ops
from vm.micro.context import Ended, MicroOp, Routine, Trap
from vm.micro.decoder import build_decoder, is_relative
from vm.micro.layout import (
    REC_FN,
    REC_IMM,
    REC_RD,
    REC_RS1,
    REC_RS2,
    RECORD_BYTES,
    RECORD_SHIFT,
    SLOT_BYTES,
)
from vm.micro.native import Native, build_routine, helper_functions
from vm.micro.symbols import BuildError, Function, Sym
from vm.state import (
    DTLB,
    DTLB_ENTRIES,
    EXIT_DEVICE,
    EXIT_IDLE,
    EXIT_LIMIT,
    EXIT_TRAP,
    EXIT_WATCH,
    IO_ERROR,
    IO_NONE,
    ITLB,
    ITLB_ENTRIES,
    LAYOUT,
    SINK,
)

_PARAMETERS = "ptr %st, ptr %ip, i64 %bud, ptr %tlb"
_PAGE_MASK = (1 << PAGE_SHIFT) - 1
_WEIGHTS = '!0 = !{!"branch_weights", i32 2000, i32 1}\n!1 = !{!"branch_weights", i32 1, i32 2000}\n'


class Handler(Native):
    """What every handler can do: read its record, go on, leave."""

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self.changed = False  # something was written on this path: too late to bail out
        self.finished = False

    # ---- the record
    def _record(self, offset: int, kind: str) -> str:
        return self.f.emit(f"load {kind}, ptr {self.gep('%ip', offset)}")

    def _index(self, offset: int) -> Sym:
        return Sym(self.f, self.f.emit(f"zext i8 {self._record(offset, 'i8')} to i32"), 32)

    def _register(self, offset: int) -> str:
        index = self.f.emit(f"zext i8 {self._record(offset, 'i8')} to i64")
        return self.f.emit(f"getelementptr i32, ptr %st, i64 {index}")

    @property
    def rs1(self) -> Sym:
        return self.at(self._register(REC_RS1), 32)

    @property
    def rs2(self) -> Sym:
        return self.at(self._register(REC_RS2), 32)

    @property
    def rs1_index(self) -> Sym:
        return self._index(REC_RS1)

    @property
    def rd_is_named(self):
        return self._index(REC_RD) != SINK

    @property
    def imm(self) -> Sym:
        return Sym(self.f, self._record(REC_IMM, "i32"), 32)

    def _set_rd(self, value) -> None:
        self.changed = True
        value = self.word(value)
        self.f.do(f"store i32 {value}, ptr {self._register(REC_RD)}")

    rd = property(None, _set_rd)

    def address(self, pointer: str) -> Sym:
        return Sym(self.f, self.f.emit(f"ptrtoint ptr {pointer} to i64"), 64)

    @property
    def pc(self) -> Sym:
        return (self.address("%ip") >> RECORD_SHIFT).low() + self.s.pcd

    @property
    def encoding(self) -> Sym:
        """The instruction word, from memory."""
        return self.ram(self._code_offset(), 4)

    def _code_offset(self) -> Sym:
        at = self.address("%ip") - self.s.records_host
        slot = at.udiv(SLOT_BYTES)
        inside = (at - slot * SLOT_BYTES) >> RECORD_SHIFT
        return (self.table("slot_page", slot.low()) << PAGE_SHIFT) + inside.low()

    # ---- going on
    def _leave(self, target: str, ip: str = "%ip", budget: str = "%bud", tlb: str = "%tlb") -> None:
        self.f.end(
            f"musttail call preserve_nonecc void {target}(ptr %st, ptr {ip}, i64 {budget}, ptr {tlb})", "ret void"
        )
        self.finished = True

    def dispatch(self, ip: str, budget: str = "%bud", tlb: str = "%tlb") -> None:
        """Ends the path in the handler of the record at ip."""
        self._leave(self.f.emit(f"load ptr, ptr {self.gep(ip, REC_FN)}"), ip, budget, tlb)

    def retire(self, ip: str) -> None:
        """Ends the path: this instruction is done, the record at ip is next."""
        budget = self.f.emit("sub i64 %bud, 1")
        if self.f.fork(self.f.emit(f"icmp ne i64 {budget}, 0"), likely=True):
            self.dispatch(ip, budget)
        else:
            self._leave("@event", ip, budget)

    def exit(self, reason: int) -> None:
        """Ends the path: back to the caller of generated code."""
        self.s.reason = reason
        self.f.end("ret void")
        self.finished = True

    def finish(self) -> None:
        """After the semantics: the next instruction, unless they went elsewhere."""
        if not self.finished:
            self.retire(self.gep("%ip", RECORD_BYTES))

    def find_page(self, target: Sym):
        """Virtual address -> (condition: its page is in the instruction TLB and it is aligned, pointer to the entry)."""
        bank = self.f.emit(f"load ptr, ptr {self.gep('%st', LAYOUT['itlb_host'][0])}")
        index = (target >> PAGE_SHIFT) & (ITLB_ENTRIES - 1)
        entry = self.gep(bank, str(index.u64() * ITLB.itemsize))
        return self.at(self.gep(entry, _offset(ITLB, "tag")), 32) == (target & ~(_PAGE_MASK & ~3)), entry

    def enter(self, target: Sym, entry: str) -> str:
        """Makes the entry's page the current one -> pointer to the target's record."""
        base = self.at(self.gep(entry, _offset(ITLB, "base")), 64)
        page = target & ~_PAGE_MASK
        self.s.pcd = page - (base >> RECORD_SHIFT).low()
        host = base + ((target & (_PAGE_MASK & ~3)).u64() << RECORD_SHIFT)
        return self.f.emit(f"inttoptr i64 {host} to ptr")

    def body(self, op: MicroOp) -> None:
        raise NotImplementedError


def _offset(dtype, field: str) -> int:
    return int(dtype.fields[field][1])


class Fast(Handler):
    """The handler for the usual case. Whatever is not usual starts over in slow_NAME."""

    def __init__(self, f: Function, op: MicroOp, near: bool) -> None:
        super().__init__(f)
        self.op, self.near = op, near
        self.bails = False

    def bail(self) -> None:
        if self.changed:
            raise BuildError(f"{self.op.name} leaves its fast path after it changed something")
        self.bails = True
        self._leave(f"@slow_{self.op.name}")
        raise Ended

    def _link(self, link: bool) -> None:
        if link:
            self.rd = self.pc + 4

    def jump(self, link: bool = False) -> None:
        if not self.near:
            return self.jump_to(self.pc + self.imm, link)
        self._link(link)
        distance = self.imm.s64() << RECORD_SHIFT
        return self.retire(self.gep("%ip", str(distance)))

    def jump_to(self, target: Sym, link: bool = False) -> None:
        found, entry = self.find_page(target)
        if not self.f.fork(str(found), likely=True):
            self.bail()
        self._link(link)
        self.retire(self.enter(target, entry))

    def branch(self, condition) -> None:
        if condition:
            self.jump()

    def _host_address(self, va: Sym, size: int, tag: str) -> str:
        index = (va >> (PAGE_SHIFT - 4)) & ((DTLB_ENTRIES - 1) << 4)
        entry = self.gep("%tlb", str(index.u64()))
        hit = self.at(self.gep(entry, _offset(DTLB, tag)), 32) == (va & (~_PAGE_MASK | (size - 1)))
        if not self.f.fork(str(hit), likely=True):
            self.bail()
        host = self.at(self.gep(entry, _offset(DTLB, "addend")), 64) + va.u64()
        return self.f.emit(f"inttoptr i64 {host} to ptr")

    def load(self, va: Sym, size: int) -> Sym:
        value = self.f.emit(f"load i{8 * size}, ptr {self._host_address(va, size, 'rtag')}, align {size}")
        if size < 4:
            value = self.f.emit(f"zext i{8 * size} {value} to i32")
        return Sym(self.f, value, 32)

    def store(self, va: Sym, value: Sym, size: int) -> None:
        pointer = self._host_address(va, size, "wtag")
        self.changed = True
        self.f.do(f"store i{8 * size} {self.narrow(value, size)}, ptr {pointer}, align {size}")


class Slow(Handler):
    """The general handler: the clock is written back first, so that routines see it."""

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self.must_resume = False
        self.s.clock = self.s.due - Sym(f, "%bud", 64)

    def finish(self) -> None:
        if not self.finished and self.must_resume:
            self.resume_next()
        super().finish()

    def resume(self) -> None:
        """Ends the path: done, and s.pc is the next instruction; interrupts and translations are looked at anew."""
        self.s.clock = self.s.clock + 1
        self._leave("@resume")

    def resume_next(self) -> None:
        self.s.pc = self.pc + 4
        self.resume()

    def trap(self, trap: Trap) -> None:
        traps.take_exception(self, self.pc, self.word(trap.cause), self.word(trap.value))
        self.resume()

    def idle(self) -> None:
        self.s.pc = self.pc
        self.exit(EXIT_IDLE)

    def jump(self, link: bool = False) -> None:
        self.jump_to(self.pc + self.imm, link)

    def jump_to(self, target: Sym, link: bool = False) -> None:
        if (target & 3) != 0:
            raise Trap(0, target)
        self.s.pc = target
        if link:
            self.rd = self.pc + 4
        self.resume()

    def branch(self, condition) -> None:
        if condition:
            self.jump()

    def load(self, va: Sym, size: int) -> Sym:
        return access.load(self, va, size)

    def store(self, va: Sym, value: Sym, size: int) -> None:
        access.store(self, va, value, size)

    def after_store(self, marks: Sym, offset: Sym, size: int) -> None:
        if marks != 0:
            self.s.watch_hit = marks >> 31
            self.s.watch_offset, self.s.watch_size = offset, size
            self.must_resume = True

    def _device(self, paddr: Sym, size: int, write: int, value: Sym, va: Sym, fault: int) -> None:
        """First time: leaves, asking for the access. When run again: it has been made."""
        ready = self.s.io_ready
        if ready == IO_NONE:
            self.s.io_address, self.s.io_size, self.s.io_write, self.s.io_value = paddr, size, write, value
            self.s.pc = self.pc
            self.exit(EXIT_DEVICE)
            raise Ended
        self.s.io_ready = IO_NONE
        if ready == IO_ERROR:
            raise Trap(fault, va)
        self.must_resume = True  # the device may have raised an interrupt

    def device_load(self, paddr: Sym, size: int, va: Sym) -> Sym:
        self._device(paddr, size, 0, self.word(0), va, access.CAUSE_LOAD_ACCESS)
        return self.s.io_value

    def device_store(self, paddr: Sym, size: int, value: Sym, va: Sym) -> None:
        self._device(paddr, size, 1, value, va, access.CAUSE_STORE_ACCESS)


def _run_path(handler: Handler, op: MicroOp) -> None:
    try:
        op.fn(handler)
    except Ended:
        return
    except Trap as trap:
        if isinstance(handler, Slow):
            handler.trap(trap)
        else:
            try:
                handler.bail()  # type: ignore[attr-defined]
            except Ended:
                return
    handler.finish()


def _define(name: str) -> Function:
    return Function(f"define internal preserve_nonecc void @{name}({_PARAMETERS}) nounwind")


def _build_op(op: MicroOp, numbers: dict[str, int]) -> list[str]:
    """Micro-op -> its handlers."""
    relative = op.name in RELATIVE
    texts, bails = [], False
    if not op.slow:
        for prefix, near in (("op", True), ("far", False)) if relative else (("op", True),):
            f = _define(f"{prefix}_{op.name}")

            def fast(f: Function = f, near: bool = near) -> None:
                nonlocal bails
                handler = Fast(f, op, near)
                _run_path(handler, op)
                bails |= handler.bails

            texts.append(f.build(fast))
    if op.slow or bails:
        f = _define(f"op_{op.name}" if op.slow else f"slow_{op.name}")
        texts.append(f.build(lambda: _run_path(Slow(f), op)))
    return texts


RELATIVE = frozenset(row.micro for row in rows("risc") if is_relative(row))


def _build_event() -> str:
    """The budget is used up: something is due, before the record at ip."""
    f = _define("event")

    def body() -> None:
        handler = Handler(f)
        handler.s.pc = handler.pc
        handler.s.clock = handler.s.due
        handler._leave("@resume")

    return f.build(body)


def _build_page_end() -> str:
    """The record behind a page's last: goes on in the next page. Not an instruction, so nothing is counted."""
    f = _define("page_end")

    def body() -> None:
        handler = Handler(f)
        target = handler.pc
        found, entry = handler.find_page(target)
        if found:
            handler.dispatch(handler.enter(target, entry))
        else:
            handler.s.pc = target
            handler.s.clock = handler.s.due - Sym(f, "%bud", 64)
            handler._leave("@resume")

    return f.build(body)


def _build_undecoded() -> str:
    """A record that is not valid: decodes its word and runs it."""
    f = _define("undecoded")

    def body() -> None:
        handler = Handler(f)
        offset = handler._code_offset()
        slot = (handler.address("%ip") - handler.s.records_host).udiv(SLOT_BYTES).low()
        handler.table_set("slot_writes", slot, 0)
        word = handler.ram(offset, 4)
        f.do(f"call void @decode(ptr %st, i32 {word}, ptr %ip, i32 {offset & _PAGE_MASK})")
        handler.dispatch("%ip")

    return f.build(body)


def _build_resume() -> str:
    """@resume: interrupts, then the instruction at s.pc. @go_on: the same without looking for interrupts."""
    resume = _define("resume")

    def looked_at() -> None:
        handler = Handler(resume)
        traps.prepare(handler)
        handler._leave("@go_on")

    f = _define("go_on")

    def body() -> None:
        handler = Handler(f)
        if handler.s.watch_hit != 0:
            return handler.exit(EXIT_WATCH)
        if (handler.s.trace_traps & handler.s.trap_seen) != 0:
            return handler.exit(EXIT_TRAP)
        budget = handler.s.due - handler.s.clock
        if budget == 0:
            return handler.exit(EXIT_LIMIT)
        pc = handler.s.pc
        found, entry = handler.find_page(pc)
        if found:
            ip = handler.enter(pc, entry)
            tlb = f.emit(f"load ptr, ptr {handler.gep('%st', LAYOUT['dtlb_host'][0])}")
            return handler.dispatch(ip, str(budget), tlb)
        cause = paging.fetch_page(handler, pc)
        if cause == 0:
            return handler._leave("@go_on")
        traps.take_exception(handler, pc, cause, pc)
        handler.s.clock = handler.s.clock + 1
        return handler._leave("@resume")

    return resume.build(looked_at) + f.build(body)


def _build_run() -> str:
    """@run(st): the entry from outside. After a device access the interrupted instruction is completed first."""
    f = Function("define void @run(ptr %st) nounwind")

    def body() -> None:
        m = Native(f)
        target = "@resume" if m.s.io_ready == IO_NONE else "@go_on"
        f.end(
            f"call preserve_nonecc void {target}(ptr %st, ptr null, i64 0, ptr null)",
            "ret void",
        )

    return f.build(body)


_EXPORTS = """
define ptr @undecoded_address() nounwind {
  ret ptr @undecoded
}
define ptr @page_end_address() nounwind {
  ret ptr @page_end
}
"""


def build_module() -> str:
    """-> the text of the whole interpreter as one LLVM module; its entry is @run(state record)."""
    assert LAYOUT["x"][0] == 0, "handlers index the registers from the state record's address"
    micro_ops = MicroOp.registry
    numbers = {name: k for k, name in enumerate(micro_ops)}
    parts = [helper_functions(), _EXPORTS]
    parts += [build_routine(routine) for routine in Routine.registry.values()]
    for micro_op in micro_ops.values():
        parts += _build_op(micro_op, numbers)
    parts += [_build_event(), _build_page_end(), _build_undecoded(), _build_resume(), _build_run()]
    parts.append(build_decoder(numbers))
    return "\n".join(parts) + _WEIGHTS
