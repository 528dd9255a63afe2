"""A run -> Chrome's trace events in JSON: https://ui.perfetto.dev and chrome://tracing open such files.

Each process is a process there with two tracks. On "states" its states are slices, in which those of the kernel's work
for it are nested: attempts of system calls, and exceptions. On "system calls" each call is one slice from its first
attempt to its result, sleep included. Arrows lead from a fork to the child, and at each switch from the one process to
the other. Times are virtual microseconds. Format: "Trace Event Format" of the Chromium project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toyos.trace.events import RUNNING, Adopt, Copy, Exec, Fork, Reap, Switch, Trap, microseconds
from toyos.trace.strace import whole
from toyos.trace.timeline import History, Life
from toyos.trace.wording import sentence

STATES_TRACK, CALLS_TRACK = 1, 2
# Names of colours that viewers know.
COLOURS = {"New": "startup", "Ready": "thread_state_runnable", "Running": "thread_state_running",
           "Sleep": "thread_state_sleeping", "Zombie": "terrible"}  # fmt: skip
Record = dict[str, Any]


def perfetto(history: History, about: Mapping[str, Any]) -> Record:
    """A run and what the caller says about it -> what json.dump takes."""
    records = list(_names(history))
    for life in history.lives:
        records += _states(life)
        records += _work(life)
        records += _calls(life, history)
    records += _moments(history)
    records += _arrows(history)
    return {"displayTimeUnit": "ns", "otherData": dict(about), "traceEvents": records}


def _track(life: Life, track: int) -> Record:
    """Viewers tell processes apart by their pids: that of a life is its place among the lives, as pids come again."""
    return {"pid": life.number, "tid": life.number * 10 + track}


def _names(history: History) -> Iterator[Record]:
    for place, (life, _) in enumerate(history.tree()):
        meta = [
            ("process_name", STATES_TRACK, {"name": f"pid {life.pid} {life.name}"}),
            ("process_sort_index", STATES_TRACK, {"sort_index": place}),
            ("thread_name", STATES_TRACK, {"name": "states"}),
            ("thread_sort_index", STATES_TRACK, {"sort_index": STATES_TRACK}),
        ]
        if life.calls:
            meta.append(("thread_name", CALLS_TRACK, {"name": "system calls"}))
            meta.append(("thread_sort_index", CALLS_TRACK, {"sort_index": CALLS_TRACK}))
        for name, track, arguments in meta:
            yield {"ph": "M", "name": name, "ts": 0, **_track(life, track), "args": arguments}


def _slice(life: Life, track: int, name: str, category: str, clock: int, until: int, **arguments: Any) -> Record:
    begin = microseconds(clock)
    return {
        "ph": "X", "name": name, "cat": category, "ts": begin, "dur": round(microseconds(until) - begin, 6),
        **_track(life, track), "args": arguments,
    }  # fmt: skip


def _states(life: Life) -> Iterator[Record]:
    for each in life.intervals:
        name = f"{each.state} ({each.on})" if each.on else each.state
        record = _slice(
            life, STATES_TRACK, name, "state", each.clock, each.until_clock, instructions=each.until - each.at
        )
        yield {**record, "cname": COLOURS[each.state]}


def _work(life: Life) -> Iterator[Record]:
    """What the kernel does for the process while it is Running; the end of the process may come in the midst of it."""
    pieces = [
        (each.clock, each.until_clock, call.name, "system call", {"call": whole(call), "attempt": number + 1})
        for call in life.calls
        for number, each in enumerate(call.attempts)
    ]
    pieces += [
        (fault.since_clock, fault.clock, fault.name, "fault", {"what": sentence(fault)}) for fault in life.faults
    ]
    for clock, until, name, category, arguments in pieces:
        running = next((i for i in life.intervals if i.state == RUNNING and i.clock <= clock <= i.until_clock), None)
        if running:
            yield _slice(life, STATES_TRACK, name, category, clock, min(until, running.until_clock), **arguments)


def _calls(life: Life, history: History) -> Iterator[Record]:
    for call in life.calls:
        if call.attempts:
            until = history.known_clock if call.ended is None else call.ended[1]
            arguments = {"call": whole(call), "result": call.returned, "attempts": len(call.attempts)}
            yield _slice(life, CALLS_TRACK, call.name, "system call", call.attempts[0].clock, until, **arguments)


def _moments(history: History) -> Iterator[Record]:
    """Marks without a length: copies of pages, programs, children, interrupts."""
    for event in history.events:
        life = history.life_at(event.pid, event.at)
        if life and isinstance(event, Copy | Exec | Reap | Adopt | Trap) and sentence(event):
            name = event.name if isinstance(event, Trap) else event.KIND
            yield {
                "ph": "i", "s": "t", "name": name, "cat": event.KIND, "ts": microseconds(event.clock),
                **_track(life, STATES_TRACK), "args": {"what": sentence(event)},
            }  # fmt: skip


def _arrows(history: History) -> Iterator[Record]:
    number = 0
    for event in history.events:
        if not isinstance(event, Fork | Switch):
            continue
        source = history.life_at(event.pid, event.at)
        target = history.life_at(event.child if isinstance(event, Fork) else event.to, event.at)
        if source is None or target is None:
            continue
        number += 1
        for phase, life, clock in (("s", source, _last_running(source, event.clock)), ("f", target, event.clock)):
            binding = {"bp": "e"} if phase == "f" else {}  # to the slice that it lies in, not to the next one
            yield {
                "ph": phase, "id": number, "name": event.KIND, "cat": event.KIND, "ts": microseconds(clock),
                **_track(life, STATES_TRACK), **binding,
            }  # fmt: skip


def _last_running(life: Life, clock: int) -> int:
    """-> the last moment, not after this one, that lies within a Running slice: from there an arrow starts."""
    ends = (min(i.until_clock - 1, clock) for i in life.intervals if i.state == RUNNING and i.clock <= clock)
    return max(ends, default=clock)
