"""Processes, queues, a PCB, and the log of traps -> rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from toyos.debugger.app.text.rows import Row, Span, fit, note, row, word
from toyos.debugger.app.view import Event, PcbField, Process

STATE_ROLES = {"Running": "good", "Ready": "user", "Sleep": "dim", "Zombie": "bad", "New": "mark"}
AROUND = 300  # events that are listed before, and behind, the present position
EVENT_ROLES = {"switch": "mark", "interrupt": "changed", "fault": "bad", "call": "user"}


def process_rows(
    processes: Sequence[Process], queues: Sequence[tuple[str, Sequence[int]]], chosen: int | None
) -> list[Row]:
    """-> a table of the processes, and the queues with who is in them; the key of a process is its pid."""
    if not processes:
        return [note("the kernel has no processes yet")]
    rows = [row(("   pid ppid state    name            queue", "heading"))]
    for process in processes:
        spans = [
            Span("▶" if process.running else " ", "current" if process.running else ""),
            Span("•" if process.pid == chosen else " ", "mark"), Span(f"{process.pid:>4} {process.ppid:>4} "),
            Span(fit(process.state, 9), "changed" if process.changed else STATE_ROLES.get(process.state, "")),
            Span(fit(process.name, 15) + " ", "name"), Span(process.queue, "dim"),
        ]  # fmt: skip
        rows.append(Row(tuple(spans), process.pid))
    rows.append(row(("queues", "heading")))
    for name, members in queues:
        spans = [Span(f"{name:<14} ", "name")]
        spans += [Span(" → ".join(map(str, members)))] if members else [Span("empty", "dim")]
        rows.append(Row(tuple(spans)))
    return rows


def pcb_rows(fields: Sequence[PcbField]) -> list[Row]:
    """-> a PCB field by field; the key of a row is the field's name."""
    if not fields:
        return [note("choose a process in the list of processes")]
    width = max(len(field.name) for field in fields)
    values = min(max(len(field.text) for field in fields), 24)
    return [
        row(
            (f"{field.offset:>4} ", "dim"), (f"{field.name:<{width}} ", "name"),
            (f"{field.text:<{values}} ", "changed" if field.changed else "number"), (field.comment, "dim"),
            key=field.name,
        )
        for field in fields
    ]  # fmt: skip


def pcb_title(process: Process | None) -> str:
    return "PCB" if process is None else f"PCB of pid {process.pid} {process.name} at {word(process.pcb)}"


def event_rows(events: Sequence[Event], now: int) -> tuple[list[Row], int]:
    """-> traps and switches around the present position, the oldest first, those behind it dim; and which of the rows
    is the last before it. The key of a row is the position."""
    behind = bisect_right(events, now, key=lambda event: event.position)
    first = max(behind - AROUND, 0)
    rows = []
    for event in events[first : behind + AROUND]:
        pid = "" if event.pid is None else str(event.pid)
        spans = [
            Span(f"{event.position:>11,} ", "number"), Span(f"{pid:>3} ", "dim"),
            Span(fit(event.what, 16) + " ", EVENT_ROLES.get(event.kind, "")), Span(event.source),
            Span(f" → {event.target}" if event.target else ""), Span(f"  {event.saved}" if event.saved else "", "dim"),
        ]  # fmt: skip
        rows.append(Row(tuple(spans), event.position, "later" if event.position > now else ""))
    return rows or [note("no trap yet: t runs to the next one")], max(behind - first - 1, 0)
