"""One job, a setting and a workload -> a measurement: the bills of its trips into the kernel. Small, and plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.context_switch import moments
from benchmarks.context_switch.bill import Bill, Trip, bill, total, trips
from benchmarks.context_switch.recording import Memory, Recording, record
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Workload

Counts = dict[str, int]
WINDOW_LINES = {moments.OVERFLOW: moments.WINDOW_SPILL, moments.UNDERFLOW: moments.WINDOW_FILL}
YIELD, CLOCK, GETPID, FAULT = "yield", moments.CLOCK, "getpid", moments.FAULT


@dataclass(frozen=True)
class Job:
    """What is run."""

    setting: Setting
    workload: Workload
    memory: Memory = Memory()


@dataclass(frozen=True)
class Measurement:
    """What came of it. bills: (kind of trip, whether another process went on) -> the sum of such trips; user: counted in
    user mode; laps: of all processes of a Ring together; longest: instructions that the longest trip of each kind kept
    interrupts off; state, pcb: bytes of a process's registers in its PCB, and of the PCB."""

    bills: dict[tuple[str, bool], Bill]
    user: Counts
    laps: int
    longest: dict[tuple[str, bool], int]
    state: int
    pcb: int

    def bill(self, kind: str, switched: bool = False) -> Bill:
        """-> the bill of trips of a kind. KeyError when there was none."""
        return self.bills[kind, switched]

    def switches(self) -> int:
        """-> context switches in the measured part."""
        return sum(found.trips for (_, switched), found in self.bills.items() if switched)


def borders(mode: str) -> Instructions:
    """Mode -> what the instructions at the kernel's borders count."""
    from vm.isa import codec

    return Instructions({}, {})
