"""Accounting on random programs: both executors count the same, and a machine that counts does what others do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.cisc import rig as cisc
from tests.cisc.random_cases import play
from tests.differential.test_lockstep import SLICES, prepared
from tests.engine.meter_rig import assert_same, counters, small_units
from tests.engine.random_programs import PROGRAM, Program, programs
from tests.engine.rig import EXECUTORS, differences, examples
from vm.arch import CAUSE_FETCH_ACCESS, CAUSE_FETCH_PAGE_FAULT
from vm.meter import Meter
from vm.micro.core import Core

MARKS = {f"word {k}": PROGRAM + 4 * k for k in range(0, 60, 3)}


def compare(program: Program, slices: list[tuple[int, bytes]], mode: str) -> None:
    meters = [Meter(MARKS, [PROGRAM], log_rows=5, **small_units()) for _ in EXECUTORS]
    native, reference = (
        prepared(executor, program, mode, meter) for executor, meter in zip(EXECUTORS, meters, strict=True)
    )
    plain = prepared("native", program, mode)
    for count, typed in slices:
        stops = []
        for each in (native, reference, plain):
            each.uart.receive(typed)
            stops.append(each.run(count))
        assert stops[0] == stops[1] == stops[2]
        assert differences(plain.core, native.core) == {}
        assert_same(*meters)
    found = counters(meters[0])
    unfetched = found["exceptions"][CAUSE_FETCH_PAGE_FAULT] + found["exceptions"][CAUSE_FETCH_ACCESS]
    assert sum(found["classes"]) == native.started - unfetched == meters[0].histogram()[1].sum()
    assert sum(found["levels"]) == sum(found["classes"])


@settings(max_examples=examples(150))
@given(programs(), SLICES)
def test_risc(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices, "risc")


@settings(max_examples=examples(80))
@given(programs(windows=True), SLICES)
def test_window(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices, "window")


@pytest.mark.parametrize("seed", range(examples(8)))
def test_cisc(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The random cases of cisc mode, played on two harts that count; the simulator says what they must do."""
    meters = {executor: Meter(log_rows=5, **small_units()) for executor in EXECUTORS}
    cores = {executor: Core(cisc.RAM_SIZE, executor, "cisc", meters[executor]) for executor in EXECUTORS}
    monkeypatch.setattr(cisc, "core", cores.__getitem__)
    assert play(seed, 60) == ""
    assert_same(*meters.values())
    assert meters["native"].instructions > 0
