"""The kernel's queues of PCBs: which there are, what each is for, who is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect.memory import InspectError

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process

# Symbol -> name of the queue, and what brings a process there.
KNOWN = {
    "free_pcbs": ("free", "PCBs that are no process"),
    "new_queue": ("new", "state New: fork builds them"),
    "ready_queue": ("ready", "state Ready: they wait for the processor"),
    "zombies": ("zombies", "state Zombie: ended, not yet waited for"),
    "sleepers": ("sleep: clock", "state Sleep in nanosleep, the earliest to wake first"),
    "console_readers": ("sleep: console", "state Sleep in read: no line has been typed yet"),
}
CHILDREN = "sleep: children of {}"
CHILDREN_MEANING = "state Sleep in wait4: none of its children has ended"
OTHER_MEANING = "state Sleep: they wait for an event"


class Queue(NamedTuple):
    """symbol: where it is; processes: from head to tail, as far as the links lead; trouble: a sentence when they are
    not in order, else ""."""

    name: str
    symbol: str
    address: int
    meaning: str
    processes: list[Process]
    trouble: str = ""


def all_queues(inspector: Inspector) -> list[Queue]:
    """-> the queues of the states, the known wait queues, and all others that somebody is on."""
    values = inspector.layout.values
    found = {values[symbol]: symbol for symbol in KNOWN if symbol in values}
    for process in inspector.processes():
        if process.queue and process.queue not in found:
            found[process.queue] = inspector.symbols.name(process.queue)
    return [_queue(inspector, address, symbol) for address, symbol in found.items()]


def name_of(inspector: Inspector, address: int) -> str:
    """Address of a queue -> its name."""
    return _title(inspector, address)[0]


def _title(inspector: Inspector, address: int) -> tuple[str, str]:
    """Address of a queue -> its name and what it is for."""
    symbol = inspector.symbols.name(address)
    if symbol in KNOWN:
        return KNOWN[symbol]
    start, end = inspector.layout.values["pcb_pool"], inspector.layout.values["pcb_pool_end"]
    offset = inspector.layout.by_name["P_CHILDREN_QUEUE"].offset
    owner = inspector.at(address - offset) if start <= address < end else None
    if owner is not None:
        return CHILDREN.format(f"pid {owner.pid}"), CHILDREN_MEANING
    return f"sleep: {symbol or f'{address:#010x}'}", OTHER_MEANING


def _queue(inspector: Inspector, address: int, symbol: str) -> Queue:
    name, meaning = _title(inspector, address)
    processes, trouble = _walk(inspector, address)
    return Queue(name, symbol, address, meaning, processes, trouble)


def _walk(inspector: Inspector, address: int) -> tuple[list[Process], str]:
    """Address of a queue -> the PCBs on it, and what is wrong with their links."""
    try:
        at, tail = inspector.memory.words(address, 2, "a queue")
    except InspectError as fault:
        return [], str(fault)
    found: list[Process] = []
    seen: set[int] = set()
    last = 0
    while at:
        process = inspector.at(at)
        if process is None:
            return found, f"after {_or_head(inspector, last)} it leads to {at:#010x}, which is no PCB"
        if at in seen:
            return found, f"after {_or_head(inspector, last)} it comes back to {inspector.describe(at)}"
        found.append(process)
        seen.add(at)
        if process.queue != address:
            return found, f"{inspector.describe(at)} says that it is on another queue, {process.queue:#010x}"
        before = process.word("P_PREV")
        if before != last:
            return found, f"{inspector.describe(at)} says that {inspector.describe(before)} is before it"
        last, at = at, process.word("P_NEXT")
    if tail != last:
        return found, f"its tail is {inspector.describe(tail)} and its last one {inspector.describe(last)}"
    return found, ""


def _or_head(inspector: Inspector, pcb: int) -> str:
    return inspector.describe(pcb) if pcb else "its head"
