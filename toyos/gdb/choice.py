"""Whose breakpoints count: all processes have their code at the same addresses, and gdb knows one program's symbols."""

from __future__ import annotations

from toyos.inspect import InspectError, Inspector, Process
from vm.gdb_guest import MonitorError
from vm.points import Hit

EVERYBODY = "all"


class Choice:
    """program: guest path of the one whose processes are meant at first; empty: everybody."""

    def __init__(self, inspector: Inspector, program: str = "") -> None:
        self._inspector = inspector
        self._program, self._pid = program, 0

    @property
    def everybody(self) -> bool:
        return not self._program and not self._pid

    def __str__(self) -> str:
        whose = f"pid {self._pid}" if self._pid else f"processes that run {self._program}" if self._program else "all"
        return f"breakpoints and watchpoints at user addresses stop in: {whose}"

    def choose(self, word: str) -> None:
        """What the user says: a pid, the name or path of a program, or EVERYBODY. Raises MonitorError."""
        if word.isdecimal() and int(word) > 0:
            self._program, self._pid = "", int(word)
            return
        found = [] if word == EVERYBODY else self._inspector.symbols.candidates(word)
        if not found and word != EVERYBODY:
            raise MonitorError(f"there is no program {word!r}; expected a pid, a program or {EVERYBODY}")
        self._program, self._pid = found[0] if found else "", 0

    def accepts(self, hit: Hit) -> bool:
        """-> whether the process on the hart is one of those that are meant."""
        try:
            current = self._inspector.current()
        except InspectError:
            return False
        return current is not None and self._is_meant(current)

    def _is_meant(self, process: Process) -> bool:
        return process.pid == self._pid if self._pid else process.program == self._program
