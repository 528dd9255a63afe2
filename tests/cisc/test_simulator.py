"""Random instructions of cisc mode: both executors against the simulator, which knows nothing of micro-ops."""

from __future__ import annotations

import pytest

from tests.cisc.random_cases import play
from tests.engine.rig import examples

SHOTS = 60


@pytest.mark.parametrize("block", range(4))
def test_engine_and_simulator_agree(block: int) -> None:
    """A world a seed: its pages, its RAM; somebody appears in it, again and again, and runs a few instructions."""
    count = examples(10)
    for seed in range(block * count, (block + 1) * count):
        assert play(seed, SHOTS) == ""
