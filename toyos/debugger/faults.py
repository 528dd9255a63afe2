"""The stop that nobody need ask for: the kernel is about to end the debugged program for its fault."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.constants import signal_names
from toyos.debugger.marks import TRAP
from toyos.kernel_points import Fault
from vm.arch import PRIV_U

if TYPE_CHECKING:
    from toyos.debugger.session import Session


class Faults:
    """Stops a session's machine at each fatal fault of the debugged program. A process counts when it runs the program,
    or, where that is the user's own, descends from one that does: what a shell starts is not the shell's fault."""

    def __init__(self, session: Session) -> None:
        self.session = session
        name = shlex.split(session.title)[0].rpartition("/")[2]
        self.program = name[: session.kernel.symbols["NAME_SIZE"] - 1]
        points = session.kernel.fatal_fault(accept=self._debugged)
        self._made = session.breakpoints.add_default("a fault that ends the debugged program", points)

    def switch(self, on: bool) -> str:
        """Stops the machine from now on, or does not -> what is the case now."""
        self.session.breakpoints.switch(self._made, on)
        return f"a fault that ends {self.program} {'stops the machine' if on else 'does not stop the machine any more'}"

    def _debugged(self, fault: Fault) -> bool:
        return any(self.session.kernel.name_of(pcb) == self.program for pcb in self._line(fault.pcb))

    def _line(self, pcb: int) -> Iterator[int]:
        """-> the process's PCB; for a program of the user's those of its ancestors, too."""
        kernel = self.session.kernel
        for _ in range(kernel.symbols["NPROC"]):  # a broken kernel may have made a ring of them
            if not kernel.is_pcb(pcb):
                return
            yield pcb
            if not self.session.own:
                return
            pcb = kernel.word(pcb + kernel.symbols["P_PARENT"])


def fault_lines(session: Session) -> Iterator[str]:
    """A session whose machine stands at a fatal fault -> who has done what, where, and how to get there."""
    fault = session.kernel.fault()
    reason, _, detail = fault.message.partition("): ")[2].partition(" at pc 0x%08x")
    detail = detail.strip(" ,:\n")
    if "%" in detail:
        detail %= fault.value
    signal = signal_names().get(fault.signal, f"signal {fault.signal}")
    detail = f" ({detail})" if detail else ""
    yield f"process {fault.pid} ({fault.name}) is about to end by {signal}{detail}{_way_back(session, fault)}"
    yield f"{reason} at {session.place_text(fault.pc, fault.name)}"


def _way_back(session: Session, fault: Fault) -> str:
    """-> how to get to the instruction; "" where it was not this trap's."""
    known = [mark for mark in session.marks() if mark.at <= session.position and mark.kind == TRAP]
    last = next((mark for mark in reversed(known) if mark.source == PRIV_U), None)
    if last is None or (last.pid, last.pc) != (fault.pid, fault.pc):
        return ""
    return f"; `goto {last.at - 1}` goes back to the instruction"
