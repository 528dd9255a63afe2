"""One thing is varied, all else is held: call depth, windows, processes, calls between switches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.context_switch.experiments import Done, Experiment, Scope, Unit, solo, switch, units, whole, with_solo
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.moments import CLOCK, YIELD
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value
from toyos.variants import WINDOWED_MODES, WINDOWS, WINDOWS_DEFAULT

LAPS = 8


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
    logarithmic: str = ""


def _depth(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting, Ring(2, LAPS, depth=x)


def _windows(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return replace(setting, windows=x), Ring(2, LAPS, depth=6)


def _processes(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting, Ring(x, LAPS, depth=1)


def _footprint(setting: Setting, x: int) -> tuple[Setting, Ring]:
    return setting, Ring(4, LAPS, footprint=x * 1024)


def _has_windows(setting: Setting) -> bool:
    return setting.mode in WINDOWED_MODES


SWEEPS = (
    Sweep(
        "depth", "Cost of a switch by the depth of calls", "calls on the stack when the switch comes",
        "2 processes; every lap goes down, yields, comes up", (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20),
        (0, 2, 4, 6, 8, 12), _depth,
    ),
    Sweep(
        "windows", "Cost of a switch by the number of register windows", "register windows of the machine",
        "2 processes, 6 calls deep", (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32), (2, 4, 8, 16, 32), _windows, _has_windows,
    ),
    Sweep(
        "processes", "Cost of a switch by the number of processes", "processes in the ring",
        "1 call deep", (2, 3, 4, 5, 6, 7, 8, 10, 12, 16), (2, 3, 4, 6, 8), _processes,
    ),
    Sweep(
        "footprint", "Cost of a switch by the footprint of each process", "KiB that each process sums between switches",
        "4 processes", (0, 1, 2, 4, 8, 16, 24, 32, 48, 64), (0, 4, 16, 64), _footprint,
    ),
)  # fmt: skip


def points(scope: Scope, sweep: Sweep) -> tuple[int, ...]:
    """-> the values of x."""
    return sweep.quick if scope.quick else sweep.xs


def _job(scope: Scope, sweep: Sweep, setting: Setting, x: int) -> Job:
    return scope.job(*sweep.point(setting, x))


def _jobs(scope: Scope) -> list[Job]:
    return with_solo([
        _job(scope, sweep, setting, x)
        for sweep in SWEEPS
        for setting in scope.settings
        if sweep.settings(setting)
        for x in points(scope, sweep)
    ])  # fmt: skip


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    sheets, figures = [], []
    counted = units([scope.model])
    for sweep in SWEEPS:
        settings = [setting for setting in scope.settings if sweep.settings(setting)]
        for unit in [counted[1], counted[-1]] if settings else []:
            sheet = _sheet(scope, done, sweep, settings, unit)
            sheets.append(sheet)
            figures.append(_figure(scope, sweep, sheet))
    return sheets, figures


def _sheet(scope: Scope, done: Done, sweep: Sweep, settings: Sequence[Setting], unit: Unit) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for x in points(scope, sweep):
        bills = [switch(done, _job(scope, sweep, setting, x)) for setting in settings]
        values = [whole(bill, unit, setting.mode) for bill, setting in zip(bills, settings, strict=True)]
        rows.append((x, *values))
    # Where the number of windows is what is varied, it is no part of the settings' names.
    labels = [f"{s.mode} {s.variant}" if sweep.point is _windows else s.label for s in settings]
    name = f"sweep-{sweep.name}-{unit.name.split(',')[0].replace(' ', '-')}"
    return Sheet(name, sweep.title, (sweep.label, *labels), tuple(rows), f"{unit.name} per switch", (sweep.note,))


def _figure(scope: Scope, sweep: Sweep, sheet: Sheet) -> Figure:
    xs = tuple(float(row[0] or 0) for row in sheet.rows)
    series = [Series(name, tuple(_number(value) for value in sheet.column(name))) for name in sheet.columns[1:]]
    return Figure(
        sheet.name, sweep.title, "lines", sweep.label, sheet.unit, xs, tuple(series), f"{sweep.note}. {scope.note}",
        sweep.logarithmic,
    )  # fmt: skip


def _number(value: Value) -> float | None:
    return round(value, 3) if isinstance(value, int | float) else None


SWEEP = Experiment("sweeps", _jobs, _results)
