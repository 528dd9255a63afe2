"""The primitives of Anderson et al. (1991): system call, trap, change of a page-table entry, context switch."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.context_switch.bill import Bill
from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.experiments import (
    INSTRUCTIONS,
    Done,
    Experiment,
    Scope,
    cycles,
    switch,
    units,
    with_solo,
)
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.moments import FAULT, GETPID, PAGE_TABLE, YIELD
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring, Traps
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet, Value

TRAPS = Traps()
RING = Ring(processes=2)
SHARED = replace(RING, together=True)
PREEMPTED = replace(RING, preemptive=True)
NAMES = (
    "null call", "trap", "PTE change", "yield, no switch", "switch, one space", "voluntary switch", "preemptive switch",
)  # fmt: skip


def _jobs(scope: Scope) -> list[Job]:
    found = []
    for setting in scope.settings:
        found += scope.jobs(setting, TRAPS)
        for ring in (RING, SHARED, PREEMPTED):
            found += with_solo(scope.jobs(setting, ring))
    return found


def bills(scope: Scope, done: Done, setting: Setting, model: CostModel | None = None) -> dict[str, Bill]:
    """-> each primitive's bill, with the caches of a model (the first)."""
    traps = done[scope.job(setting, TRAPS, model)]
    fault = traps.bill(FAULT)
    change = {line: counts for line, counts in fault.lines.items() if line == PAGE_TABLE}
    rest = {line: counts for line, counts in fault.lines.items() if line != PAGE_TABLE}
    found = [traps.bill(GETPID), Bill(fault.trips, rest), Bill(fault.trips, change), traps.bill(YIELD)]
    found += [switch(done, scope.job(setting, ring, model)) for ring in (SHARED, RING, PREEMPTED)]
    return dict(zip(NAMES, found, strict=True))


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    sheets = [_machines(scope, done)]
    for unit in units(scope):
        rows: list[tuple[Value, ...]] = []
        for setting in filter(unit.applies, scope.settings):
            values = [unit.total(bill) for bill in bills(scope, done, setting, unit.model).values()]
            rows.append((setting.label, setting.registers, done[scope.job(setting, TRAPS)].state, *values))
        if rows:
            notes = NOTES if unit == INSTRUCTIONS else ()
            columns = ("setting", "registers", "saved bytes", *NAMES)
            sheets.append(Sheet(f"primitives-{unit.slug}", "Primitives", columns, tuple(rows), unit.name, notes))
    return [*sheets, _times(scope, done)], []


def _times(scope: Scope, done: Done) -> Sheet:
    """-> microseconds, each setting under the models that are made for its mode."""
    rows: list[tuple[Value, ...]] = []
    for model in scope.models[1:]:
        unit = cycles(model)
        for setting in filter(unit.applies, scope.settings):
            found = bills(scope, done, setting, model).values()
            rows.append((setting.label, model.name, *(model.microseconds(unit.total(bill)) for bill in found)))
    return Sheet("primitives-time", "Primitives", ("setting", "model", *NAMES), tuple(rows), "microseconds")


NOTES = (
    "null call: getpid. trap: a store to a page that must first be made writable, without that. PTE change: "
    "finding and changing its entry, and making the hart forget the old one.",
    "switches: sched_yield, or the timer, to another process, with the refills that they cause later. One space: two "
    "processes that the host has put into one address space, as this kernel makes no threads yet.",
)


def _machines(scope: Scope, done: Done) -> Sheet:
    rows = []
    for setting in scope.settings:
        found = done[scope.job(setting, TRAPS)]
        rows.append((setting.label, setting.registers, found.state, found.pcb))
    columns = ("setting", "register file (words)", "saved state in the PCB (bytes)", "PCB (bytes)")
    return Sheet("settings", "What is compared", columns, tuple(rows))


PRIMITIVES = Experiment(Name.PRIMITIVES, _jobs, _results)
