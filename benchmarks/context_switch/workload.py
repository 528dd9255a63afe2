"""The guest programs that are measured, and what can be asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

FOLDER = Path(__file__).parent / "workloads"
# Ticks of 100 ns that a process may run: so long that nobody is preempted, or the kernel's least.
ENDLESS, SHORT = 1 << 30, 1000
TREE = 6  # height of a tree of calls, as in workloads/ring.s
SPIN = 5000  # turns of an empty loop: as long as the shortest quantum, so that every lap is interrupted once or twice


def calls_of(height: int) -> int:
    """Height of a tree -> its calls: each of two or more makes one of each of the two heights below."""
    return 1 if height < 2 else 1 + calls_of(height - 1) + calls_of(height - 2)


CALLS_A_TREE = calls_of(TREE)


@dataclass(frozen=True)
class Ring:
    """Processes that pass the processor round (workloads/ring.s). In a lap each goes down `depth` procedures, sums
    `footprint` bytes, makes `trees` trees of CALLS_A_TREE calls, and gives way: by sched_yield, or by using up its
    quantum (preemptive). together: two processes in one address space."""

    processes: int = 2
    laps: int = 16
    depth: int = 0
    footprint: int = 0
    trees: int = 0
    preemptive: bool = False
    together: bool = False

    @property
    def source(self) -> Path:
        """-> its text."""
        return FOLDER / "ring.s"

    @property
    def arguments(self) -> list[str]:
        """-> the program's arguments."""
        spin = SPIN if self.preemptive else 0
        numbers = (self.processes, self.laps, self.depth, self.footprint, self.trees, spin, int(self.together))
        return [str(number) for number in numbers]

    @property
    def parameters(self) -> dict[str, int]:
        """-> of the kernel."""
        return {"QUANTUM": SHORT if self.preemptive else ENDLESS}


@dataclass(frozen=True)
class Traps:
    """Each kind of trap that does not lead to another process (workloads/traps.s), `count` times."""

    count: int = 16

    @property
    def source(self) -> Path:
        """-> its text."""
        return FOLDER / "traps.s"

    @property
    def arguments(self) -> list[str]:
        """-> the program's arguments."""
        return [str(self.count)]

    @property
    def parameters(self) -> dict[str, int]:
        """-> of the kernel."""
        return {"QUANTUM": ENDLESS}


@dataclass(frozen=True)
class Coroutines:
    """Two threads that the kernel knows nothing of (workloads/coroutines.s), which go down `depth` procedures and hand
    over by setjmp and longjmp; with passing False one of them, which does the same and hands nothing over."""

    laps: int = 16
    depth: int = 0
    passing: bool = True

    @property
    def source(self) -> Path:
        """-> its text."""
        return FOLDER / "coroutines.s"

    @property
    def arguments(self) -> list[str]:
        """-> the program's arguments."""
        return [str(number) for number in (self.laps, self.depth, int(self.passing))]

    @property
    def parameters(self) -> dict[str, int]:
        """-> of the kernel."""
        return {"QUANTUM": ENDLESS}


class Workload(Protocol):
    """What a guest program must say of itself to be measured."""

    @property
    def source(self) -> Path: ...

    @property
    def arguments(self) -> list[str]: ...

    @property
    def parameters(self) -> dict[str, int]: ...
