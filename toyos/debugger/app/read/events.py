"""The marks of a session -> events of the timeline and of the log of traps."""

from __future__ import annotations

from collections.abc import Sequence

from toyos.debugger.app.text.rows import word
from toyos.debugger.app.view import Event
from toyos.debugger.replies import Mark
from toyos.debugger.scope import register_names
from toyos.debugger.session import Session
from vm.arch import CAUSE_ECALL_U, INTERRUPT_FLAG, PRIV_NAMES
from vm.isa import registers

SWITCH = "switch"


class EventLog:
    """Turns each mark into an event once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._marks: list[Mark] = []
        self._events: list[Event] = []
        mode = session.machine.mode
        self._registers = [name for name in register_names(mode) if name != "zero"]
        self._numbers = [registers.numbers(mode)[name] for name in self._registers]

    def events(self) -> Sequence[Event]:
        """-> all that are known now, in the order of their positions; a list that later calls do not change."""
        marks = self._session.marks()
        same = min(len(self._marks), len(marks))
        if same and self._marks[same - 1] != marks[same - 1]:  # another future
            same = next(index for index in range(same) if self._marks[index] != marks[index])
        self._marks[same:] = marks[same:]
        self._events = [*self._events[:same], *map(self._event, marks[same:])] if same < len(marks) else self._events
        if len(self._events) > len(marks):
            self._events = self._events[: len(marks)]
        return self._events

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
