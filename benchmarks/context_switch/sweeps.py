"""One thing is varied, all else is held: call depth, windows, processes, calls between switches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.context_switch.experiments import (
    WORDS,
    Done,
    Experiment,
    Scope,
    Unit,
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
from toyos.variants import PART_WINDOWS, WINDOWED_MODES

LAPS = 8
PARTS = 2  # of the windows, where their number is varied


@dataclass(frozen=True)
class Sweep:
    """A series of jobs a setting. label, text: of the axis; point: (setting, x) -> what is run; quick: fewer x."""

    name: str
    title: str
    label: str
    note: str
    xs: tuple[int, ...]
    quick: tuple[int, ...]
    point: Callable[[Setting, int], tuple[Setting, Ring]]
    settings: Callable[[Setting], bool] = lambda setting: True
    fits: Callable[[Setting, int], bool] = lambda setting, x: True
    scale: str = ""
    large: bool = False  # with LARGE caches

    def label_of(self, setting: Setting) -> str:
        """-> the setting's name, without what is varied."""
        ends = [self.point(setting, x)[0].label for x in self.xs[-2:]]
        return ends[0] if ends[0] == ends[1] else f"{setting.mode} {setting.variant}"


def _depth(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting, Ring(2, LAPS, depth=x)


def _windows(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting.resized(x, PARTS), Ring(2, LAPS, depth=6)


def _processes(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting.resized(32, 4), Ring(x, LAPS, depth=3)


def _footprint(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting, Ring(4, LAPS, footprint=x * 1024)


def _has_windows(setting: Setting) -> bool:
    return setting.mode in WINDOWED_MODES


def _divisible(setting: Setting, x: int) -> bool:
    return not setting.parts or x >= PARTS * PART_WINDOWS


SWEEPS = (
    Sweep(
        "depth", "Cost of a switch by the depth of calls", "calls on the stack when the switch comes",
        "2 processes; every lap goes down, yields, comes up", (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20),
        (0, 2, 4, 6, 8, 12), _depth,
    ),
    Sweep(
        "windows", "Cost of a switch by the number of register windows", "register windows of the machine",
        f"2 processes, 6 calls deep; partition: {PARTS} parts", (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32),
        (2, 4, 8, 16, 32), _windows, _has_windows, _divisible, "x",
    ),
    Sweep(
        "processes", "Cost of a switch by the number of processes", "processes in the ring",
        "3 calls deep; 32 register windows, partition: 4 parts", (2, 3, 4, 5, 6, 7, 8, 10, 12, 16), (2, 3, 4, 6, 8),
        _processes,
    ),
    Sweep(
        "footprint", "Cost of a switch by the footprint of each process", "KiB that each process sums between switches",
        "4 processes", (0, 2, 4, 8, 12, 16, 20, 24, 32, 48, 64), (0, 8, 16, 24, 32, 64), _footprint, scale="y",
        large=True,
    ),
)  # fmt: skip


def points(scope: Scope, sweep: Sweep) -> tuple[int, ...]:
    """-> the values of x."""
    return sweep.quick if scope.quick else sweep.xs


def _job(scope: Scope, sweep: Sweep, setting: Setting, x: int) -> Job:
    return large(*sweep.point(setting, x)) if sweep.large else scope.job(*sweep.point(setting, x))


def _jobs(scope: Scope) -> list[Job]:
    return with_solo([
        _job(scope, sweep, setting, x)
        for sweep in SWEEPS
        for setting in scope.settings
        if sweep.settings(setting)
        for x in points(scope, sweep)
        if sweep.fits(setting, x)
    ])  # fmt: skip


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    sheets, figures = [], []
    for sweep in SWEEPS:
        settings = [setting for setting in scope.settings if sweep.settings(setting)]
        for unit in (WORDS, cycles(scope.model)) if settings else ():
            sheet = _sheet(scope, done, sweep, settings, unit)
            sheets.append(sheet)
            figures.append(_figure(scope, sweep, sheet))
    return sheets, figures


def _sheet(scope: Scope, done: Done, sweep: Sweep, settings: Sequence[Setting], unit: Unit) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for x in points(scope, sweep):
        found = [_job(scope, sweep, setting, x) if sweep.fits(setting, x) else None for setting in settings]
        rows.append((x, *(None if job is None else unit.total(switch(done, job)) for job in found)))
    labels = [sweep.label_of(setting) for setting in settings]
    name = f"sweep-{sweep.name}-{unit.quantity.replace(' ', '-')}"
    # Where windows are varied the file is what the axis says; a PCB does not depend on it.
    last = points(scope, sweep)[-1]
    beside = sizes(done, [_job(scope, sweep, setting, last) for setting in settings])
    notes = (sweep.note, beside)
    return Sheet(name, sweep.title, (sweep.label, *labels), tuple(rows), f"{unit.long_name} per switch", notes)


def _figure(scope: Scope, sweep: Sweep, sheet: Sheet) -> Figure:
    xs = tuple(float(row[0] or 0) for row in sheet.rows)
    series = [Series(name, tuple(_number(value) for value in sheet.column(name))) for name in sheet.columns[1:]]
    return Figure(
        sheet.name, sweep.title, "lines", sweep.label, sheet.unit, xs, tuple(series),
        f"{sweep.note}. {scope.large_note if sweep.large else scope.note}", sweep.scale,
    )  # fmt: skip


def _number(value: Value) -> float | None:
    return round(value, 3) if isinstance(value, int | float) else None


SWEEP = Experiment(Name.SWEEPS, _jobs, _results)
