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

from collections.abc import Callable

from vm.arch import PAGE_MASK
from vm.micro import paging, traps
from vm.micro.context import MicroOp, Routine
from vm.micro.decoder import build_decoder, is_relative, words_of
from vm.micro.fusion import Step, build_fused
from vm.micro.handlers import PARAMETERS, PREFIX_FAR, PREFIX_FAST, PREFIX_SLOW, Fast, Handler, Slow, run_path
from vm.micro.native import Native, build_routine, helper_functions
from vm.micro.symbols import Function, Sym
from vm.micro.target import Target
from vm.state import EXIT_LIMIT, EXIT_TRAP, EXIT_WATCH, IO_NONE, LAYOUT

_WEIGHTS = '!0 = !{!"branch_weights", i32 2000, i32 1}\n!1 = !{!"branch_weights", i32 1, i32 2000}\n'

_EXPORTS = """
define ptr @undecoded_address() nounwind {
  ret ptr @undecoded
}
define ptr @page_end_address() nounwind {
  ret ptr @page_end
}
"""


class Builder:
    """Target -> the LLVM module of its interpreter. A class derived from this one may put others in the place of the
    four classes of contexts, and of any part of the module."""

    native: type[Native] = Native  # of routines
    handler: type[Handler] = Handler  # of what is not an instruction
    fast: type[Fast] = Fast
    slow: type[Slow] = Slow
    step: type[Step] = Step  # of one instruction in a fused handler
    # Why generated code is left before an instruction: the reason, and the condition.
    reasons: tuple[tuple[int, Callable[[Handler], Sym]], ...] = (
        (EXIT_WATCH, lambda m: m.s.watch_hit != 0),
        (EXIT_TRAP, lambda m: (m.s.trace_traps & m.s.trap_seen) != 0),
    )

    def __init__(self, target: Target) -> None:
        self.target = target
        self.calls: dict[str, Routine] = {}  # routines that something calls, by name
        self.relative = self.relative_ops()

    def relative_ops(self) -> frozenset[str]:
        """-> the micro-ops whose immediate is a distance from pc to which they may jump."""
        return frozenset(row.micro for row in self.target.rows if is_relative(row))

    def function(self, header: str) -> Function:
        """Header of an LLVM function -> its builder."""
        return Function(header, self.target, self.calls)

    def define(self, name: str) -> Function:
        """Name of a handler -> its builder."""
        return self.function(f"define internal preserve_nonecc void @{name}({PARAMETERS}) nounwind")

    def module(self) -> str:
        """-> the text of the whole interpreter as one LLVM module; its entry is @run(state record)."""
        assert LAYOUT["x"][0] == 0, "handlers index the registers from the state record's address"
        numbers = self.numbers()
        parts = [helper_functions(self.target.layout), _EXPORTS]
        for micro_op in self.target.micro_ops.values():
            parts += self.op(micro_op)
        if self.target.layout.chain > 1:
            parts += self.fused(numbers)
        parts += [self.event(), self.page_end(), self.undecoded(), self.resume(), self.run()]
        parts.append(self.decoder(numbers))
        parts += self.routines()
        return "\n".join(parts) + _WEIGHTS

    def numbers(self) -> dict[str, int]:
        """-> the numbers of the plain handlers, as records carry them."""
        names = [PREFIX_FAST + name for name in self.target.micro_ops]
        names += [PREFIX_FAR + name for name in sorted(self.relative)]
        return {name: number for number, name in enumerate(names)}

    def routines(self) -> list[str]:
        """-> the texts of all routines that have been called, and of those that these call."""
        texts: dict[str, str] = {}
        while missing := [routine for name, routine in self.calls.items() if name not in texts]:
            for routine in missing:
                texts[routine.name] = build_routine(routine, self.function, self.native)
        return list(texts.values())

    def op(self, op: MicroOp) -> list[str]:
        """Micro-op -> its handlers."""
        return self.forms(op, self.fast, self.slow)

    def forms(self, op: MicroOp, fast: type[Fast], slow: type[Slow], kind: str = "") -> list[str]:
        """Micro-op, the classes of its handlers, what stands in front of their names -> the handlers."""
        texts, bails = [], False
        if not op.slow:
            forms = ((PREFIX_FAST, True), (PREFIX_FAR, False)) if op.name in self.relative else ((PREFIX_FAST, True),)
            for prefix, near in forms:
                f = self.define(kind + prefix + op.name)

                def usual(f: Function = f, near: bool = near) -> None:
                    nonlocal bails
                    handler = fast(f, op, near)
                    run_path(handler, op)
                    bails |= handler.bails

                texts.append(f.build(usual))
        if op.slow or bails:
            f = self.define(kind + (PREFIX_FAST if op.slow else PREFIX_SLOW) + op.name)
            texts.append(f.build(lambda: run_path(slow(f), op)))
        return texts

    def event(self) -> str:
        """The budget is used up: something is due, before the record at ip."""
        f = self.define("event")

        def body() -> None:
            handler = self.handler(f)
            handler.s.pc = handler.pc
            handler.s.clock = handler.s.due
            handler.leave("@resume")

        return f.build(body)

    def page_end(self) -> str:
        """The record behind a page's last: goes on in the next page. Not an instruction, so nothing is counted."""
        f = self.define("page_end")

        def body() -> None:
            handler = self.handler(f)
            target = handler.pc
            found, entry = handler.find_page(target)
            if found:
                handler.dispatch(handler.enter(target, entry))
            else:
                handler.s.pc = target
                handler.s.clock = handler.s.due - Sym(f, "%bud", 64)
                handler.leave("@resume")

        return f.build(body)

    def fused(self, numbers: dict[str, int]) -> list[str]:
        """Numbers of the handlers -> the texts of the fused ones, and of @fuse."""
        return build_fused(self, numbers)

    def decoder(self, numbers: dict[str, int]) -> str:
        """Numbers of the handlers -> the text of the functions that @undecoded calls."""
        return build_decoder(self, numbers, words_of(self.target.rows))

    def undecoded(self) -> str:
        """A record that is not valid: decodes its word and runs it."""
        f = self.define("undecoded")

        def body() -> None:
            handler = self.handler(f)
            offset = handler.code_offset()
            word = handler.ram(offset, 4)
            inside = offset & PAGE_MASK
            f.do(f"call void @decode(ptr %st, i32 {word}, ptr %ip, i32 {inside})")
            self.decoded(handler, inside)
            handler.dispatch()

        return f.build(body)

    def decoded(self, handler: Handler, inside: Sym) -> None:
        """The record at ip, of the instruction at this place in its page, has just been decoded: fuses it."""
        layout = self.target.layout
        if layout.chain > 1:
            handler.f.do("call void @fuse(ptr %ip)")
        # The records in front may now run this one too; in front of a page's first there is another page.
        for before in range(1, layout.chain):
            if inside < before * layout.longest:
                break
            handler.f.do(f"call void @fuse(ptr {handler.gep('%ip', -before * layout.step(layout.longest))})")

    def resume(self) -> str:
        """@resume: interrupts, then the instruction at s.pc. @go_on: the same without looking for interrupts."""
        resume = self.define("resume")

        def looked_at() -> None:
            handler = self.handler(resume)
            traps.prepare(handler)
            handler.leave("@go_on")

        f = self.define("go_on")

        def body() -> None:
            handler = self.handler(f)
            for reason, applies in self.reasons:
                if applies(handler):
                    return handler.exit(reason)
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

    def run(self) -> str:
        """@run(st): the entry from outside. An instruction that waited for a device, or a wfi, is completed first."""
        f = self.function("define void @run(ptr %st) nounwind")

        def body() -> None:
            m = self.native(f)
            target = "@resume" if (m.s.io_ready == IO_NONE) & (m.s.woken == 0) else "@go_on"
            f.end(
                f"call preserve_nonecc void {target}(ptr %st, ptr null, i64 0, ptr null)",
                "ret void",
            )

        return f.build(body)
