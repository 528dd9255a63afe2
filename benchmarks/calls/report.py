"""The benchmark of calls -> tables and pictures."""

from __future__ import annotations

from benchmarks import jobs
from benchmarks.calls import experiments
from benchmarks.calls.programs import measure
from benchmarks.context_switch.experiments import Scope
from benchmarks.context_switch.published import with_published
from benchmarks.context_switch.report import Report


def calls(scope: Scope, workers: int) -> Report:
    """Runs all programs -> Report. Raises BenchError, and what building and booting raise."""
    done = jobs.run(measure, experiments.jobs(scope), workers, "calls")
    sheets, figures = experiments.results(scope, done)
    told = tuple(map(with_published, sheets))
    return Report("calls", scope.settings, scope.models, scope.quick, told, tuple(figures))
