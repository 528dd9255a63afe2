"""The programs whose calls are measured, and one run of such a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.context_switch.bill import Counts, total, trips
from benchmarks.context_switch.measurement import borders, of_windows
from benchmarks.context_switch.moments import CALL
from benchmarks.context_switch.recording import Memory, record
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import ENDLESS

CHAIN_DEPTH = 64  # calls straight down: more than any machine has windows
FOLDER = Path(__file__).parent / "workloads"


@dataclass(frozen=True)
class Program:
    """A program of workloads/. what: in a few words."""

    name: str
    what: str = field(compare=False, default="")
    words: tuple[str, ...] = ()

    @property
    def source(self) -> Path:
        """-> its text."""
        return FOLDER / f"{self.name}.s"

    @property
    def arguments(self) -> list[str]:
        """-> its arguments."""
        return list(self.words)

    @property
    def parameters(self) -> dict[str, int]:
        """-> of the kernel: nothing interrupts it."""
        return {"QUANTUM": ENDLESS}


def chain(depth: int, times: int = 16) -> Program:
    """-> calls straight down to a depth and back, so many times."""
    return Program("chain", f"straight down {depth} calls and back", (str(depth), str(times)))


PROGRAMS = (
    Program("leaf", "a loop that calls a leaf"),
    Program("fib", "double recursion, 15 deep"),
    Program("tak", "three arguments, moderate depth"),
    Program("ackermann", "deep and shallow at once"),
    chain(CHAIN_DEPTH),
    Program("sort", "quicksort of 256 words"),
)


# No program of workloads/, but what people do with a system: all of it, from the first process to the last, is counted.
SESSION = Program(
    "session",
    "session: a shell and its commands, calls counted as half of the window instructions",
    ("echo a few words; env; pwd; ps -s; pstree; fork_sum; fork_chain; cow; orphan; wc /etc/init.args",),
)


@dataclass(frozen=True)
class Job:
    """What is run."""

    setting: Setting
    program: Program
    memory: Memory = Memory()


@dataclass(frozen=True)
class Cost:
    """What came of it. calls: that were made; counts: of the program and of what it made the kernel do for its windows;
    windows: the part of the kernel; text: bytes of the program's own instructions."""

    calls: int
    counts: Counts
    windows: Counts
    text: int

    def per_call(self) -> Mapping[str, float]:
        """-> the counts of one call, on average."""
        return {name: value / self.calls for name, value in self.counts.items()}

    @property
    def overflows(self) -> float:
        """-> window overflows a call."""
        return self.windows.get(OVERFLOWS, 0) / self.calls


OVERFLOW_CAUSE = 24
OVERFLOWS = f"exceptions {OVERFLOW_CAUSE}"


def measure(job: Job) -> Cost:
    """Runs a job. Raises BenchError, and what building and booting raise."""
    if job.program == SESSION:
        return _session(job)
    recording = record(job.setting, job.program, job.memory)
    found = trips(recording, borders(job.setting.mode))
    windows = total(of_windows(found.trips).values())
    calls = sum(moment == CALL for moment in recording.moments)
    return Cost(calls, total([found.user, windows]), windows, text_size(job.program, job.setting.mode))


def _session(job: Job) -> Cost:
    """A shell's session in window mode -> its calls, those that the window instructions tell of."""
    from toyos import build
    from toyos.boot import SHELL, Computer
    from vm.meter import Meter

    meter = Meter()
    parts = build.system_of(job.setting.choice(SESSION.parameters))
    Computer([SHELL, "-c", *SESSION.words], parts=parts, meter=meter).run()
    overflows = int(meter.totals["exceptions"][OVERFLOW_CAUSE])
    instructions = meter.by_class()["window"]  # wsave, again after an overflow, and wret
    return Cost((instructions - overflows) // 2, {}, {OVERFLOWS: overflows}, 0)


def text_size(program: Program, mode: str) -> int:
    """-> bytes of the program's own text, without library and start-up code."""
    from assembler.assembly import Options, assemble_sources
    from toyos.variants import include_folders

    folders = (program.source.parent, *include_folders(mode))
    source = (program.source.read_text(), str(program.source))
    return len(assemble_sources([source], Options(mode, folders)).object.text)
