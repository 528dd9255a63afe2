"""The registers of a process: what it finds when it goes on is what it had when it trapped."""

from __future__ import annotations

from toyos.build import System
from toyos.checks.check import Check, Finding, Findings
from toyos.checks.outcomes import Saved, call_number, child_of, outcomes, place_below
from toyos.checks.userstate import NAMED_BY_PCBB, Reader, UserState, overlap
from toyos.checks.view import WORD, View
from vm.arch import CAUSE_WINDOW_OVERFLOW, CAUSE_WINDOW_UNDERFLOW
from vm.machine import TrapRecord
from vm.translation import Untranslated, read_virtual

OF_WINDOWS = (CAUSE_WINDOW_OVERFLOW, CAUSE_WINDOW_UNDERFLOW)
PC, PSW = "pc", "psw"


class Registers(Check):
    name = "registers"
    sentence = "A process that goes on finds its registers as they were at its trap, but for what the trap is about."

    def __init__(self, view: View, parts: System) -> None:
        super().__init__(view, parts)
        self.reader = Reader(view)
        self._saved: dict[int, Saved] = {}
        self._execve, self._clone = self.symbols["SYS_execve"], self.symbols["SYS_clone"]
        self._call_bytes = self.symbols["SYSCALL_LENGTH"]

    def forget(self) -> None:
        self._saved.clear()

    def trapped(self, trap: TrapRecord) -> Findings:
        pcb = self.view.current
        state = self.reader.at_trap(trap.pc)
        instruction, below = 0, None
        if trap.cause in OF_WINDOWS:
            instruction = self._instruction(pcb, trap.pc)
            below = self.reader.window_in_memory(pcb, place_below(state))
        self._saved[pcb] = Saved(
            self.view.field(pcb, "P_PID"), self.view.machine.started, trap.cause, state,
            call_number(self.reader, trap.cause, trap.value, state), instruction, below,
        )  # fmt: skip
        yield from ()

    def born(self, pcb: int) -> Findings:
        parent = self._saved.get(self.view.current)
        pid = self.view.field(pcb, "P_PID")
        self._saved.pop(pcb, None)
        if self.view.current == self.view.variable("process0"):  # at boot: it has no parent to be like
            self._saved[pcb] = Saved(pid, self.view.machine.started, 0, self.reader.in_pcb(pcb), born=True)
        elif parent is not None and parent.call == self._clone:
            self._saved[pcb] = child_of(parent, pid, self._call_bytes)
        yield from ()

    def returns(self) -> Findings:
        pcb = self.view.current
        yield from self._handle(pcb)
        saved = self._saved.pop(pcb, None)
        if saved is None or saved.pid != self.view.field(pcb, "P_PID"):
            return
        found = self.reader.at_return()
        possible = outcomes(saved, found, self.reader.in_pcb(pcb), self._execve, self._call_bytes)
        fitting = [state for state in possible if state.pc == found.pc]
        since = f"{'when it was made' if saved.born else 'at its trap'} (position {saved.at})"
        if not fitting:
            where = " or ".join(dict.fromkeys(f"{state.pc:#010x}" for state in possible))
            yield Finding(f"it would go on at {found.pc:#010x}, but its pc was {saved.state.pc:#010x} {since}, which "
                          f"allows {where}", pcb, (PC, saved.pid))  # fmt: skip
            return
        expected = min(fitting, key=lambda state: len(self._differences(state, found)))
        kept = expected is saved.state
        for name, was, now in self._differences(expected, found):
            what = f"it was {was:#x} {since}" if kept else f"it must be {was:#x} after what it did {since}"
            yield Finding(f"{name} is {now:#x} when it goes on, but {what}", pcb, (name, saved.pid))
        yield from self._windows(pcb, expected, found, since)

    def _instruction(self, pcb: int, pc: int) -> int:
        try:
            content = read_virtual(self.view.machine, pc, WORD, self.view.field(pcb, "P_SPACE"))
        except Untranslated:
            return 0
        return int.from_bytes(content, "little")

    def _differences(self, expected: UserState, found: UserState) -> list[tuple[str, int, int]]:
        """-> name, expected value, value found, of the registers that differ."""
        pairs = [(name, expected.x[number], found.x[number]) for number, name in self.reader.registers.items()]
        if expected.psw is not None and found.psw is not None:
            pairs.append((PSW, expected.psw, found.psw))
        return [pair for pair in pairs if pair[1] != pair[2]]

    def _windows(self, pcb: int, expected: UserState, found: UserState, since: str) -> Findings:
        """The windows of its callers: in the register file, or at their places on its stack."""
        pid = self.view.field(pcb, "P_PID")
        if len(found.callers) > len(expected.callers):
            yield Finding(f"it has {len(found.callers)} windows of callers when it goes on, but it had "
                          f"{len(expected.callers)} {since}", pcb, ("windows", pid))  # fmt: skip
            return
        spilled = not overlap(expected.callers)  # else one has been spilled over the other, as the process asked for
        for number, window in enumerate(expected.callers):
            if number < len(found.callers):
                where, words = "in the register file", found.callers[number].words
            elif spilled:
                memory = self.reader.window_in_memory(pcb, window.place)
                where, words = f"on its stack at {window.place:#010x}", memory or ()
            else:
                continue
            if words != window.words:
                yield Finding(f"the window of the caller {number + 1} above is not, {where}, what it was {since}",
                              pcb, ("window", pid))  # fmt: skip

    def _handle(self, pcb: int) -> Findings:
        """What the next trap finds the PCB by."""
        view = self.view
        if not self.reader.stacked:
            name, value, needed = "sscratch", view.state("sscratch"), pcb
        elif self.parts.choice.variant == NAMED_BY_PCBB:
            name, value, needed = "pcbb", view.state("pcbb"), pcb
        else:
            name, value, needed = "ksp", self.reader.ksp_after(), pcb + self.symbols["P_CONTEXT_SIZE"]
        if value != needed:
            yield Finding(
                f"{name} would be {value:#010x} while it runs, but the next trap needs {needed:#010x}",
                pcb, (name, view.field(pcb, "P_PID")),
            )  # fmt: skip
