"""The help screen: all that a newcomer needs, on one page of 80 by 24."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from toyos.debugger.app.keys import help_lines

TEXT = """\
The machine stands between two instructions; every pane shows that moment.
Going back loses nothing: a CAPITAL letter, or Ctrl with the function key,
does the same into the past.
{moves}
  F9    b      break   a breakpoint on the line under the cursor, on or off
  1 … 0, Tab   choose a pane; arrows move in it; Enter or a click opens a PCB,
               goes to a trap, shows the memory that a word points to
  [ ]  + -     the mark before, behind on the timeline; zoom; or click there
  Esc, Ctrl-C  stop a machine that runs; Esc also leads back to the source
  :            commands as in gdb: b fork, watch sum, p $a0, x/4i $pc, help,
               info registers, reverse-stepi; Tab completes, ↑ ↓ history
  9, text      types to the guest           d  dark or light      q  quit

  ● breakpoint   ▶ here   orange: changed since the last stop
  timeline: ┴ trap   ╋ context switch   ▼ here             Esc closes this"""


class Help(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "dismiss", show=False) for key in ("escape", "enter", "q", "f1", "question_mark", "space")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help-box"):
            yield Static(TEXT.format(moves="\n".join(help_lines())), markup=False)

    def on_click(self) -> None:
        self.dismiss()
