"""Events -> sentences, for those who read them one after the other."""

from __future__ import annotations

from collections.abc import Callable

from toyos.trace.events import (
    FREE,
    OUTCOMES,
    Adopt,
    CallEnds,
    CallSleeps,
    Copy,
    Event,
    Exec,
    Exit,
    Fault,
    Fork,
    Reap,
    StateChange,
    Switch,
    Trap,
)
from toyos.trace.strace import ending, whole
from vm.arch import CAUSE_ECALL_U, CAUSE_FETCH_PAGE_FAULT, CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT

# Traps of which another event tells more.
TOLD_ELSEWHERE = (CAUSE_ECALL_U, CAUSE_FETCH_PAGE_FAULT, CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT)


Places = Callable[[int], str]


def plain(address: int) -> str:
    """An address -> its digits."""
    return f"{address:#x}"


def sentence(event: Event, place: Places = plain) -> str:
    """One event -> what happened, "" for one that another tells better. place: what says where an address is."""
    if isinstance(event, StateChange):
        if event.before == FREE:
            return f"{event.after}: a PCB is taken"
        if event.after == FREE:
            return f"{event.before} → gone: its PCB is free"
        return f"{event.before} → {event.after}{' on ' + event.on if event.on else ''}"
    if isinstance(event, Fork):
        return f"fork: process {event.child} is made"
    if isinstance(event, Exec):
        return f"exec: the program is {event.path} now"
    if isinstance(event, Exit):
        return ending(event.status).strip("+ ")
    if isinstance(event, Reap):
        return f"wait: child {event.child} has been waited for"
    if isinstance(event, Adopt):
        return f"adopts the orphan {event.child}"
    if isinstance(event, Switch):
        return f"switch to process {event.to} ({'voluntary' if event.voluntary else 'preemptive'})"
    if isinstance(event, Trap):
        return "" if event.cause in TOLD_ELSEWHERE else f"trap: {event.name} at {place(event.pc)}"
    if isinstance(event, Copy):
        return f"copy-on-write: the page at {event.address:#x} is copied"
    if isinstance(event, Fault):
        return f"{event.name} at pc {place(event.pc)}, address {place(event.value)}: {OUTCOMES[event.outcome]}"
    if isinstance(event, CallSleeps):
        return f"{event.call.name} cannot go on yet: it will be made again"
    if isinstance(event, CallEnds):
        return f"{whole(event.call)} = {event.call.returned}"
    return ""
