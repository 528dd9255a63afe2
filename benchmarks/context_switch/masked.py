"""How long interrupts stay off: the longest stretch that the kernel spends on one trap."""

from __future__ import annotations

from benchmarks.context_switch.experiments import Done, Experiment, Scope, sizes
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value

NOTE = "2 processes that yield to each other"
DEPTHS, QUICK_DEPTHS = (0, 1, 2, 3, 4, 6, 8), (0, 2, 4, 8)


def _depths(scope: Scope) -> tuple[int, ...]:
    return QUICK_DEPTHS if scope.quick else DEPTHS


def _job(scope: Scope, setting: Setting, depth: int) -> Job:
    return scope.job(setting, Ring(2, 8, depth))


def _jobs(scope: Scope) -> list[Job]:
    return [_job(scope, setting, depth) for setting in scope.settings for depth in _depths(scope)]


def longest(done: Done, job: Job) -> int:
    """-> instructions of the longest trip into the kernel."""
    return max(done[job].longest.values())


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    rows: list[tuple[Value, ...]] = [
        (depth, *(longest(done, _job(scope, setting, depth)) for setting in scope.settings)) for depth in _depths(scope)
    ]
    title = "Longest time with interrupts off, by the depth of calls"
    columns = ("depth", *(setting.label for setting in scope.settings))
    beside = sizes(done, [_job(scope, setting, 0) for setting in scope.settings])
    sheet = Sheet("masked", title, columns, tuple(rows), "instructions", (NOTE, beside))
    series = [Series(name, tuple(float(value or 0) for value in sheet.column(name))) for name in columns[1:]]
    figure = Figure(
        "masked", title, "lines", "calls on the stack when the switch comes", "instructions with interrupts off",
        tuple(map(float, _depths(scope))), tuple(series), NOTE,
    )  # fmt: skip
    return [sheet], [figure]


MASKED = Experiment(Name.MASKED, _jobs, _results)
