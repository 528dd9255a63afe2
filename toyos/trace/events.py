"""What happens in a run, as records: what the recorder tells, one after the other, and every output is made of.

Each has `at`, the number of instructions started until then, `clock`, the same with the time in which the hart slept
(vm.arch.TIMEBASE_HZ * CLOCKS_PER_TICK a second), and `pid`, whose business it is. Event.data() is the record for JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from vm.arch import CLOCKS_PER_TICK, TIMEBASE_HZ

CLOCKS_A_MICROSECOND = TIMEBASE_HZ * CLOCKS_PER_TICK / 1e6
NEW, READY, RUNNING, SLEEP, ZOMBIE, FREE = "New", "Ready", "Running", "Sleep", "Zombie", "Free"
STATES = (NEW, READY, RUNNING, SLEEP, ZOMBIE)  # of a process; FREE is a PCB that is none any more


def microseconds(clock: int) -> float:
    """Clocks -> virtual microseconds."""
    return clock / CLOCKS_A_MICROSECOND


@dataclass(frozen=True)
class Event:
    """One moment. pid: None before the kernel has made its first process."""

    KIND: ClassVar[str] = ""
    at: int
    clock: int
    pid: int | None

    def data(self) -> dict[str, Any]:
        """-> plain values by name, "kind" first."""
        rest = {each.name: getattr(self, each.name) for each in fields(self)}
        clock = rest.pop("clock")
        return {"kind": self.KIND, "at": rest.pop("at"), "us": microseconds(clock), **rest}


@dataclass(frozen=True)
class StateChange(Event):
    """A process's state is another one. on: the name of the queue that it sleeps on; name: the process's."""

    KIND = "state"
    before: str
    after: str
    on: str
    name: str


@dataclass(frozen=True)
class Fork(Event):
    """A process is made: New becomes Ready. Of process 1 the parent is process 0."""

    KIND = "fork"
    child: int


@dataclass(frozen=True)
class Exec(Event):
    """The process has given up its old program. name: the new one's, as in the PCB."""

    KIND = "exec"
    path: str
    name: str


@dataclass(frozen=True)
class Exit(Event):
    """The process ends. status: as wait(2) has it; value: as stval, if an exception is the reason."""

    KIND = "exit"
    status: int
    value: int | None


@dataclass(frozen=True)
class Reap(Event):
    """The process has waited for this child, whose PCB becomes free."""

    KIND = "reap"
    child: int


@dataclass(frozen=True)
class Adopt(Event):
    """The process is the new parent of an orphan."""

    KIND = "adopt"
    child: int


@dataclass(frozen=True)
class Switch(Event):
    """The hart goes from this process to another. voluntary: it slept, yielded or ended; else its quantum was over."""

    KIND = "switch"
    to: int
    voluntary: bool


@dataclass(frozen=True)
class Trap(Event):
    """The hart has entered the kernel. cause: as scause has it; pc, value: as sepc and stval."""

    KIND = "trap"
    cause: int
    name: str
    pc: int
    value: int


@dataclass(frozen=True)
class Copy(Event):
    """A page of the process that was shared is copied, because it is written to. address: what was written."""

    KIND = "copy"
    address: int


@dataclass(frozen=True)
class Fault(Event):
    """The kernel has dealt with an exception of the process other than a system call. access: "read", "write" or
    "execute", "" where it is no page fault; outcome: one of OUTCOMES; since, since_clock: when the kernel began to."""

    KIND = "fault"
    cause: int
    name: str
    pc: int
    value: int
    access: str
    outcome: str
    since: int
    since_clock: int

    def data(self) -> dict[str, Any]:
        """-> the same, with the time since when in microseconds."""
        rest = super().data()
        rest["since_us"] = microseconds(rest.pop("since_clock"))
        return rest


COPIED, OWNED, GROWN, FATAL, REPEATED = "copied", "unshared", "grown", "fatal", "repeated"
OUTCOMES = {
    COPIED: "a page that was shared is copied",
    OWNED: "a page that nobody else has any more becomes writable",
    GROWN: "a page is added to the stack",
    FATAL: "the process ends",
    REPEATED: "the page is there already: the instruction is executed again",
}


@dataclass(frozen=True)
class Attempt:
    """The kernel at work on a system call: from the trap's arrival in system_call to its result, or to sleep."""

    at: int
    clock: int
    until: int
    until_clock: int


@dataclass
class Call:
    """A system call, from its first attempt to its result: one that sleeps is attempted again when it is woken.

    words: the four argument registers; texts: the arguments as strace prints them, None for what only the result tells
    while there is none; result: None when the call never returned; returned: its result as text, such as
    "-1 ENOENT (No such file or directory)"; ended: when, in instructions and clocks, None while it has not.
    """

    pid: int
    number: int
    name: str
    words: tuple[int, int, int, int]
    pc: int
    texts: list[str | None]
    attempts: list[Attempt] = field(default_factory=list)
    result: int | None = None
    returned: str = "?"
    failed: bool = False
    ended: tuple[int, int] | None = None

    @property
    def instructions(self) -> int:
        """-> instructions of the kernel's work on it."""
        return sum(attempt.until - attempt.at for attempt in self.attempts)


@dataclass(frozen=True)
class CallEvent(Event):
    """Something about a system call."""

    call: Call

    def data(self) -> dict[str, Any]:
        call = self.call
        return {
            "kind": self.KIND, "at": self.at, "us": microseconds(self.clock), "pid": self.pid, "name": call.name,
        }  # fmt: skip


@dataclass(frozen=True)
class CallBegins(CallEvent):
    """A process makes a system call."""

    KIND = "call"


@dataclass(frozen=True)
class CallSleeps(CallEvent):
    """It has to wait, and will be made again."""

    KIND = "call sleeps"


@dataclass(frozen=True)
class CallEnds(CallEvent):
    """It has a result, or its process has ended."""

    KIND = "call ends"
