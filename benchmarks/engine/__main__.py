"""Engine benchmark: speed beside QEMU, and start-up times.

User CPU seconds of whole processes, ours and QEMU's in turn; medians over the rounds. A ratio of 1 is QEMU's speed,
larger is faster. Where devices are busy, the host's kernel works for both, so its seconds count too. Usage:

    python -m benchmarks.engine [--rounds N] [--small] [--json]
"""

import argparse
import json
import math
import statistics
import sys
from dataclasses import asdict, dataclass
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.engine.measure import Run, WrongResult, ours, qemu, qemu_version, timed
from benchmarks.engine.workloads import DEVICES, DEVICES_SMALL, LONG, SMALL, SYSTEM, SYSTEM_SMALL, TINY, Workload

CACHE_VARIABLE = "TOYOS_CACHE"
MAKE_MACHINE = "from vm import Machine; Machine()"


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians for one workload; QEMU's are None where it is not installed. mips: millions of guest instructions a
    second of CPU time, start-up included; ratio: our speed over QEMU's, median over the pairs of runs."""

    name: str
    seconds: float
    mips: float
    qemu_seconds: float | None
    qemu_mips: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class StartUp:
    """User + system CPU seconds, medians. python: the interpreter alone; machine: imports and a machine, nothing run;
    tiny: `toyos machine` on four instructions; cold: the same with an empty cache; qemu_tiny: QEMU on the same
    image."""

    python: float
    machine: float
    tiny: float
    cold: float
    qemu_tiny: float | None


def compare(workload: Workload, rounds: int, with_qemu: bool) -> Speed:
    """Runs both in turn, `rounds` times -> Speed."""

    def seconds_of(run: Run) -> float:
        return run.user + run.system if workload.disk else run.user

    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(seconds_of(ours(workload)))
        if with_qemu:
            theirs.append(seconds_of(qemu(workload)))
    seconds = statistics.median(mine)
    mips = workload.instructions / seconds / 1e6
    if not theirs:
        return Speed(workload.name, seconds, mips, None, None, None)
    their_seconds = statistics.median(theirs)
    ratio = statistics.median(their / my for my, their in zip(mine, theirs, strict=True))
    return Speed(workload.name, seconds, mips, their_seconds, workload.instructions / their_seconds / 1e6, ratio)


def start_up(rounds: int, with_qemu: bool) -> StartUp:
    """-> what it costs to get going."""

    def cpu(command: list[str]) -> float:
        runs = [timed(command) for _ in range(rounds)]
        return statistics.median(run.user + run.system for run in runs)

    ours(TINY)  # fills the cache
    tiny = [ours(TINY) for _ in range(rounds)]
    with TemporaryDirectory() as empty:
        cold = ours(TINY, {CACHE_VARIABLE: empty})
    theirs = [qemu(TINY) for _ in range(rounds)] if with_qemu else []
    return StartUp(
        python=cpu([sys.executable, "-c", "pass"]),
        machine=cpu([sys.executable, "-c", MAKE_MACHINE]),
        tiny=statistics.median(run.user + run.system for run in tiny),
        cold=cold.user + cold.system,
        qemu_tiny=statistics.median(run.user + run.system for run in theirs) if theirs else None,
    )


def mean(speeds: list[Speed]) -> float | None:
    """-> the geometric mean of the ratios; None without QEMU."""
    ratios = [speed.ratio for speed in speeds if speed.ratio is not None]
    return math.exp(statistics.fmean(map(math.log, ratios))) if ratios else None


def show(title: str, speeds: list[Speed]) -> None:
    """Prints one group of workloads."""
    table = Table(title=title)
    for heading in ("workload", "CPU s", "MIPS", "QEMU CPU s", "QEMU MIPS", "ratio"):
        table.add_column(heading, justify="left" if heading == "workload" else "right")
    for speed in speeds:
        peer = (
            [f"{speed.qemu_seconds:.2f}", f"{speed.qemu_mips:.0f}", f"{speed.ratio:.2f}"]
            if speed.qemu_seconds is not None
            else ["-"] * 3
        )
        table.add_row(speed.name, f"{speed.seconds:.2f}", f"{speed.mips:.0f}", *peer)
    if (together := mean(speeds)) is not None:
        table.add_row("geometric mean", "", "", "", "", f"{together:.2f}")
    Console().print(table)


def show_beginning(begin: StartUp) -> None:
    """Prints what it costs to get going."""
    beginning = Table(title="Start-up, CPU seconds (user + system)")
    for name in asdict(begin):
        beginning.add_column(name.replace("_", " "), justify="right")
    beginning.add_row(*("-" if value is None else f"{value:.3f}" for value in asdict(begin).values()))
    Console().print(beginning)


def main() -> int:
    """Command line -> tables or JSON on standard output; exit status 1 when a workload went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs a workload (default %(default)s)")
    parser.add_argument("--small", action="store_true", help="the small workloads: start-up dominates, a check only")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    options = parser.parse_args()
    try:
        version = qemu_version()
        begin = start_up(max(options.rounds, 1), version is not None)
        groups = (SMALL, SYSTEM_SMALL, DEVICES_SMALL) if options.small else (LONG, SYSTEM, DEVICES)
        rounds = max(options.rounds, 1)
        compute, system, devices = ([compare(each, rounds, version is not None) for each in group] for group in groups)
    except WrongResult as fault:
        print(f"benchmarks.engine: {fault}", file=sys.stderr)
        return 1
    if options.json:
        result = {
            "qemu": version,
            "rounds": options.rounds,
            "workloads": [asdict(speed) for speed in compute],
            "geometric_mean": mean(compute),
            "system_workloads": [asdict(speed) for speed in system],
            "system_geometric_mean": mean(system),
            "device_workloads": [asdict(speed) for speed in devices],
            "start_up": asdict(begin),
        }
        print(json.dumps(result, indent=2))
    else:
        show(f"Engine beside QEMU {version}" if version else "Engine (QEMU is not installed)", compute)
        show("The same, as operating systems use it", system)
        show("Console and disk, with the host's kernel", devices)
        show_beginning(begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
