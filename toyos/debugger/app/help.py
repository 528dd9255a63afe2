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
The machine stands between two instructions; the panes show it as it is there.
Everything goes forwards and backwards: a CAPITAL letter, or Ctrl with the
function key, does the same into the past. Nothing is lost by going back.

 forward   back
{moves}
  F9    b      breakpoint on the line under the cursor, on and off
  1 … 0        a pane by its number;  Tab  the next one;  Enter or click chooses
               a process (its PCB), a trap (goes there), a stack word (memory)
  [ ]          the mark before, behind on the timeline; there, ← → + - and click
  Esc Ctrl-C   stop the machine while it runs
  :            command line, gdb's words: b main, c, si, n, fin, x/4i $pc, p a0,
               info registers, watch sum, reverse-stepi; help lists all of them
               Tab completes, ↑ ↓ are history, Esc leads back to the panes
  9 then text  types to the guest        d  dark or light        q  quit

Red ● breakpoint   ▶ here   bold orange: changed since the last stop
Timeline:  ┴ trap   ╋ another process goes on   ▼ here        Esc closes this."""


class Help(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "dismiss", show=False) for key in ("escape", "enter", "q", "f1", "question_mark", "space")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help-box"):
            yield Static(TEXT.format(moves="\n".join(help_lines())), markup=False)

    def on_click(self) -> None:
        self.dismiss()
