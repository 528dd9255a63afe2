"""The itemised bill of a context switch."""

from __future__ import annotations

from benchmarks.context_switch.experiments import Done, Experiment, Scope, Unit, cycles, sizes, switch, units, with_solo
from benchmarks.context_switch.measurement import Job, Measurement
from benchmarks.context_switch.moments import LINES
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value

DEPTH = 4
VOLUNTARY = Ring(processes=2, depth=DEPTH)
PREEMPTIVE = Ring(processes=2, depth=DEPTH, preemptive=True)
TITLES = {VOLUNTARY: "Bill of a voluntary switch", PREEMPTIVE: "Bill of a preemptive switch"}
NAMES = {VOLUNTARY: "bill-voluntary", PREEMPTIVE: "bill-preemptive"}
TOTAL = "total"


def _jobs(scope: Scope) -> list[Job]:
    return with_solo([job for setting in scope.settings for ring in TITLES for job in scope.jobs(setting, ring)])


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    """-> the bills: lines down, settings across; as pictures in the first model's cycles."""
    sheets, figures = [], []
    for ring, title in TITLES.items():
        sheets += [_sheet(scope, done, ring, unit) for unit in units(scope) if any(map(unit.applies, scope.settings))]
        figures.append(_figure(scope, done, ring, cycles(scope.model), title))
    return sheets, figures


def values(scope: Scope, done: Done, ring: Ring, unit: Unit) -> dict[str, list[float]]:
    """-> setting -> its lines, in a unit that applies to it."""
    result = {}
    for setting in filter(unit.applies, scope.settings):
        bill = switch(done, scope.job(setting, ring, unit.model))
        result[setting.label] = [unit.total(bill, (line,)) for line in LINES]
    return result


def _sheet(scope: Scope, done: Done, ring: Ring, unit: Unit) -> Sheet:
    found = values(scope, done, ring, unit)
    rows: list[tuple[Value, ...]] = [(line, *column) for line, *column in zip(LINES, *found.values(), strict=True)]
    rows.append((TOTAL, *map(sum, found.values())))
    title = f"{TITLES[ring]} between two processes, {DEPTH} calls deep"
    settings = filter(unit.applies, scope.settings)
    notes = (sizes(done, [scope.job(setting, ring, unit.model) for setting in settings]),)
    return Sheet(f"{NAMES[ring]}-{unit.slug}", title, ("line", *found), tuple(rows), unit.name, notes)


def _figure(scope: Scope, done: Done, ring: Ring, unit: Unit, title: str) -> Figure:
    found = values(scope, done, ring, unit)
    layers = zip(LINES, zip(*found.values(), strict=True), strict=True)
    return Figure(
        name=f"{NAMES[ring]}-{unit.quantity}",
        title=title,
        kind="bars",
        x_label="mode, kernel variant, register windows (words in the register file / bytes of a PCB)",
        y_label=f"{unit.long_name} per switch",
        x=tuple(_place(setting, done[scope.job(setting, ring)]) for setting in scope.settings),
        series=tuple(Series(line, tuple(round(value, 3) for value in layer)) for line, layer in layers),
        note=f"2 processes, {DEPTH} calls deep, no array. {scope.note}",
    )


def _place(setting: Setting, found: Measurement) -> str:
    """-> what is written below a bar."""
    name = setting.label.replace(" ", "\n")
    return f"{name}\n({setting.registers} / {found.pcb})"


BILL = Experiment(Name.BILL, _jobs, _results)
