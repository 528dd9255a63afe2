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

from vm.arch import INSTRUCTION_BYTES, PAGE_MASK
from vm.isa.codec import rows
from vm.micro import ops as _ops  # noqa: F401  registers the micro-ops
from vm.micro import paging, traps
from vm.micro.context import MicroOp, Routine
from vm.micro.decoder import build_decoder, is_relative
from vm.micro.fusion import build_fused
from vm.micro.handlers import (
    PREFIX_FAR,
    PREFIX_FAST,
    PREFIX_SLOW,
    Fast,
    Handler,
    Slow,
    define,
    run_path,
)
from vm.micro.layout import LONGEST_CHAIN, STEP_BYTES
from vm.micro.native import Native, build_routine, helper_functions
from vm.micro.symbols import Function, Sym
from vm.state import EXIT_LIMIT, EXIT_TRAP, EXIT_WATCH, IO_NONE, LAYOUT

_WEIGHTS = '!0 = !{!"branch_weights", i32 2000, i32 1}\n!1 = !{!"branch_weights", i32 1, i32 2000}\n'


def _build_op(op: MicroOp) -> list[str]:
    """Micro-op -> its handlers."""
    relative = op.name in RELATIVE
    texts, bails = [], False
    if not op.slow:
        for prefix, near in ((PREFIX_FAST, True), (PREFIX_FAR, False)) if relative else ((PREFIX_FAST, True),):
            f = define(prefix + op.name)

            def fast(f: Function = f, near: bool = near) -> None:
                nonlocal bails
                handler = Fast(f, op, near)
                run_path(handler, op)
                bails |= handler.bails

            texts.append(f.build(fast))
    if op.slow or bails:
        f = define((PREFIX_FAST if op.slow else PREFIX_SLOW) + op.name)
        texts.append(f.build(lambda: run_path(Slow(f), op)))
    return texts


RELATIVE = frozenset(row.micro for row in rows("risc") if is_relative(row))


def _build_event() -> str:
    """The budget is used up: something is due, before the record at ip."""
    f = define("event")

    def body() -> None:
        handler = Handler(f)
        handler.s.pc = handler.pc
        handler.s.clock = handler.s.due
        handler.leave("@resume")

    return f.build(body)


def _build_page_end() -> str:
    """The record behind a page's last: goes on in the next page. Not an instruction, so nothing is counted."""
    f = define("page_end")

    def body() -> None:
        handler = Handler(f)
        target = handler.pc
        found, entry = handler.find_page(target)
        if found:
            handler.dispatch(handler.enter(target, entry))
        else:
            handler.s.pc = target
            handler.s.clock = handler.s.due - Sym(f, "%bud", 64)
            handler.leave("@resume")

    return f.build(body)


def _build_undecoded() -> str:
    """A record that is not valid: decodes its word and runs it."""
    f = define("undecoded")

    def body() -> None:
        handler = Handler(f)
        offset = handler.code_offset()
        word = handler.ram(offset, 4)
        inside = offset & PAGE_MASK
        f.do(f"call void @decode(ptr %st, i32 {word}, ptr %ip, i32 {inside})")
        f.do("call void @fuse(ptr %ip)")
        # The records in front may now run this one too; in front of a page's first there is another page.
        for before in range(1, LONGEST_CHAIN):
            if inside < before * INSTRUCTION_BYTES:
                break
            f.do(f"call void @fuse(ptr {handler.gep('%ip', -before * STEP_BYTES)})")
        handler.dispatch()

    return f.build(body)


def _build_resume() -> str:
    """@resume: interrupts, then the instruction at s.pc. @go_on: the same without looking for interrupts."""
    resume = define("resume")

    def looked_at() -> None:
        handler = Handler(resume)
        traps.prepare(handler)
        handler.leave("@go_on")

    f = define("go_on")

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
            return handler.leave("@go_on")
        traps.take_exception(handler, pc, cause, pc)
        handler.s.clock = handler.s.clock + 1
        return handler.leave("@resume")

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
    names = [PREFIX_FAST + name for name in micro_ops] + [PREFIX_FAR + name for name in sorted(RELATIVE)]
    numbers = {name: number for number, name in enumerate(names)}
    parts = [helper_functions(), _EXPORTS]
    parts += [build_routine(routine) for routine in Routine.registry.values()]
    for micro_op in micro_ops.values():
        parts += _build_op(micro_op)
    parts += build_fused(numbers)
    parts += [_build_event(), _build_page_end(), _build_undecoded(), _build_resume(), _build_run()]
    parts.append(build_decoder(numbers))
    return "\n".join(parts) + _WEIGHTS
