"""The real kernel at work: the observer's stops are the oracle's, and points change nothing."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from tests.observe.rig import check, meeting, observing
from toyos.boot import Computer, own_program
from toyos.build import System, system
from toyos.paths import source_folder
from toyos.variants import MODES
from vm.machine import Machine
from vm.points import CodePoint, DataPoint, StatePoint, TrapPoint

RAM = 4 << 20  # bytes: the oracle looks at all of it after each instruction
LENGTH = 600  # instructions


@cache
def _parts(mode: str) -> tuple[System, str, dict[str, bytes]]:
    parts = system(mode)
    return parts, *own_program([source_folder("programs") / "lectures" / "fork_sum.s"], parts)


def _at(mode: str, position: int, executor: str, observed: bool) -> Machine:
    """-> a machine that stands there in the run of fork_sum."""
    parts, name, files = _parts(mode)
    machine = Computer([name], files, ram=RAM, parts=parts, observed=observed).machine
    machine.run(position)
    if executor == "reference":
        machine.core.run = machine.core.context().run
    return machine


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(5))
def test_stops(mode: str, seed: int) -> None:
    position = Random(f"{mode}{seed}").randrange(100_000, 200_000)

    def make(executor: str, observed: bool) -> Machine:
        return _at(mode, position, executor, observed)

    check(make, meeting(make, LENGTH, seed), LENGTH)


@pytest.mark.parametrize("mode", MODES)
def test_points_change_nothing(mode: str) -> None:
    """A whole run with points that are met often, and one without any, on the usual build."""
    parts, name, files = _parts(mode)
    plain, watched = (Computer([name], files, parts=parts, observed=each) for each in (False, True))
    symbols = parts.symbols
    points = [
        CodePoint(symbols["trap"]), DataPoint(symbols["kstat"], 64), DataPoint(symbols["kstat"], 64, "access", True),
        StatePoint("satp"), TrapPoint(),
    ]  # fmt: skip
    observer, hits, last = observing(watched.machine, points), 0, 0
    outcome = observer.run()
    while outcome.reason == "hit":
        hits, last = hits + len(outcome.hits), watched.machine.started
        outcome = observer.run()
    assert (outcome.reason, outcome.status) == plain.machine.run()
    assert hits > 300
    assert watched.stats() == plain.stats()
    assert (watched.machine.core.ram == plain.machine.core.ram).all()
    again = Computer([name], files, parts=parts, observed=True)
    assert observing(again.machine, points).scan(1 << 40) == max(last, outcome.hits and watched.machine.started or 0)
    assert again.stats() == plain.stats()
