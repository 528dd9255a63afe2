"""A View -> the panes of the application: which rows go where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toyos.debugger.app.panes.console import Console
from toyos.debugger.app.panes.drawn import Line
from toyos.debugger.app.panes.lines import Lines
from toyos.debugger.app.panes.timeline import TimelineBar
from toyos.debugger.app.text import code, kernel, place, state, windows
from toyos.debugger.app.text.rows import Row, note, row
from toyos.debugger.app.view import View
from toyos.debugger.replies import Reply

if TYPE_CHECKING:
    from toyos.debugger.app.application import Debugger

ANSWERS = 2000  # rows that the pane of answers keeps
NO_SOURCE = "no source is known for this place; the code pane shows its instructions"


class Presenter:
    """Fills the panes, and says what a row of theirs means as a command."""

    def __init__(self, app: Debugger) -> None:
        self.app = app
        self.answers: list[Row] = [note("answers to commands; press : to type one, help lists them")]
        self._file: str | None = None
        self._line = (0, 0)

    def _pane(self, name: str) -> Lines:
        return self.app.query_one(f"#{name}", Lines)

    def show(self, view: View) -> None:
        """Draws everything anew."""
        now = view.place.position
        name = self.app.desk.name if self.app.desk else ""
        self.app.query_one("#title", Line).show(place.title(name, view.place))
        self._source(view)
        rows = code.code_rows(view.code, view.place.pc)
        self._pane("code").show_rows(rows, place.code_title(view.place), code.line_of(rows, view.place.pc))
        self._registers(view)
        self._pane("stack").show_rows(state.stack_rows(view.stack, view.words), cursor=0)
        memory = self._pane("memory")
        memory.show_rows(state.memory_rows(view.memory, memory.columns), state.memory_title(view.memory), cursor=0)
        pid = view.pcb_of.pid if view.pcb_of else None
        self._pane("processes").show_rows(kernel.process_rows(view.processes, view.queues, pid))
        self._pane("pcb").show_rows(kernel.pcb_rows(view.pcb), kernel.pcb_title(view.pcb_of))
        events, last = kernel.event_rows(view.events, now)
        self._pane("traps").show_rows(events, cursor=last)
        self.app.query_one(Console).show(*view.output)
        self._pane("output").show_rows(self.answers)
        self.app.query_one(TimelineBar).show(view)

    def _source(self, view: View) -> None:
        pane = self._pane("source")
        if view.source is None:
            pane.show_rows([note(NO_SOURCE)], "source")
            return
        rows = code.source_rows(view.source)
        pane.show_rows(rows, f"{view.source.file}:{view.source.line}", (view.source.line or 1) - 1)

    def _registers(self, view: View) -> None:
        pane = self._pane("registers")
        width = pane.columns
        rows = windows.windows_rows(view.windows, width, pane.size.height) + state.register_rows(view.registers, width)
        pane.show_rows(rows)

    # ---- answers -----------------------------------------------------------------------------------------------------
    def answer(self, line: str, reply: Reply) -> None:
        """Adds a command and what the session said to the pane of answers."""
        role = "bad" if reply.failed else ""
        if line:
            self.answers.append(row(("(toyos) ", "dim"), (line, "name")))
        self.answers += [row((text.expandtabs(), role)) for text in reply.lines]
        del self.answers[:-ANSWERS]
        self._pane("output").show_rows(self.answers, cursor=len(self.answers) - 1)

    def headline(self, reply: Reply) -> str:
        """-> what of an answer stands above the command line: "" for what the machine's place says better."""
        if reply.moved and not reply.failed:
            return ""
        more = f"  (and {len(reply.lines) - 1} more: 0)" if len(reply.lines) > 1 else ""
        return reply.lines[0].expandtabs(1) + more if reply.lines else ""

    def memory_wanted(self, line: str) -> int | None:
        """A command -> the address whose memory is to be shown from now on, None if it has none."""
        words = line.split(None, 1)
        if len(words) == 2 and words[0].partition("/")[0] == "x" and self.app.desk and not self.app.busy:
            return self.app.desk.value(words[1])
        return None
