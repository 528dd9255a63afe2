"""The token ring, as in lmbench's lat_ctx: what a pass costs when processes and their arrays outgrow the cache."""

from __future__ import annotations

from benchmarks.context_switch.experiments import (
    LARGE,
    Done,
    Experiment,
    Scope,
    cycles,
    large,
    sizes,
    switch,
    with_solo,
)
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value

KIB = 1024
PROCESSES, FOOTPRINTS = (2, 4, 8, 16), (0, 16, 32, 64)
QUICK_PROCESSES = (2, 4, 8)
LAPS = 4


def numbers(scope: Scope) -> tuple[int, ...]:
    """-> how many processes."""
    return QUICK_PROCESSES if scope.quick else PROCESSES


def _job(setting: Setting, processes: int, footprint: int) -> Job:
    return large(setting, Ring(processes, LAPS, footprint=footprint * KIB))


def _jobs(scope: Scope) -> list[Job]:
    return with_solo(
        [_job(s, number, size) for s in scope.settings for number in numbers(scope) for size in FOOTPRINTS]
    )


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    unit = cycles(scope.model)
    columns = ("setting", "processes", *(f"{size} KiB" for size in FOOTPRINTS))
    rows: list[tuple[Value, ...]] = []
    for setting in scope.settings:
        for number in numbers(scope):
            bills = [switch(done, _job(setting, number, size)) for size in FOOTPRINTS]
            rows.append((setting.label, number, *map(unit.total, bills)))
    title = "Token ring: a pass of the processor to the next process, by the array that each sums"
    few = min(numbers(scope)), min(FOOTPRINTS)
    beside = sizes(done, [_job(setting, *few) for setting in scope.settings])
    sheet = Sheet("ring", title, columns, tuple(rows), unit.name, (*NOTES, beside))
    return [sheet], [_figure(scope, sheet, setting) for setting in scope.settings[:1]]


NOTES = (
    "The token is the processor itself: sched_yield, and a ready queue that is first come, first served. A pass is the "
    "kernel's trip and the misses beyond those of one process that goes round alone (lmbench subtracts the same). "
    f"Simulated: {LARGE.description}.",
)


def _figure(scope: Scope, sheet: Sheet, setting: Setting) -> Figure:
    mine = [row for row in sheet.rows if row[0] == setting.label]
    series = []
    for place, size in enumerate(FOOTPRINTS):
        series.append(Series(f"{size} KiB each", tuple(float(row[2 + place] or 0) for row in mine)))
    return Figure(
        "ring", f"Token ring on {setting.label}: a knee where the arrays exceed the cache", "lines", "processes",
        f"{cycles(scope.model).long_name} per pass", tuple(float(row[1] or 0) for row in mine), tuple(series),
        f"each process sums its own array, then yields. {scope.large_note}", "x",
    )  # fmt: skip


RING = Experiment(Name.RING, _jobs, _results)
