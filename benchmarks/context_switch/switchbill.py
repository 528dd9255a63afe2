"""The itemised bill of a context switch."""

from __future__ import annotations

from benchmarks.context_switch.experiments import Done, Experiment, Scope, Unit, switch, units, whole, with_solo
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.moments import LINES
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value

DEPTH = 4
VOLUNTARY = Ring(processes=2, depth=DEPTH)
PREEMPTIVE = Ring(processes=2, depth=DEPTH, preemptive=True)
TITLES = {VOLUNTARY: "Bill of a voluntary switch", PREEMPTIVE: "Bill of a preemptive switch"}
NAMES = {VOLUNTARY: "bill-voluntary", PREEMPTIVE: "bill-preemptive"}
TOTAL = "total"


def jobs(scope: Scope) -> list[Job]:
    """-> rings of two at some depth, for each setting."""
    return with_solo([scope.job(setting, ring) for setting in scope.settings for ring in TITLES])


def results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    """-> the bills: lines down, settings across; as a picture in instructions, words and the first model's cycles."""
    sheets, figures = [], []
    for ring, title in TITLES.items():
        for unit in units(scope.models):
            sheet = _sheet(scope, done, ring, unit)
            if len(sheet.columns) > 1:
                sheets.append(sheet)
        for unit in units([scope.model]):
            figures.append(_figure(scope, done, ring, unit, title))
    return sheets, figures


def values(scope: Scope, done: Done, ring: Ring, unit: Unit) -> dict[str, list[float | None]]:
    """-> setting -> the lines' values in a unit, None where that does not apply."""
    result = {}
    for setting in scope.settings:
        bill = switch(done, scope.job(setting, ring))
        result[setting.label] = [whole(bill, unit, setting.mode, (line,)) for line in LINES]
    return result


def _sheet(scope: Scope, done: Done, ring: Ring, unit: Unit) -> Sheet:
    found = {label: lines for label, lines in values(scope, done, ring, unit).items() if None not in lines}
    rows: list[tuple[Value, ...]] = [
        (line, *(lines[place] for lines in found.values())) for place, line in enumerate(LINES)
    ]
    rows.append((TOTAL, *(sum(value or 0 for value in lines) for lines in found.values())))
    name = f"{NAMES[ring]}-{unit.name.replace(', ', '-').replace(' ', '-')}"
    title = f"{TITLES[ring]} between two processes, {DEPTH} calls deep"
    return Sheet(name, title, ("line", *found), tuple(rows), unit.name)


def _figure(scope: Scope, done: Done, ring: Ring, unit: Unit, title: str) -> Figure:
    found = values(scope, done, ring, unit)
    series = [
        Series(line, tuple(round(lines[place] or 0, 3) for lines in found.values())) for place, line in enumerate(LINES)
    ]
    return Figure(
        name=f"{NAMES[ring]}-{unit.name.split(',')[0].replace(' ', '-')}",
        title=title,
        kind="bars",
        x_label="mode, kernel variant, register windows",
        y_label=f"{unit.name} per switch",
        x=tuple(found),
        series=tuple(each for each in series if any(each.y)),
        note=f"2 processes, {DEPTH} calls deep, no array. {scope.note}",
    )


BILL = Experiment("bill", jobs, results)
