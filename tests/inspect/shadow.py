"""An account of calls kept from outside, instruction by instruction: what a backtrace must agree with.

It knows nothing of stacks and windows: it sees which instructions call and which return, and where traps begin and end.
"""

from __future__ import annotations

from tests.inspect.guests import Guest
from toyos.inspect.stack import KERNEL, USER, Frame
from vm.arch import CAUSE_WINDOW_UNDERFLOW, PRIV_U
from vm.flow import CALL, RETURN, next_flow

WORD = 4
# Of the kernel, places that nobody returns from: what had been called before is of no meaning there.
NO_RETURN = ("resume", "resume_registers", "windows_enter", "windows_make_room", "idle", "kernel_fault")


class Shadow:
    """Return addresses of the kernel, None outside it, and of each process that has been seen from its first
    instruction on, by PCB; the innermost call last."""

    def __init__(self, guest: Guest) -> None:
        self.guest, self.machine = guest, guest.machine
        self.kernel: list[int] | None = None
        self.users: dict[int, list[int]] = {}
        self._leaving: int | None = None  # the PCB of a process whose window is being filled

    def step(self) -> bool:
        """One instruction -> whether the machine goes on."""
        machine, pc, before = self.machine, self.machine.pc, self._in_kernel()
        flow, pcb = next_flow(machine), self._current()
        going = machine.run(1).reason == "limit"
        after = self._in_kernel()
        if before == after:
            calls = self.kernel if before else self.users.get(pcb)
            if calls is not None and flow.kind == CALL:
                calls.append(pc + flow.length)
            elif calls and (flow.kind == RETURN or (machine.pc == calls[-1] and machine.pc != pc + flow.length)):
                calls.pop()  # the second: cisc's printf pops its return address and jumps there
        elif after:
            self.kernel = []
            filled = flow.kind == RETURN and machine.csr("scause") == CAUSE_WINDOW_UNDERFLOW
            self._leaving = pcb if filled and self.users.get(pcb) else None
        else:
            self.kernel = None
            self._entered()
        return going

    @property
    def calls(self) -> list[int]:
        """-> all that is known of where the hart is: the calls of the current process, then those of the kernel."""
        return [*self.users.get(self._current(), []), *(self.kernel or [])]

    def _in_kernel(self) -> bool:
        return int(self.machine.core.state["priv"]) != PRIV_U

    def _current(self) -> int:
        return int.from_bytes(self.machine.read(self.guest.parts.symbols["current"], WORD), "little")

    def _entered(self) -> None:
        """A process goes on: a new program, a new child, or the one before, whose return the kernel may have done."""
        process = self.guest.current
        table = self.guest.inspector.symbols.program(process.program)
        if table is not None and self.machine.pc == table.object.entry:
            self.users[process.pcb] = []
        elif process.pcb not in self.users and process.parent in self.users:
            self.users[process.pcb] = list(self.users[process.parent])
        calls = self.users.get(process.pcb)
        if calls and process.pcb == self._leaving and calls[-1] == self.machine.pc:
            calls.pop()
        self._leaving = None

    def difference(self) -> str:
        """-> how the backtrace from here differs from this account, "" when it does not."""
        frames = self.guest.inspector.backtrace()
        nearest = self.guest.inspector.symbols.kernel.nearest(self.machine.pc)
        where = nearest[0] if nearest else ""
        found = ""
        if self.kernel is not None and where not in NO_RETURN and _returns(frames, KERNEL) != self.kernel[::-1]:
            found = "the kernel's calls differ"
        process = self.guest.inspector.current()
        calls = self.users.get(process.pcb) if process is not None else None
        allowed = [calls[::-1]] if calls is not None else []
        if process is not None and process.pcb == self._leaving:
            allowed.append(allowed[0][1:])  # the kernel may have gone back for it already
        if calls is not None and _returns(frames, USER) not in allowed:
            found = "the process's calls differ"
        if calls is not None and any(frame.note for frame in frames):
            found = found or "there is a note"
        return f"{found} in {where}: {[(frame.symbol, frame.note) for frame in frames]}" if found else ""


def _returns(frames: list[Frame], level: str) -> list[int]:
    """Frames -> where the calls of a level return to, the innermost first."""
    return [frame.pc for frame in frames if frame.level == level][1:]
