"""Threads that a program makes for itself: they switch by a procedure call, and so save only what calls keep."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.experiments import (
    INSTRUCTIONS,
    WORDS,
    Counts,
    Done,
    Experiment,
    Scope,
    cycles,
)
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Coroutines
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet, Value

DEPTHS = (0, 4)


def _jobs(scope: Scope) -> list[Job]:
    found = []
    for setting in scope.settings:
        for depth in DEPTHS:
            passing = Coroutines(depth=depth)
            for workload in (passing, replace(passing, passing=False)):
                found += scope.jobs(setting, workload)
    return found


def switch(done: Done, job: Job) -> Counts:
    """A job that passes -> what is counted for one hand-over: a lap with it less a lap without."""
    assert isinstance(job.workload, Coroutines)
    there = done[job].lap()
    without = done[replace(job, workload=replace(job.workload, passing=False))].lap()
    names = dict.fromkeys((*there, *without))
    return {name: there.get(name, 0) - without.get(name, 0) for name in names}


def counts(scope: Scope, done: Done, setting: Setting, depth: int, model: CostModel | None = None) -> Counts:
    """-> the same, by setting and depth, with the caches of a model (the first)."""
    return switch(done, scope.job(setting, Coroutines(depth=depth), model))


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    units = (INSTRUCTIONS, WORDS, cycles(scope.model))
    rows: list[tuple[Value, ...]] = []
    for setting in scope.settings:
        found = [counts(scope, done, setting, depth) for depth in DEPTHS]
        rows.append((setting.label, *(unit.value(each) for each in found for unit in units)))
    columns = ("setting", *(f"{unit.name}, depth {depth}" for depth in DEPTHS for unit in units))
    title = "A switch between two threads of a program's own, by setjmp and longjmp"
    return [Sheet("threads", title, columns, tuple(rows), "per switch"), _times(scope, done)], []


def _times(scope: Scope, done: Done) -> Sheet:
    rows: list[tuple[Value, ...]] = []
    for model in scope.models[1:]:
        for setting in scope.settings:
            if setting.mode in model.modes:
                found = [model.cycles(counts(scope, done, setting, depth, model)) for depth in DEPTHS]
                rows.append((setting.label, model.name, *map(model.microseconds, found)))
    columns = ("setting", "model", *(f"depth {depth}" for depth in DEPTHS))
    return Sheet("threads-time", "The same in the time of real machines", columns, tuple(rows), "microseconds")


THREADS = Experiment(Name.THREADS, _jobs, _results)
