"""Where the machine stands -> the title of the screen, and the sentence about its state."""

from __future__ import annotations

from toyos.debugger.app.text.rows import Row, Span, row, word
from toyos.debugger.app.view import ENDED, WAITS, View
from toyos.debugger.replies import Where

USER = "user"
HOW_TO_WAKE = "every process sleeps until somebody types: press 9, then a line and Enter"
STATE_ROLES = {ENDED: "bad", WAITS: "changed"}


def side(place: Where) -> str:
    """-> the role of the privilege: whose code this is."""
    return "user" if place.privilege == USER else "kernel"


def process(place: Where) -> str:
    """-> the current process, as short as it goes."""
    return f"pid {place.pid} {place.program}" if place.pid else place.process


def title(name: str, place: Where) -> Row:
    """-> program, mode of the machine, privilege, process and symbol."""
    spans = [
        Span(name, "heading"), Span(f" {place.mode}  "), Span(f"{place.privilege} mode", side(place)),
        Span(f"  {process(place)}  ", "name"), Span(place.symbol or word(place.pc), "number"),
    ]  # fmt: skip
    return Row(tuple(spans))


def code_title(place: Where) -> str:
    """-> what stands over the disassembly."""
    return f"code at {place.symbol or word(place.pc)}, {place.privilege} mode"


def standing(view: View, message: str) -> Row:
    """-> the state of a machine that does not run: why it stands, or the answer to a command."""
    reason = HOW_TO_WAKE if view.state == WAITS else view.place.note
    text = message or reason or f"next: {view.place.instruction.expandtabs(1)}"
    return row((f"{view.state} ", STATE_ROLES.get(view.state, "heading")), f" {text}")


def running(since: int, now: int) -> Row:
    """-> the state of a machine that runs since a position."""
    return row(("running ", "good"), f" {now:,}  (+{now - since:,})   ", ("Esc stops it", "name"))
