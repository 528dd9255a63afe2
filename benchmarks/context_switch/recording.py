"""One run of a workload on one machine -> what had been counted at every moment of its measured part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.context_switch.moments import BEGIN, END, IN_PROGRAMS, LAP, MOMENTS, RETURN
from benchmarks.context_switch.settings import WORD, Setting
from benchmarks.context_switch.workload import Ring, Workload
from toyos.returns import trap_returns

if TYPE_CHECKING:
    from toyos.boot import Computer
    from toyos.build import System
    from vm.meter import CacheShape, TlbShape

Cells = NDArray[np.int64]
LEVELS = ("user", "supervisor", "-", "machine")
SECONDS_OF_SLEEP = 3600.0  # as long as the guest may wish
RAM = 8 << 20  # bytes: enough for all workloads
SLICE = 1_000_000  # instructions between two looks at whether the end has come
LIMIT = 200_000_000


class BenchError(Exception):
    """A run that did not go as it must; the message is a sentence for the user."""


@dataclass(frozen=True)
class Memory:
    """What is simulated between the processor and RAM; None: nothing, every access is equal."""

    icache: CacheShape | None = None
    dcache: CacheShape | None = None
    cache: CacheShape | None = None
    tlb: TlbShape | None = None

    @property
    def description(self) -> str:
        """-> such as "caches 16 KiB + 32 KiB, TLB of 32 entries"."""
        shapes = (self.icache, self.dcache, self.cache)
        caches = [f"{cache.size >> 10} KiB" for cache in shapes if cache is not None]
        parts = ["caches " + " + ".join(caches)] if caches else []
        parts += [f"TLB of {self.tlb.entries} entries"] if self.tlb is not None else []
        return ", ".join(parts) or "no caches"


@dataclass(frozen=True)
class Recording:
    """The log of a run. names: what the columns of `counters` count; moments[i]: the symbol at which row i was taken;
    current[i]: the PCB of the process that had the hart then; counters[i]: what had been counted until then;
    constants: the kernel's symbols, of which absolute ones, such as P_SIZE, are its structure."""

    names: tuple[str, ...]
    moments: tuple[str, ...]
    current: tuple[int, ...]
    counters: Cells
    constants: Mapping[str, int]

    def measured(self, whole: bool = False) -> Recording:
        """-> the part that counts: from the first BEGIN to the next END, or, where there are laps and it is not to be
        the whole, from the first lap of the process that measures to the last one that it begins: so many laps, and
        nothing before or after."""
        first = self.moments.index(BEGIN)
        last = self.moments.index(END, first)
        measures = self.current[first]
        laps = [k for k in range(first, last) if self.moments[k] == LAP and self.current[k] == measures]
        if laps and not whole:
            first, last = laps[0], laps[-1]
        part = slice(first, last + 1)
        return Recording(self.names, self.moments[part], self.current[part], self.counters[part], self.constants)


def kernel_marks(parts: System) -> dict[str, int]:
    """A system -> the moments in its kernel: symbol -> address. Names of returns from traps begin with RETURN."""
    missing = [m.symbol for m in MOMENTS if m.symbol not in parts.symbols and not m.optional]
    if missing:
        raise BenchError(f"the kernel has no symbol {', '.join(missing)}, by which its time is divided")
    found = {m.symbol: parts.symbols[m.symbol] for m in MOMENTS if m.symbol in parts.symbols}
    return found | {f"{RETURN} {k}": address for k, address in enumerate(trap_returns(parts.kernel))}


def program_marks(program: bytes) -> dict[str, int]:
    """A workload's executable -> the moments in it."""
    from vm import aout

    symbols = aout.read(program, "workload").symbols
    return {symbol.name: symbol.value for symbol in symbols if symbol.name in IN_PROGRAMS}


def counter_names(dtype: np.dtype[Any], classes: tuple[str, ...]) -> tuple[str, ...]:
    """The meter's counters -> a name for each of its cells."""
    names: list[str] = []
    for field in dtype.names or ():
        size = dtype[field].itemsize // 8
        labels = {"classes": classes, "levels": LEVELS}.get(field, tuple(map(str, range(size))))
        names += [field] if size == 1 else [f"{field} {label}" for label in labels]
    return tuple(names)


class _Built(NamedTuple):
    """What a run needs that is the same in many runs. files: in the guest, with the workload, called `name`."""

    parts: System
    name: str
    files: dict[str, bytes]
    marks: dict[str, int]


@lru_cache(maxsize=128)
def _built(setting: Setting, source: Path, parameters: tuple[tuple[str, int], ...]) -> _Built:
    from toyos import build
    from toyos.boot import own_program

    parts = build.system_of(setting.choice(dict(parameters)))
    name, files = own_program([source], parts)
    return _Built(parts, name, files, kernel_marks(parts) | program_marks(next(iter(files.values()))))


def computer_for(setting: Setting, workload: Workload, memory: Memory | None = None) -> Computer:
    """-> a machine that will boot and run the workload; with `memory` one that counts, and has a meter. Raises what
    building and booting raise."""
    from toyos.boot import Computer
    from vm.meter import Meter

    built = _built(setting, workload.source, tuple(sorted(workload.parameters.items())))
    words = [built.parts.symbols["current"]]
    meter = None if memory is None else Meter(built.marks, words, **vars(memory))
    computer = Computer([built.name, *workload.arguments], built.files, ram=RAM, parts=built.parts, meter=meter)
    if isinstance(workload, Ring) and workload.together:
        computer.machine.pause = _Together(computer)
    return computer


def record(setting: Setting, workload: Workload, memory: Memory, whole: bool = False) -> Recording:
    """Runs the workload to the end of its measured part -> Recording of that part, or, whole, from BEGIN to END. Raises
    BenchError if it never comes there, and what building and booting raise."""
    from vm.meter import CLASSES, COUNTERS

    computer = computer_for(setting, workload, memory)
    meter = computer.machine.core.meter
    assert meter is not None
    while END not in (seen := [meter.moments[number] for number in meter.log["moment"]]):
        before = computer.machine.instructions
        stop = computer.run(max_instructions=SLICE)
        if stop.reason != "limit" and END not in [meter.moments[number] for number in meter.log["moment"]]:
            raise BenchError(f"{workload.source.name} on {setting.label} ended early ({stop.reason} {stop.status})")
        if before > LIMIT:
            raise BenchError(f"{workload.source.name} on {setting.label} did not end in {LIMIT} instructions")
    log = meter.log
    cells = np.ascontiguousarray(log["counters"]).view(np.uint64).reshape(len(log), -1).astype(np.int64)
    current = tuple(int(words[0]) for words in log["words"])
    recording = Recording(counter_names(COUNTERS, CLASSES), tuple(seen), current, cells, computer.parts.symbols)
    return recording.measured(whole)


class _Together:
    """When both processes of a Ring sleep for the first time: the second is put into the first one's address space, as
    a thread would be. The kernel makes no two processes in one space, but its dispatcher loads no page table that is
    loaded."""

    def __init__(self, computer: Computer) -> None:
        self.machine, self.symbols, self.done = computer.machine, computer.parts.symbols, False

    def __call__(self, seconds: float) -> float:
        if not self.done:
            self.done = True
            init = self._word(self.symbols["init"])
            first = self._word(init + self.symbols["P_CHILD"])
            second = self._word(first + self.symbols["P_CHILD"])
            space = self.symbols["P_SPACE"]
            self.machine.write(second + space, self.machine.read(first + space, self.symbols["SPACE_SIZE"]))
        return SECONDS_OF_SLEEP

    def _word(self, address: int) -> int:
        return int.from_bytes(self.machine.read(address, WORD), "little")
