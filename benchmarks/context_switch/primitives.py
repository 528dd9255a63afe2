"""The primitives of Anderson, Levy, Bershad and Lazowska (1991): system call, trap, page-table entry, context switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.context_switch.bill import Bill
from benchmarks.context_switch.experiments import Done, Experiment, Scope, switch, units, whole, with_solo
from benchmarks.context_switch.measurement import Job, Measurement
from benchmarks.context_switch.moments import FAULT, GETPID, PAGE_TABLE, YIELD
from benchmarks.context_switch.published import ANDERSON
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring, Traps
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet

RING = Ring(processes=2)
SHARED = replace(RING, together=True)
PREEMPTED = replace(RING, preemptive=True)
NAMES = (
    "null system call", "trap", "PTE change", "yield to itself", "switch in one address space", "voluntary switch",
    "preemptive switch",
)  # fmt: skip


def jobs(scope: Scope) -> list[Job]:
    """-> for each setting the traps, and rings of two."""
    rings = [scope.job(setting, ring) for setting in scope.settings for ring in (RING, SHARED, PREEMPTED)]
    return [Job(setting, Traps(), scope.memory) for setting in scope.settings] + with_solo(rings)


def bills(scope: Scope, done: Done, setting: Setting) -> Iterator[tuple[str, Bill]]:
    """-> each primitive and its bill."""
    traps: Measurement = done[Job(setting, Traps(), scope.memory)]
    fault = traps.bill(FAULT)
    change = {line: counts for line, counts in fault.lines.items() if line == PAGE_TABLE}
    rest = {line: counts for line, counts in fault.lines.items() if line != PAGE_TABLE}
    found = [traps.bill(GETPID), Bill(fault.trips, rest), Bill(fault.trips, change), traps.bill(YIELD)]
    found += [switch(done, scope.job(setting, ring)) for ring in (SHARED, RING, PREEMPTED)]
    return zip(NAMES, found, strict=True)


def results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    """-> a table for each unit, and one of the machines."""
    sheets = [_machines(scope, done)]
    for unit in units(scope.models):
        rows = []
        for setting in scope.settings:
            values = [whole(bill, unit, setting.mode) for _, bill in bills(scope, done, setting)]
            if None not in values:
                rows.append((setting.label, setting.registers, _state(scope, done, setting), *values))
        if rows:
            notes = NOTES if unit.name == "instructions" else ()
            columns = ("setting", "register file (words)", "saved state (bytes)", *NAMES)
            name = f"primitives-{unit.name.replace(', ', '-').replace(' ', '-')}"
            sheets.append(Sheet(name, "Primitives", columns, tuple(rows), unit.name, notes))
    return sheets, []


NOTES = (
    "null system call: getpid. trap: a store to a page that must first be made writable, without that. PTE change: "
    "finding and changing its entry, and making the hart forget the old one.",
    "switches: sched_yield, or the timer, to another process, with the refills that they cause later. In one address "
    "space: two processes that the host has put into one, as this kernel makes no threads yet.",
    *ANDERSON.notes(),
)


def _state(scope: Scope, done: Done, setting: Setting) -> int:
    return done[Job(setting, Traps(), scope.memory)].state


def _machines(scope: Scope, done: Done) -> Sheet:
    rows = []
    for setting in scope.settings:
        found = done[Job(setting, Traps(), scope.memory)]
        rows.append((setting.label, setting.registers, found.state, found.pcb))
    columns = ("setting", "register file (words)", "saved state in the PCB (bytes)", "PCB (bytes)")
    return Sheet("settings", "What is compared", columns, tuple(rows))


PRIMITIVES = Experiment("primitives", jobs, results)


