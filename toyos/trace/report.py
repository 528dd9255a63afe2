"""What a user wishes to see of a run -> the run, watched, and the text, data and pictures that were wished for.

with Report(computer, ["fork_sum"], Wishes(strace=True), output=None) as report:
    computer.run(report.run)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from toyos.trace import gantt
from toyos.trace.calls import selected
from toyos.trace.choices import STRING_SIZE, Format, Unit
from toyos.trace.counts import table
from toyos.trace.events import Event
from toyos.trace.recorder import Recorder
from toyos.trace.strace import INIT, Strace
from toyos.trace.timeline import History

if TYPE_CHECKING:
    from toyos.boot import Computer
    from vm.machine import Stop
    from vm.observe import Observer


class Wishes(NamedTuple):
    """style: None for nothing but pictures. strace: the text is that of system calls; counts: a table of
    them; select: which, as behind strace's -e; init: those of process 1, too; room: bytes of strings. plots: pictures,
    .svg or .png; unit: what lanes and pictures count along. limit: events that are recorded."""

    style: Format | None = Format.text
    strace: bool = False
    counts: bool = False
    select: str | None = None
    init: bool = False
    room: int = STRING_SIZE
    plots: tuple[Path, ...] = ()
    unit: Unit = Unit.instructions
    limit: int | None = None


class Report:
    """computer: observed, not yet run. command: what the guest was asked to do. output: the file for the text or data;
    None: standard error. own: guest path -> program of the user's, for its symbols.

    Raises FilterError, PlotError, OSError before anything runs."""

    def __init__(
        self,
        computer: Computer,
        command: Sequence[str],
        wishes: Wishes,
        output: Path | None = None,
        own: Mapping[str, bytes] | None = None,
    ) -> None:
        self._computer, self._command, self._wishes = computer, list(command), wishes
        self._wanted = None if wishes.select is None else selected(wishes.select)
        for path in wishes.plots:
            gantt.check(path)
        self._own = own or {}
        self._stop: Stop | None = None
        self._out: TextIO = sys.stderr if output is None else output.open("w", encoding="utf-8")
        self.history = History()
        self._strace = Strace(self._line, self._wanted, wishes.init) if wishes.strace else None
        self._recorder = Recorder(computer.machine, computer.parts.symbols, self._tell, wishes.limit, wishes.room)

    @property
    def observer(self) -> Observer:
        """-> what watches the machine: others may add points of their own, at which it must not stop."""
        return self._recorder.observer

    def __enter__(self) -> Report:
        return self

    def run(self, max_instructions: int | None = None) -> Stop:
        """Runs the machine, as Machine.run does."""
        self._stop = self._recorder.run(max_instructions)
        return self._stop

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes what is known of the run, however it ended."""
        try:
            self._finish()
        finally:
            if self._out is not sys.stderr:
                self._out.close()

    def _tell(self, event: Event) -> None:
        self.history.add(event)
        if self._strace:
            self._strace(event)

    def _line(self, text: str) -> None:
        print(text, file=self._out)

    def _finish(self) -> None:
        machine, wishes = self._computer.machine, self._wishes
        self._recorder.finish()
        self.history.close(machine.started, int(machine.core.state["clock"]), self._recorder.complete)
        if self._strace:
            self._strace.end()
        if wishes.counts:
            made = [call for call in self.history.calls if wishes.init or call.pid > INIT]
            for line in table(call for call in made if self._wanted is None or call.name in self._wanted):
                self._line(line)
        if wishes.style is Format.text and not (wishes.strace or wishes.counts):
            self._print_text()
        elif wishes.style is Format.json:
            from toyos.trace.document import document

            self._line(json.dumps(document(self.history, self.about)))
        elif wishes.style is Format.perfetto:
            from toyos.trace.perfetto import perfetto

            self._line(json.dumps(perfetto(self.history, self.about)))
        if not self.history.complete and wishes.strace:
            self._line(f"stopped recording after {wishes.limit} events (--limit)")
        for path in wishes.plots:
            gantt.draw(self.history, self.title, path, wishes.unit)

    def _print_text(self) -> None:
        from rich.console import Console

        from toyos.symbols import Symbols
        from toyos.trace.lanes import print_events, print_lanes

        terminal = self._out.isatty()
        console = Console(file=self._out, highlight=False)
        print_lanes(console, self.history, self.title, self._wishes.unit)
        console.print()
        print_events(console, self.history, crop=terminal, names=Symbols(self._computer.parts, self._own).name)

    @property
    def title(self) -> str:
        """-> such as "fork_sum 100, on the risc kernel (soft)"."""
        choice = self._computer.parts.choice
        return f"{' '.join(self._command)}, on the {choice.mode} kernel ({choice.variant})"

    @property
    def about(self) -> Mapping[str, Any]:
        """-> what was run where, and how it ended."""
        choice = self._computer.parts.choice
        system = {"mode": choice.mode, "variant": choice.variant, "parameters": dict(choice.parameters)}
        reason, status = self._stop or (None, None)
        return {"system": system, "command": self._command, "reason": reason, "status": status}
