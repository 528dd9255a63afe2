"""All experiments, or some -> tables, pictures and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import jobs
from benchmarks.context_switch.balance import BALANCE
from benchmarks.context_switch.coroutines import THREADS
from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.experiments import Experiment, Scope
from benchmarks.context_switch.masked import MASKED
from benchmarks.context_switch.measurement import measure
from benchmarks.context_switch.primitives import PRIMITIVES
from benchmarks.context_switch.published import ALL, with_published
from benchmarks.context_switch.ring import RING
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.sweeps import SWEEP
from benchmarks.context_switch.switchbill import BILL
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet

EXPERIMENTS: tuple[Experiment, ...] = (PRIMITIVES, BILL, THREADS, RING, SWEEP, BALANCE, MASKED)


@dataclass(frozen=True)
class Report:
    """What a benchmark has found, under which conditions."""

    benchmark: str
    settings: tuple[Setting, ...]
    models: tuple[CostModel, ...]
    quick: bool
    sheets: tuple[Sheet, ...]
    figures: tuple[Figure, ...]

    def data(self) -> dict[str, Any]:
        """-> all of it as JSON takes it; the same in every run."""
        return {
            "benchmark": self.benchmark,
            "quick": self.quick,
            "settings": [asdict(s) | {"label": s.label, "registers": s.registers} for s in self.settings],
            "models": [{"name": m.name, "about": m.about, "notes": m.notes()} for m in self.models],
            "published": [asdict(p) | {"reference": p.reference} for p in ALL],
            "sheets": [sheet.data() for sheet in self.sheets],
            "figures": [figure.data() for figure in self.figures],
        }


def context_switch(scope: Scope, workers: int, experiments: Sequence[Experiment] = EXPERIMENTS) -> Report:
    """Runs the experiments -> Report. Raises BenchError, and what building and booting raise."""
    todo = [job for experiment in experiments for job in experiment.jobs(scope)]
    done = jobs.run(measure, todo, workers, "context switch")
    sheets: list[Sheet] = []
    figures: list[Figure] = []
    for experiment in experiments:
        some, drawn = experiment.results(scope, done)
        sheets += [sheet for sheet in some if sheet.rows]  # no model of real machines, no table of their time
        figures += drawn
    told = tuple(map(with_published, sheets))
    return Report("context-switch", scope.settings, scope.models, scope.quick, told, tuple(figures))
