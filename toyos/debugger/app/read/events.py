"""The marks of a session -> events of the timeline and of the log of traps."""

from __future__ import annotations

from bisect import bisect_right

from toyos.debugger.app.text.rows import word
from toyos.debugger.app.view import Event, Positions
from toyos.debugger.replies import Mark
from toyos.debugger.scope import register_names
from toyos.debugger.session import Session
from vm.arch import CAUSE_ECALL_U, INTERRUPT_FLAG, PRIV_NAMES
from vm.isa import registers

SWITCH = "switch"
AROUND = 300  # events that are shown before, and behind, the present position


class EventLog:
    """Reads the marks of a session, of which there may be a million."""

    def __init__(self, session: Session) -> None:
        self._session = session
        mode = session.machine.mode
        self._registers = [name for name in register_names(mode) if name != "zero"]
        self._numbers = [registers.numbers(mode)[name] for name in self._registers]

    def events(self) -> list[Event]:
        """-> those around the present position, in order."""
        marks = self._session.marks()
        behind = bisect_right(marks, self._session.position, key=lambda mark: mark.at)
        return [self._event(mark) for mark in marks[max(behind - AROUND, 0) : behind + AROUND]]

    def positions(self) -> Positions:
        """-> of all."""
        marks = self._session.marks()
        return Positions([mark.at for mark in marks], [mark.at for mark in marks if mark.kind == SWITCH])

    def _event(self, mark: Mark) -> Event:
        if mark.kind == SWITCH:
            to = f"pid {mark.pid} {mark.name}" if mark.pid else "nobody"
            return Event(mark.at, SWITCH, "switch", f"from pid {mark.before}", to, pid=mark.pid)
        kind, what = self._cause(mark)
        source = f"{PRIV_NAMES[mark.source][0].upper()} {self._name(mark.pc, mark.program)}"
        target = f"{PRIV_NAMES[mark.target][0].upper()} {self._name(mark.handler, mark.program)}"
        saved = [("pc", mark.pc), ("cause", mark.cause & ~INTERRUPT_FLAG), ("value", mark.value)]
        saved += zip(self._registers, (mark.registers[number] for number in self._numbers), strict=True)
        return Event(mark.at, kind, what, source, target, saved, mark.pid)

    def _cause(self, mark: Mark) -> tuple[str, str]:
        """-> kind, and the name of the system call or of the cause."""
        if mark.cause & INTERRUPT_FLAG:
            return "interrupt", mark.name
        if mark.cause != CAUSE_ECALL_U:
            return "fault", mark.name
        return "call", f"call {mark.call}"

    def _name(self, address: int, program: str) -> str:
        return self._session.symbols.name(address, program or None) or word(address)
