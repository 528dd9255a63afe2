"""Kernels with one mistake each: the check that is meant for it says so first, at the process that it strikes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.kernels import LIMIT, broken, system, watched
from tests.checks.mistakes import CASES, Case
from tests.kernel.guest import PROGRAMS
from toyos.checks import CHECKS
from vm.observe import HIT

EACH = [pytest.param(case, each, id=f"{name}-{each}") for name, case in CASES.items() for each in case.systems]


@pytest.mark.parametrize(("case", "name"), EACH)
def test_the_right_check_fires(tmp_path: Path, case: Case, name: str) -> None:
    run = watched(broken(tmp_path, case.mistake, system(name)), PROGRAMS / "lectures" / f"{case.program}.s")
    outcome = run.observer.run(LIMIT)
    found = [str(problem) for problem in run.checker.problems]
    assert outcome.reason == HIT, (outcome, bytes(run.output).decode())
    meant = [problem for problem in run.checker.problems if problem.check == case.check]
    assert any(case.words in each.sentence and each.process.startswith(case.process) for each in meant), found
    machine = run.computer.machine
    assert {(each.at, each.pc) for each in run.checker.problems} == {(machine.started, machine.pc)}
    assert all(problem.where for problem in run.checker.problems)


def test_every_check_has_been_seen_to_fire() -> None:
    assert {case.check for case in CASES.values()} == {check.name for check in CHECKS}
