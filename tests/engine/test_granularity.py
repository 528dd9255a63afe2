"""Decoded records assume nothing of where instructions start: the engine also runs with a record for every byte of
code, as variable-length instructions need, and for every two."""

import dataclasses
from pathlib import Path

import pytest

from vm import Machine
from vm.micro import core
from vm.micro.target import target

PROGRAM = Path(__file__).parents[2] / "benchmarks/engine/workloads/sieve_small.elf"
INSTRUCTIONS = 1950881  # as with a record for every four bytes


@pytest.mark.parametrize("shift", [0, 1])
def test_records_at_other_granularities(shift: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = dataclasses.replace(target("risc"), layout=dataclasses.replace(target("risc").layout, shift=shift))
    monkeypatch.setenv("TOYOS_CACHE", str(tmp_path))
    monkeypatch.setattr(core, "target", lambda mode, isa: fine)
    machine = Machine(ram=16 << 20)
    assert machine.core.records.shape[1] == (4096 >> shift) + 1
    machine.load(PROGRAM)
    assert (machine.run().status, machine.instructions) == (0, INSTRUCTIONS)
    assert list((tmp_path / "engine").iterdir()), "code of its own was compiled"
