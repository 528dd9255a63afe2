"""Why a run of a machine ended, and what it reports of a trap: plain records."""

from __future__ import annotations

from typing import NamedTuple

from vm import arch


class Stop(NamedTuple):
    """Why run() returned. reason: "halt" (status: the guest's exit status), "limit" (the instructions are used up),
    "idle" (the hart sleeps, and only console input could wake it), "pause" (Machine.pause returned early), "stopped" (a
    trap of cisc mode's machine mode found neither stack nor vector, so that the hart does nothing any more), "point" (a
    point of vm/marks.py that is armed was met)."""

    reason: str
    status: int | None = None


class TrapRecord(NamedTuple):
    """A trap as --trace-traps shows it. started: instructions started before the handler's first one."""

    started: int
    name: str
    cause: int
    pc: int
    value: int
    source: int
    target: int
    handler: int

    def __str__(self) -> str:
        what = f"{self.name} at {self.pc:#010x}, value {self.value:#x}"
        modes = f"{arch.PRIV_NAMES[self.source]} -> {arch.PRIV_NAMES[self.target]}"
        return f"{self.started:>12} {what}, {modes}, to {self.handler:#010x}"
