"""One job, a setting and a workload -> a measurement: the bills of its trips into the kernel. Small, and plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.context_switch import moments
from benchmarks.context_switch.bill import Bill, Borders, Counts, Trip, add, bill, total, trips
from benchmarks.context_switch.recording import Memory, record
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Workload
from toyos.returns import RETURN_INSTRUCTION

DEFERRED = (moments.WINDOW_SPILL, moments.WINDOW_FILL, moments.TLB_REFILL, moments.CACHE_REFILL)
CALL_INSTRUCTION = {"risc": "ecall", "window": "ecall", "cisc": "chmk"}
# What the hart itself moves through memory in a trap, and in a return from one: pc and psw, and the vector is read.
TRAP_MOVES: Mapping[str, Counts] = {"cisc": {"stores": 2, "written_bytes": 8, "loads": 1, "read_bytes": 4}}
RETURN_MOVES: Mapping[str, Counts] = {"cisc": {"loads": 2, "read_bytes": 8}}


@dataclass(frozen=True)
class Job:
    """What is run."""

    setting: Setting
    workload: Workload
    memory: Memory = Memory()


Kind = tuple[str, bool]  # what a trip was about; whether another process went on


@dataclass(frozen=True)
class Measurement:
    """What came of it. bills: the averages of trips; user: counted in user mode, in all; windows: the same of trips for
    windows, by line; laps: of all processes of a Ring together; longest: instructions for which the longest trip of
    each kind kept interrupts off; state, pcb: bytes of a process's registers in its PCB, and of the PCB."""

    bills: Mapping[Kind, Bill]
    user: Counts
    windows: Mapping[str, Counts]
    laps: int
    longest: Mapping[Kind, int]
    state: int
    pcb: int

    def bill(self, kind: str, switched: bool = False) -> Bill:
        """-> the bill of trips of a kind. KeyError when there was none."""
        return self.bills[kind, switched]

    @property
    def switches(self) -> int:
        """-> context switches in the measured part."""
        return sum(found.trips for (_, switched), found in self.bills.items() if switched)

    def lap(self) -> dict[str, float]:
        """-> all that is counted in a lap of a Ring, work and kernel together."""
        everything: dict[str, float] = dict(self.user)
        for found in self.bills.values():
            for counts in found.lines.values():
                for name, value in counts.items():
                    everything[name] = everything.get(name, 0) + value * found.trips
        return {name: value / self.laps for name, value in everything.items()}

    def outside(self, line: str) -> Counts:
        """Line -> what was counted for it outside the kernel's own trips: deferred costs of those."""
        refills = {name: value for name, value in self.user.items() if moments.REFILLS.get(name) == line}
        return total([refills, self.windows.get(line, {})])

    def switch(self, kind: str, solo: Measurement) -> Bill:
        """-> the bill of a context switch, with what it has caused later: the windows that were spilled and filled, the
        translations and cache lines that were missed, beyond what the same laps cost a process on its own (solo)."""
        direct = self.bill(kind, True)
        later = {}
        for line in DEFERRED:
            mine, alone = self.outside(line), solo.outside(line)
            names = [*mine, *(name for name in alone if name not in mine)]
            counts = {name: mine.get(name, 0) - alone.get(name, 0) * self.laps / solo.laps for name in names}
            later[line] = {name: value / self.switches for name, value in counts.items() if value}
        return direct.plus(later)


def measure(job: Job) -> Measurement:
    """Runs a job. Raises BenchError, and what building and booting raise."""
    recording = record(job.setting, job.workload, job.memory)
    found = trips(recording, borders(job.setting.mode))
    kinds: dict[Kind, list[Trip]] = {}
    for trip in found.trips:
        kinds.setdefault((trip.kind, trip.switched), []).append(trip)
    masked = {kind: max(total(trip.lines.values()).get("masked", 0) for trip in some) for kind, some in kinds.items()}
    return Measurement(
        {kind: bill(some) for kind, some in kinds.items()},
        found.user,
        of_windows(found.trips),
        found.laps,
        masked,
        recording.constants["P_ARCH_SIZE"],
        recording.constants["P_SIZE"],
    )


def of_windows(all_trips: Iterable[Trip]) -> dict[str, Counts]:
    """-> line -> what trips for windows cost on it, in all."""
    result: dict[str, Counts] = {}
    for trip in all_trips:
        if trip.kind in moments.OF_WINDOWS:
            for line, counts in trip.lines.items():
                add(result.setdefault(line, {}), counts)
    return result


def borders(mode: str) -> Borders:
    """Mode -> what the instructions at the kernel's borders count: that which returns, that which calls."""
    leave, call = RETURN_INSTRUCTION[mode], CALL_INSTRUCTION[mode]
    return Borders(
        leave=_counted(mode, leave, "supervisor") | {"masked": 1, "returns": 1} | RETURN_MOVES.get(mode, {}),
        call=_counted(mode, call, "user"),
        trap=dict(TRAP_MOVES.get(mode, {})),
    )


def _counted(mode: str, instruction: str, level: str) -> Counts:
    from vm.isa import cisc, codec

    if mode == "cisc":
        row = next(row for row in cisc.ROWS if row.name == instruction)
        length = 1 + sum(operand.size for operand in row.operands)  # neither has an operand with a specifier
        return {f"classes {row.cost}": 1, f"levels {level}": 1, "fetched_bytes": length}
    plain = codec.by_name(mode)[instruction]
    return {f"classes {plain.cost}": 1, f"levels {level}": 1, "fetched_bytes": codec.length(plain, mode)}
