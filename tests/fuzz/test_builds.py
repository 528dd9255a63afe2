"""The same random programs in every build of the interpreter, and in slices: always the same state at the end."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.fuzz import decoding, paging, privilege
from tests.fuzz.knob import seeds
from tests.fuzz.monitor import LIMIT, RAM, Program
from vm.machine import Machine, Stop
from vm.meter import Meter
from vm.snapshot import capture, digest

LENGTHS = (1, 2, 3, 50, 1000, 30_000)  # instructions of a slice
PROGRAMS: dict[str, Callable[[int], Program]] = {
    "decoding": lambda seed: decoding.program(seed, 1000),
    "privilege": lambda seed: privilege.program(seed, 1000, wild=True),
    "paging": lambda seed: paging.program(seed, 1000, wild=True),
    "compressed": lambda seed: paging.program(seed, 1000, wild=True, compressed=True),
}


def _in_slices(machine: Machine, pick: random.Random) -> Stop:
    stop = Stop("limit")
    while stop.reason == "limit" and machine.instructions < LIMIT:
        stop = machine.run(pick.choice(LENGTHS))
    return stop


@pytest.mark.parametrize("kind", PROGRAMS)
def test_all_builds_come_to_the_same_end(kind: str) -> None:
    isa = "rv32imac" if kind == "compressed" else "rv32ima"
    for seed in seeds(1):
        image = PROGRAMS[kind](seed).image()
        ends = {}
        for build in ("usual", "in slices", "observed", "counting"):
            if build == "counting" and kind == "compressed":
                continue  # that build has no compressed instructions
            meter = Meter() if build == "counting" else None
            machine = Machine(ram=RAM, isa=isa, observed=build == "observed", meter=meter)
            machine.load(image)
            stop = _in_slices(machine, random.Random(seed)) if build == "in slices" else machine.run(LIMIT)
            ends[build] = (stop, digest(capture(machine)))
        assert set(ends.values()) == {(Stop("halt", 0), ends["usual"][1])}, f"seed {seed}: {ends}"
