"""Guests on a timeline, and digests of what it visits. The largest: several processes, preempted and typed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from random import Random

from assembler import assemble, link
from toyos.boot import Computer, own_program
from toyos.build import system
from vm.aout import OMAGIC, write
from vm.arch import RAM_BASE
from vm.inputs import Input
from vm.machine import Machine
from vm.snapshot import capture, digest
from vm.timetravel import Poke, Timeline, give

BUSY = Path(__file__).with_name("busy.s")
QUANTUM = 5000  # ticks: the children are preempted often
RAM = 4 << 20  # bytes
SMALL = 64 << 10  # bytes: for guests without a kernel
LINES = (b"first\n", b"a second line\n", b"third, the last but one\n", b"\n")
STATUS = 7  # of busy
MOST = 30_000_000  # instructions: far more than it needs
SPACING = 1 << 18  # of snapshots: so that these short runs have several

Console = Callable[[bytes], object]


@cache
def program(mode: str) -> tuple[str, dict[str, bytes]]:
    """Mode -> the name of busy, and its file."""
    return own_program([BUSY], system(mode, {"QUANTUM": QUANTUM}))


def busy(mode: str, console: Console | None = None, observed: bool = True) -> Machine:
    """-> a machine that has not run yet, and will run busy."""
    name, files = program(mode)
    parts = system(mode, {"QUANTUM": QUANTUM})
    made = Computer([name], files, ram=RAM, terminal=True, console=console, parts=parts, observed=observed)
    return made.machine


@cache
def image(text: str, mode: str = "risc") -> bytes:
    """Assembly source -> an executable that loads at the start of RAM, and starts there."""
    return write(link([assemble(text, mode=mode)], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC))


def bare(text: str, mode: str = "risc", console: Console | None = None, observed: bool = True) -> Machine:
    """Assembly source -> a machine without a kernel, about to run it."""
    made = Machine(mode, SMALL, console=console, observed=observed)
    made.load(image(text, mode))
    return made


def state(machine: Machine) -> str:
    """-> the digest of where the machine stands."""
    return digest(capture(machine))


def live(timeline: Timeline, pick: Random) -> dict[int, str]:
    """Runs busy to its end, in pieces; types lines at random moments, also into running programs -> digests of the
    positions between the pieces."""
    lines, seen = list(LINES), {timeline.now: state(timeline.machine)}
    while lines:
        outcome = timeline.run(pick.randrange(1, 300_000))
        if outcome.reason == "idle" or pick.random() < 0.3:
            line = lines.pop(0)
            cut = pick.randrange(len(line))
            timeline.receive(line[:cut])
            if pick.random() < 0.5:
                timeline.run(pick.randrange(1, 2000))
            timeline.receive(line[cut:])
        else:
            seen[timeline.now] = state(timeline.machine)
    outcome = timeline.run(MOST)
    assert (outcome.reason, outcome.status) == ("halt", STATUS)
    seen[timeline.now] = state(timeline.machine)
    return seen


def simply(machine: Machine, log: Iterable[Input | Poke], positions: Iterable[int]) -> dict[int, str]:
    """A machine, and what will reach it -> digests of these positions, without any timeline or snapshot before them."""
    inputs = list(log)
    found = {}
    for position in sorted(positions):
        while machine.started < position:
            ahead = min([position, *(entry.at for entry in inputs[:1])])
            machine.run(ahead - machine.started)
            while inputs and inputs[0].at == machine.started:
                give(machine, inputs.pop(0))
        found[position] = state(machine)
    return found
