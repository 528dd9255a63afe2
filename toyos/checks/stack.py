"""The kernel's stack: empty at every trap, balanced when the trap ends, never outside its bounds."""

from __future__ import annotations

from toyos.build import System
from toyos.checks.check import Check, Finding, Findings
from toyos.checks.userstate import NAMED_BY_PCBB, Reader
from toyos.checks.view import View
from vm.arch import PAGE_SIZE
from vm.isa.registers import NUMBERS

SP = NUMBERS["sp"]


class Stack(Check):
    name = "stack"
    sentence = (
        "The kernel's sp is at the top of its stack when a trap is handled and when it ends, and never out of bounds."
    )

    def __init__(self, view: View, parts: System) -> None:
        super().__init__(view, parts)
        self.top = self.symbols["kernel_stack_top"]
        self.lowest = self.symbols["kernel_stack_guard"] + PAGE_SIZE
        self._reader = Reader(view)
        self._taken_by_traps = self._reader.stacked and parts.choice.variant == NAMED_BY_PCBB
        self._dispatched = True  # as long as nothing is known

    def forget(self) -> None:
        self._dispatched = True

    def handles(self) -> Findings:
        self._dispatched = False
        yield from self._at_top("when the trap is handled")

    def dispatches(self) -> Findings:
        self._dispatched = True
        yield from self._in_bounds("when the dispatcher is called")

    def resumes(self) -> Findings:
        if self._dispatched:  # which throws away what was on the stack
            yield from self._in_bounds("when the process is resumed")
        else:
            yield from self._at_top("when the trap ends")

    def returns(self) -> Findings:
        if self._taken_by_traps and self._reader.ksp_after() != self.top:
            yield Finding(
                f"ksp would be {self._reader.ksp_after():#010x} while it runs, the next trap needs {self.top:#010x}",
                self.view.current, "ksp",
            )  # fmt: skip

    def idles(self) -> Findings:
        yield from self._in_bounds("when nobody is ready")

    def _at_top(self, when: str) -> Findings:
        sp = int(self.view.machine.x[SP])
        if sp != self.top:
            yield Finding(
                f"the kernel's sp is {sp:#010x} {when}, {self._distance(sp)} kernel_stack_top, {self.top:#010x}",
                self.view.current,
                when,
            )

    def _in_bounds(self, when: str) -> Findings:
        sp = int(self.view.machine.x[SP])
        if not self.lowest <= sp <= self.top:
            yield Finding(
                f"the kernel's sp is {sp:#010x} {when}, outside of its stack, {self.lowest:#010x} to {self.top:#010x}",
                self.view.current,
                when,
            )

    def _distance(self, sp: int) -> str:
        return f"{self.top - sp} bytes below" if sp < self.top else f"{sp - self.top} bytes above"
