"""All that the panes show at one moment, as plain records: read from the session where nothing runs, drawn anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from toyos.debugger.replies import Where

STOPPED, WAITS, ENDED = "stopped", "waits", "ended"  # of a machine that does not run


class Instruction(NamedTuple):
    """One line of the disassembly. label: a symbol that begins here; point: a breakpoint's state, see Source."""

    address: int
    data: bytes
    text: str
    label: str = ""
    point: bool | None = None


class Source(NamedTuple):
    """A source file. line: the current one, from 1, 0 for none; points: line -> whether its breakpoint is enabled."""

    file: str
    lines: Sequence[str]
    line: int
    points: Mapping[int, bool]


class Register(NamedTuple):
    """before: its value at the last stop, None where there was none. note: the symbol at its value, or a meaning."""

    name: str
    value: int
    before: int | None
    system: bool
    note: str = ""

    @property
    def changed(self) -> bool:
        return self.before is not None and self.before != self.value


class Window(NamedTuple):
    """A register window. owner: pid, None when nobody's; valid: it holds registers that its owner will want again."""

    number: int
    current: bool
    valid: bool
    owner: int | None


class Frame(NamedTuple):
    """A call that has not returned. side: "user" or "kernel"; place: "fork_sum.s:24", or ""; note: why the chain ends
    here, "" where it does not or where that is its natural end."""

    level: int
    pc: int
    sp: int
    symbol: str
    place: str
    side: str
    note: str = ""


class Memory(NamedTuple):
    """Bytes from an address on; None for those that are not mapped. labels: address -> symbol; changed: addresses of
    bytes that are other than at the last stop; what: why these are shown."""

    address: int
    data: Sequence[int | None]
    labels: Mapping[int, str]
    changed: frozenset[int]
    what: str = ""


class Process(NamedTuple):
    """queue: the name of the one that holds it, or ""; changed: its state is another than at the last stop."""

    pid: int
    ppid: int
    state: str
    name: str
    queue: str
    pcb: int
    running: bool
    changed: bool


class PcbField(NamedTuple):
    """A field of a PCB. offset, size: bytes; text: the value as people read it; comment: what it is for."""

    name: str
    offset: int
    size: int
    text: str
    comment: str
    changed: bool


class Event(NamedTuple):
    """A mark on the timeline. kind: "call", "fault", "interrupt", "switch"; what: its name; source, target: where the
    hart came from and went to; saved: words that the hart and then the kernel keep of where it was, by name; pid: of
    the process concerned."""

    position: int
    kind: str
    what: str
    source: str
    target: str
    saved: Sequence[tuple[str, int]] = ()
    pid: int | None = None


class Positions(NamedTuple):
    """Of the marks of a run, in order: of all, and of those that are context switches."""

    marks: Sequence[int] = ()
    switches: Sequence[int] = ()


@dataclass(frozen=True)
class View:
    """What the session says at a stop. state: STOPPED, WAITS (for input) or ENDED. span: first and last position known.
    output: of the console, up to here and from here on. values: what the next view is compared with; compared: what
    this one was compared with."""

    place: Where
    state: str = STOPPED
    span: tuple[int, int] = (0, 0)
    source: Source | None = None
    code: Sequence[Instruction] = ()
    registers: Sequence[Register] = ()
    windows: Sequence[Window] = ()
    stack: Sequence[Frame] = ()
    words: Sequence[tuple[int, int, str]] = ()  # of the stack: address, word, symbol that it points to
    memory: Memory | None = None
    processes: Sequence[Process] = ()
    queues: Sequence[tuple[str, Sequence[int]]] = ()
    pcb: Sequence[PcbField] = ()
    pcb_of: Process | None = None
    events: Sequence[Event] = ()  # around the present position
    positions: Positions = Positions()
    output: tuple[bytes, bytes] = (b"", b"")
    values: Mapping[tuple[object, ...], int | str] = field(default_factory=dict)
    compared: Mapping[tuple[object, ...], int | str] = field(default_factory=dict)
