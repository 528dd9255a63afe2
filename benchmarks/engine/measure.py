"""Command -> user CPU seconds of the whole process, with its output checked."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

from benchmarks.engine.workloads import Workload

ROOT = Path(__file__).resolve().parent.parent.parent
QEMU = "qemu-system-riscv32"
TIME_LIMIT = 300  # seconds a process may take
SHOWN = 200  # characters at most of a wrong output, its last ones
SHORTEST = 1e-4  # user seconds; the host may count a short process as none at all, and speeds are quotients


class WrongResult(Exception):
    """A process that did not do its work: its time would mean nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: CPU seconds in user mode and in the host's kernel, and what it printed."""

    user: float
    system: float
    output: str
    errors: str


def timed(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Runs the command to its end -> Run. Raises WrongResult when it fails or takes longer than TIME_LIMIT."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            before = getrusage(RUSAGE_CHILDREN)
            try:
                process = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, timeout=TIME_LIMIT,
                    cwd=ROOT, env={**os.environ, **(environment or {})}, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired as late:
                raise WrongResult(f"{command[0]} took longer than {TIME_LIMIT} s") from late
            after = getrusage(RUSAGE_CHILDREN)
        output, errors = out.read_text(errors="replace"), err.read_text(errors="replace")
    if process.returncode:
        raise WrongResult(f"{' '.join(command)} ended with status {process.returncode}: {errors.strip()[-300:]}")
    user = max(after.ru_utime - before.ru_utime, SHORTEST)
    return Run(user, after.ru_stime - before.ru_stime, output, errors)


def ours(workload: Workload, environment: Mapping[str, str] | None = None) -> Run:
    """Runs the workload on this project's machine -> Run, having checked output and exact instruction count."""
    command = [sys.executable, "-m", "toyos.cli.main", "machine", "--kernel", str(workload.image), "--stats=json"]
    with disk_for(workload) as disk:
        run = timed([*command, *(("--disk", str(disk)) if disk else ())], environment)
    check_output(workload, run)
    counted = json.loads(run.errors)["instructions"]
    if counted != workload.instructions:
        raise WrongResult(f"{workload.name}: {counted} instructions retired, expected {workload.instructions}")
    return run


def qemu(workload: Workload) -> Run:
    """The same on QEMU, system emulation with its translator -> Run."""
    command = [QEMU, "-M", "virt", "-m", "64M", "-nographic", "-bios", "none", "-kernel", str(workload.image)]
    with disk_for(workload) as disk:
        device = "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0"
        more = ("-drive", f"if=none,id=disk,format=raw,file={disk}", "-device", device) if disk else ()
        run = timed([*command, *more])
    check_output(workload, run)
    return run


@contextmanager
def disk_for(workload: Workload) -> Iterator[Path | None]:
    """-> the path of a new disk, full of zeros, for a workload that wants one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "disk"
        if workload.disk:
            path.write_bytes(bytes(workload.disk))
        yield path if workload.disk else None


def qemu_version() -> str | None:
    """-> "7.2.1" or the like; None when QEMU is not installed."""
    if not shutil.which(QEMU):
        return None
    first_line = timed([QEMU, "--version"]).output.split("\n")[0]
    return first_line.removeprefix("QEMU emulator version ").split()[0]


def check_output(workload: Workload, run: Run) -> None:
    """Raises WrongResult unless the run printed what the workload must print."""
    if run.output != workload.printed:
        shown = run.output[-SHOWN:]
        raise WrongResult(f"{workload.name} printed {shown!r}, expected {workload.printed[-SHOWN:]!r}")
