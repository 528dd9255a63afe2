"""Random instructions of cisc mode, with traps and page tables: the observer's stops are the oracle's."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import pytest

from tests.cisc.random_cases import USED, Maker
from tests.cisc.rig import RAM_SIZE, Case, differences
from tests.engine.rig import examples
from tests.observe.rig import check, meeting, stops
from vm.arch import RAM_BASE
from vm.machine import Machine
from vm.micro.core import NEVER


@lru_cache(2)
def _case(seed: int) -> tuple[Case, bytes]:
    maker = Maker(seed)
    case = maker.world()
    maker.stand(case)
    code = b"".join(maker.instruction(maker.random.choice(USED)) for _ in range(40))
    case.write_tables()
    return case, code


def _make(seed: int, executor: str, observed: bool) -> Machine:
    case, code = _case(seed)
    machine = Machine("cisc", RAM_SIZE, executor, observed=observed)
    machine.clint.mtimecmp = NEVER
    case.put_into(machine.core)
    simulator = case.simulator()
    for k, byte in enumerate(code):
        offset = simulator.offset(case.pc + k)
        if offset is not None:
            machine.write(RAM_BASE + offset, bytes([byte]))
    return machine


@pytest.mark.parametrize("seed", range(examples(30)))
def test_stops(seed: int) -> None:
    count = Random(seed).randrange(5, 120)

    def make(executor: str, observed: bool) -> Machine:
        return _make(seed, executor, observed)

    points = meeting(make, count, seed)
    check(make, points, count)
    plain, observed = make("native", False), make("native", True)
    assert stops(observed, points, count)[0] == plain.run(count).reason
    assert differences(plain.core, observed.core) == {}, "points change nothing"
