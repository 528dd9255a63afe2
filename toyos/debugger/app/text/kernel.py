"""Processes, queues, a PCB, and the log of traps -> rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from toyos.debugger.app.text.rows import Row, Span, fit, note, row, word
from toyos.debugger.app.view import Event, PcbField, Process

STATE_ROLES = {"Running": "good", "Ready": "user", "Sleep": "dim", "Zombie": "bad", "New": "mark"}
VALUE = 10  # columns of a word in a PCB
SAVED = 3  # saved words in a row
EVENT_ROLES = {"switch": "mark", "interrupt": "changed", "fault": "bad", "call": "user"}


def process_rows(
    processes: Sequence[Process], queues: Sequence[tuple[str, Sequence[int]]], chosen: int | None
) -> list[Row]:
    """-> a table of the processes, and the queues with who is in them; the key of a process is its pid."""
    if not processes:
        return [note("the kernel has no processes yet")]
    rows = [row(("   pid ppid state    name         queue", "heading"))]
    for process in processes:
        spans = [
            Span("▶" if process.running else " ", "current" if process.running else ""),
            Span("•" if process.pid == chosen else " ", "mark"), Span(f"{process.pid:>4} {process.ppid:>4} "),
            Span(fit(process.state, 8) + " ", "changed" if process.changed else STATE_ROLES.get(process.state, "")),
            Span(fit(process.name, 12) + " ", "name"), Span(process.queue, "dim"),
        ]  # fmt: skip
        rows.append(Row(tuple(spans), process.pid))
    rows.append(row(("queues", "heading")))
    width = max((len(name) for name, _ in queues), default=0)
    for name, members in queues:
        who = Span(" → ".join(map(str, members))) if members else Span("empty", "dim")
        rows.append(Row((Span(f"{name:{width}}  ", "name"), who)))
    return rows


def pcb_rows(fields: Sequence[PcbField]) -> list[Row]:
    """-> a PCB field by field; the key of a row is the field's name."""
    if not fields:
        return [note("choose a process in the list of processes")]
    width = max(len(_short(field.name)) for field in fields)
    return [
        row(
            (f"{field.offset:>3} ", "dim"), (f"{_short(field.name):{width}} ", "name"),
            (f"{field.text:{VALUE}}  ", "changed" if field.changed else "number"), (field.comment, "dim"),
            key=field.name,
        )
        for field in fields
    ]  # fmt: skip


def _short(name: str) -> str:
    """Name of a field in the kernel's source -> without the prefix that all of them have."""
    return name.removeprefix("P_").lower()


def pcb_title(process: Process | None) -> str:
    return "PCB" if process is None else f"PCB of pid {process.pid} {process.name} at {word(process.pcb)}"


def event_rows(events: Sequence[Event], now: int) -> tuple[list[Row], int]:
    """-> traps and switches, the oldest first, those behind the present position dim; under the last one
    before it the words that were saved; and which row that is. The key of a row is the position."""
    if not events:
        return [note("no trap yet: t runs to the next one")], 0
    behind = bisect_right(events, now, key=lambda event: event.position)
    at, what = (max(map(len, texts)) for texts in ([f"{e.position:,}" for e in events], [e.what for e in events]))
    rows, last = [], 0
    for event in events:
        pid = "" if event.pid is None else str(event.pid)
        spans = [
            Span(f"{event.position:>{at},} ", "number"), Span(f"{pid:>2} ", "dim"),
            Span(f"{event.what:{what}} ", EVENT_ROLES.get(event.kind, "")), Span(event.source),
            Span(f" → {event.target}" if event.target else ""),
        ]  # fmt: skip
        if event.position > now:
            rows.append(Row(tuple(Span(span.text) for span in spans), event.position, "later"))
        else:
            last = len(rows)
            rows.append(Row(tuple(spans), event.position))
    rows[last + 1 : last + 1] = saved_rows(events[behind - 1]) if behind else []
    return rows, last


def saved_rows(event: Event) -> list[Row]:
    """-> the words that a trap saves, but for zeros."""
    words = [(name, value) for name, value in event.saved if value]
    rows = []
    for first in range(0, len(words), SAVED):
        spans = [Span("  saved " if first == 0 else " " * 8, "dim")]
        for name, value in words[first : first + SAVED]:
            spans += [Span(f"{name:>3} "), Span(f"{word(value)} ", "number")]
        rows.append(Row(tuple(spans)))
    return rows
