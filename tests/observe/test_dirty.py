"""Pages that were written: none is missing, and the record starts anew whenever it is read."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tests.differential.test_lockstep import prepared
from tests.engine.rig import EXECUTORS, examples
from tests.observe.dense import dense
from toyos.boot import Computer
from toyos.build import system
from toyos.variants import MODES
from vm.arch import PAGE_SHIFT, PAGE_SIZE, RAM_BASE
from vm.machine import Machine
from vm.marks import Marks


def marks(machine: Machine) -> Marks:
    assert machine.core.marks is not None
    return machine.core.marks


def changed(before: np.ndarray, machine: Machine) -> set[int]:  # type: ignore[type-arg]
    """-> pages of RAM that differ from what they were."""
    differs = (before != machine.core.ram).reshape(-1, PAGE_SIZE).any(axis=1)
    return set(np.flatnonzero(differs).tolist())


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("seed", range(examples(10)))
def test_random_programs(executor: str, seed: int) -> None:
    machine, random = prepared(executor, dense(seed), "risc", observed=True), Random(seed)
    marks(machine).take_dirty()
    for _ in range(10):
        before = machine.core.ram.copy()
        machine.run(random.randrange(1, 60))
        assert changed(before, machine) <= set(marks(machine).take_dirty().tolist())


@pytest.mark.parametrize("mode", MODES)
def test_the_kernel(mode: str) -> None:
    """Stores, trap frames, accessed and dirty bits of page tables, from a shell that starts processes."""
    machine = Computer(["sh", "-c", "ls | wc; ps"], observed=True, ram=8 << 20, parts=system(mode)).machine
    marks(machine).take_dirty()
    most = 0
    for _ in range(60):
        before = machine.core.ram.copy()
        reason = machine.run(5000).reason
        found = set(marks(machine).take_dirty().tolist())
        assert changed(before, machine) <= found
        most = max(most, len(found))
        if reason != "limit":
            break
    assert 0 < most < machine.ram_size >> PAGE_SHIFT, "not simply all"


def test_writes_from_outside() -> None:
    machine = Machine(ram=1 << 16, observed=True)
    marks(machine).take_dirty()
    machine.write(RAM_BASE + 0x1FFF, b"ab")
    assert marks(machine).take_dirty().tolist() == [1, 2]
    assert marks(machine).take_dirty().tolist() == []
