"""Runs of guest programs, watched: each made once for all tests that look at it."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from toyos import build
from toyos.boot import RAM, SHELL, Computer, own_program
from toyos.build import System
from toyos.paths import source_folder
from toyos.trace.recorder import Recorder
from toyos.trace.strace import Strace
from toyos.trace.timeline import History
from vm.machine import Stop

PROGRAMS = source_folder("programs")
GOLDEN = Path(__file__).parent / "golden"
LIMIT = 20_000_000  # instructions: a guest that hangs ends here
ADDRESS = re.compile(r"0x[0-9a-f]{3,}")
SHELL_COMMAND = "-c "  # how a "program" begins that is a command for the shell


class Run(NamedTuple):
    """A run and all that was seen of it."""

    stop: Stop
    output: bytes
    history: History
    strace: tuple[str, ...]
    computer: Computer

    @property
    def masked(self) -> list[str]:
        """-> the lines of strace without addresses, which differ between modes, and without the columns behind them."""
        return [re.sub(r" +=", " =", ADDRESS.sub("<address>", line)) for line in self.strace]


def system(mode: str = "risc", variant: str | None = None, quantum: int | None = None) -> System:
    return build.system(mode, None if quantum is None else {"QUANTUM": quantum}, variant)


def computer_for(program: str, parts: System, output: bytearray, observed: bool, ram: int = RAM) -> Computer:
    """program: a source below programs/, with arguments behind it; or "-c " and a command for the shell."""
    if program.startswith(SHELL_COMMAND):
        words, own = [SHELL, "-c", program.removeprefix(SHELL_COMMAND)], {}
    else:
        source, *arguments = program.split()
        name, own = own_program([PROGRAMS / source], parts)
        words = [name, *arguments]
    return Computer(words, own, ram=ram, parts=parts, console=output.extend, observed=observed)


@lru_cache(maxsize=64)
def traced(
    program: str,
    mode: str = "risc",
    variant: str | None = None,
    quantum: int | None = None,
    limit: int | None = None,
    init: bool = False,
    ram: int = RAM,
) -> Run:
    """-> the program's run, to its end."""
    output, lines, history = bytearray(), list[str](), History()
    computer = computer_for(program, system(mode, variant, quantum), output, observed=True, ram=ram)
    strace = Strace(lines.append, init=init)
    recorder = Recorder(
        computer.machine, computer.parts.symbols, lambda event: (history.add(event), strace(event)), limit
    )
    stop = computer.run(recorder.run, LIMIT)
    recorder.finish()
    strace.end()
    history.close(computer.machine.started, int(computer.machine.core.state["clock"]), recorder.complete)
    return Run(stop, bytes(output), history, tuple(lines), computer)
