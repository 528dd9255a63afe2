"""What bounds the workload `devices`: how often the guest leaves generated code, and where the time goes then.

    python -m benchmarks.engine.exits [--small]

One run in this process, on a new disk; CPU seconds. Clocks are read four times an exit, which adds a
microsecond or two.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from time import process_time

from rich.console import Console
from rich.table import Table

from benchmarks.engine.measure import disk_for
from benchmarks.engine.workloads import DEVICES, DEVICES_SMALL, Workload
from vm import Machine
from vm.disk import FileDisk

GENERATED, REST = "generated code", "leaving and coming back"


class Clocked:
    """Counts calls and their seconds, by name."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def around(self, function: Callable[..., object], name: str) -> Callable[..., object]:
        """-> the function, with a clock."""

        def timed(*arguments: object) -> object:
            begun = process_time()
            try:
                return function(*arguments)
            finally:
                self.calls[name] += 1
                self.seconds[name] += process_time() - begun

        return timed


class CountingDisk(FileDisk):
    """A disk that counts the bytes it moves."""

    moved = 0

    def read(self, offset: int, size: int) -> bytes:
        self.moved += size
        return super().read(offset, size)

    def write(self, offset: int, data: bytes) -> None:
        self.moved += len(data)
        super().write(offset, data)


def measured(workload: Workload) -> tuple[Clocked, float, int, int]:
    """Runs it -> the clocks, CPU seconds in all, bytes that the disk has moved, bytes printed. Raises ValueError when
    the workload goes wrong."""
    clocked, printed = Clocked(), bytearray()
    with disk_for(workload) as path:
        assert path is not None
        disk = CountingDisk(path)
        machine = Machine(console=printed.extend, disks=[disk])
        machine.load(workload.image)
        machine.core.run = clocked.around(machine.core.run, GENERATED)  # type: ignore[assignment]
        for _, device in machine.bus.devices():
            for access in ("read", "write"):
                name = f"{type(device).__name__.lower()} {access}"
                setattr(device, access, clocked.around(getattr(device, access), name))
        begun = process_time()
        machine.run()
        seconds = process_time() - begun
        disk.close()
    if printed.decode() != workload.printed:
        raise ValueError(f"{workload.name} printed {printed[-80:]!r}")
    return clocked, seconds, disk.moved, len(printed)


def main() -> int:
    """Command line -> a table on standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine.exits", description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="the small workload: a check only")
    (workload,) = DEVICES_SMALL if parser.parse_args().small else DEVICES
    clocked, seconds, moved, printed = measured(workload)
    exits = clocked.calls[GENERATED]
    table = Table(title=f"{workload.name}: {workload.instructions} instructions, {exits} exits, {seconds:.2f} s")
    for heading in ("", "times", "s", "us each", "share"):
        table.add_column(heading, justify="right" if heading else "left")
    rest = seconds - sum(clocked.seconds.values())
    for name, spent in sorted([*clocked.seconds.items(), (REST, rest)], key=lambda each: -each[1]):
        times = clocked.calls.get(name, exits)
        table.add_row(name, str(times), f"{spent:.2f}", f"{spent / times * 1e6:.1f}", f"{spent / seconds:.0%}")
    Console().print(table)
    print(
        f"{exits / seconds:.0f} exits/s, {moved / seconds / 1e6:.0f} MB/s of disk, {printed / seconds / 1e3:.0f} KB/s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
