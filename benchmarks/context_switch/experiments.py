"""What experiments have in common: their scope, the units of their numbers, and how a switch's bill is looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.context_switch.bill import Bill
from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.measurement import Job, Measurement
from benchmarks.context_switch.moments import CLOCK, LINES, YIELD
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.recording import Memory
from benchmarks.context_switch.settings import WORD, Setting
from benchmarks.context_switch.workload import Ring, Workload
from benchmarks.plot import Figure
from benchmarks.sheet import Sheet
from vm.meter import CacheShape, TlbShape

# Where arrays are summed, the first model's caches are replaced by larger ones, into which one array fits: so what a
# process would miss by itself does not hide what it misses because of the others.
LARGE = Memory(icache=CacheShape(16 << 10, 2, 16), dcache=CacheShape(64 << 10, 4, 16), tlb=TlbShape(64))

Done = Mapping[Job, Measurement]
Counts = Mapping[str, float]


@dataclass(frozen=True)
class Scope:
    """What is compared, and how thoroughly. models: the first serves all modes, and is that of the pictures."""

    settings: tuple[Setting, ...]
    models: tuple[CostModel, ...]
    quick: bool = False

    @property
    def model(self) -> CostModel:
        """-> the model of the pictures."""
        return self.models[0]

    @property
    def note(self) -> str:
        """-> what is written below a picture."""
        return f"Model: {self.model.name}; {memory_of(self.model).description}"

    @property
    def large_note(self) -> str:
        """-> the same where the caches are LARGE."""
        return f"Model: {self.model.name}, but {LARGE.description}"

    def job(self, setting: Setting, workload: Workload, model: CostModel | None = None) -> Job:
        """-> what is run for it, with the caches of a model (the first)."""
        return Job(setting, workload, memory_of(model or self.model))

    def jobs(self, setting: Setting, workload: Workload) -> list[Job]:
        """-> what is run for it, for all models that apply."""
        return [self.job(setting, workload, model) for model in self.models if setting.mode in model.modes]


def large(setting: Setting, workload: Workload) -> Job:
    """-> what is run for it with caches that hold what one process sums."""
    return Job(setting, workload, LARGE)


def memory_of(model: CostModel) -> Memory:
    """-> what a model has between processor and RAM."""
    return Memory(**model.shapes())  # type: ignore[arg-type]


@dataclass(frozen=True)
class Unit:
    """How counts are turned into a number. value: of counts; model: whose cycles they are, and whose caches must have
    been simulated; None: any."""

    name: str
    value: Callable[[Counts], float]
    model: CostModel | None = None

    @property
    def slug(self) -> str:
        """-> the name in names of files."""
        return self.name.replace(", ", "-").replace(" ", "-")

    @property
    def quantity(self) -> str:
        """-> the name without the model's."""
        return self.name.partition(",")[0]

    @property
    def long_name(self) -> str:
        """-> the name for an axis."""
        return f"{self.quantity} ({self.model.name} model)" if self.model else self.name

    def applies(self, setting: Setting) -> bool:
        """-> whether it says anything of this setting."""
        return self.model is None or setting.mode in self.model.modes

    def total(self, bill: Bill, lines: Sequence[str] = LINES) -> float:
        """-> a bill's sum."""
        return sum(self.value(counts) for line, counts in bill.lines.items() if line in lines)


def instructions(counts: Counts) -> float:
    """-> instructions started."""
    return sum(value for name, value in counts.items() if name.startswith("classes "))


def words(counts: Counts) -> float:
    """-> words moved between registers and memory."""
    return (counts.get("read_bytes", 0) + counts.get("written_bytes", 0)) / WORD


def fetched(counts: Counts) -> float:
    """-> bytes of instructions fetched."""
    return counts.get("fetched_bytes", 0)


INSTRUCTIONS, WORDS, FETCHED = (
    Unit("instructions", instructions), Unit("words moved", words), Unit("bytes fetched", fetched),
)  # fmt: skip


def cycles(model: CostModel) -> Unit:
    """-> cycles under a model."""
    return Unit(f"cycles, {model.name}", model.cycles, model)


def units(scope: Scope) -> list[Unit]:
    """-> what is counted, and cycles under each model."""
    return [INSTRUCTIONS, WORDS, FETCHED, *map(cycles, scope.models)]


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


def sizes(done: Done, jobs: Iterable[Job]) -> str:
    """Jobs, one a setting -> what is printed beside every result: how large register files and PCBs are."""
    found = {job.setting: done[job] for job in jobs}
    each = [f"{setting.label} {setting.registers} / {one.state} / {one.pcb}" for setting, one in found.items()]
    return f"Register file in words / saved state / PCB in bytes: {'; '.join(each)}."


@dataclass(frozen=True)
class Experiment:
    """jobs: what must be run; results: what can be read off the measurements."""

    name: Name
    jobs: Callable[[Scope], list[Job]]
    results: Callable[[Scope, Done], tuple[list[Sheet], list[Figure]]]
