"""Random programs with random points: every stop is the oracle's, on both executors, and a scan says the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.test_lockstep import prepared
from tests.engine.random_programs import Program, programs
from tests.engine.rig import differences, examples
from tests.observe.dense import dense
from tests.observe.rig import check, meeting, stops
from vm.machine import Machine


def compare(program: Program, seed: int, count: int, mode: str) -> None:
    def make(executor: str, observed: bool) -> Machine:
        return prepared(executor, program, mode, observed=observed)

    points = meeting(make, count, seed)
    check(make, points, count)
    plain, observed = make("native", False), make("native", True)
    assert stops(observed, points, count)[0] == plain.run(count).reason
    assert differences(plain.core, observed.core) == {}, "points change nothing"


@settings(max_examples=examples(40))
@given(programs(least=20), st.integers(0, 1 << 30), st.integers(20, 200))
def test_risc(program: Program, seed: int, count: int) -> None:
    compare(program, seed, count, "risc")


@pytest.mark.parametrize("mode", ["risc", "window"])
@pytest.mark.parametrize("seed", range(examples(40)))
def test_programs_that_load_and_store(mode: str, seed: int) -> None:
    compare(dense(seed, mode == "window"), seed, Random(seed).randrange(20, 300), mode)
