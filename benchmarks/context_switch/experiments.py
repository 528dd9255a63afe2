"""What experiments have in common: their scope, the units of their numbers, and how a switch's bill is looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.context_switch.bill import Bill
from benchmarks.context_switch.costs import Model
from benchmarks.context_switch.measurement import Job, Measurement
from benchmarks.context_switch.moments import CLOCK, LINES, YIELD
from benchmarks.context_switch.recording import Memory
from benchmarks.context_switch.settings import WORD, Setting
from benchmarks.context_switch.workload import Ring
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet

Done = Mapping[Job, Measurement]
Counts = Mapping[str, float]


@dataclass(frozen=True)
class Scope:
    """What is compared, and how thoroughly. models: the first is that of the pictures, and serves all modes."""

    settings: tuple[Setting, ...]
    models: tuple[Model, ...]
    memory: Memory
    quick: bool = False

    @property
    def model(self) -> Model:
        """-> the model of the pictures."""
        return self.models[0]

    @property
    def note(self) -> str:
        """-> what is written below a picture."""
        return f"model: {self.model.name}; {self.memory.description}"

    def job(self, setting: Setting, ring: Ring) -> Job:
        """-> what is run for it."""
        return Job(setting, ring, self.memory)


@dataclass(frozen=True)
class Unit:
    """How counts are turned into a number. value: of counts in a mode, None where the unit does not apply."""

    name: str
    value: Callable[[Counts, str], float | None]


def instructions(counts: Counts, mode: str = "") -> float:
    """-> instructions started."""
    return sum(value for name, value in counts.items() if name.startswith("classes "))


def words(counts: Counts, mode: str = "") -> float:
    """-> words moved between registers and memory."""
    return (counts.get("read_bytes", 0) + counts.get("written_bytes", 0)) / WORD


def fetched(counts: Counts, mode: str = "") -> float:
    """-> bytes of instructions fetched."""
    return counts.get("fetched_bytes", 0)


def units(models: Sequence[Model]) -> list[Unit]:
    """-> what is counted, and cycles under each model."""
    counted = [Unit("instructions", instructions), Unit("words moved", words), Unit("bytes fetched", fetched)]
    return counted + [Unit(f"cycles, {model.name}", model.cycles_in) for model in models]


def whole(bill: Bill, unit: Unit, mode: str, lines: Sequence[str] = LINES) -> float | None:
    """-> the sum of a bill's lines."""
    values = [unit.value(counts, mode) for line, counts in bill.lines.items() if line in lines]
    return None if None in values else sum((value for value in values if value is not None), 0.0)


def solo(job: Job) -> Job:
    """A ring -> the same laps, by one process that nobody relieves."""
    assert isinstance(job.workload, Ring)
    return replace(job, workload=replace(job.workload, processes=1, together=False))


def with_solo(jobs: Sequence[Job]) -> list[Job]:
    """-> the jobs, and what each is compared with."""
    return [*jobs, *map(solo, jobs)]


def switch(done: Done, job: Job) -> Bill:
    """A ring -> the bill of one of its switches, with what it caused later."""
    assert isinstance(job.workload, Ring)
    return done[job].switch(CLOCK if job.workload.preemptive else YIELD, done[solo(job)])


@dataclass(frozen=True)
class Experiment:
    """jobs: what must be run; results: what can be read off the measurements."""

    name: str
    jobs: Callable[[Scope], list[Job]]
    results: Callable[[Scope, Done], tuple[list[Sheet], list[Figure]]]
