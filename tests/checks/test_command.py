"""`--check` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.kernels import broken, system
from tests.checks.mistakes import CASES
from tests.kernel.guest import PROGRAMS
from toyos import build
from toyos.cli.checking import MOST
from toyos.cli.main import main
from toyos.cli.options import CHECK_STATUS, LIMIT_STATUS

FORK_SUM = str(PROGRAMS / "lectures" / "fork_sum.s")


@pytest.fixture
def careless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel that every command uses loses memory."""
    parts = broken(tmp_path, CASES["a copied page's old frame is still counted"].mistake, system("risc"))
    monkeypatch.setattr(build, "system_of", lambda choice: parts)


@pytest.mark.parametrize("command", [["run", FORK_SUM], ["boot", "-c", "fork_sum"]])
def test_a_sound_kernel_says_nothing(capfd: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main([command[0], "--check", *command[1:]]) == 0
    out, err = capfd.readouterr()
    assert "the sum of 1 to 100 is 5050" in out and err == ""


@pytest.mark.parametrize("command", [["run", FORK_SUM], ["boot", "-c", "fork_sum"], ["trace", "--strace", FORK_SUM]])
def test_problems_decide_the_status(careless: None, capfd: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main([command[0], "--check", *command[1:]]) == CHECK_STATUS
    out, err = capfd.readouterr()
    assert "the sum of 1 to 100 is 5050" in out
    problems = [line for line in err.splitlines() if line.startswith("check frames: position ")]
    assert len(problems) > 1 and all("<resume+" in line for line in problems)
    last = err.splitlines()[-1]
    assert last.startswith(f"toyos {command[0]}: ") and last.endswith(" problems found by --check")
    assert last.split()[2] == str(len(problems))


def test_not_all_of_many_problems_are_printed(careless: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["boot", "--check", "-c", "fork_sum; cow; orphan; fork_fan; zombie; fork_counter"]) == CHECK_STATUS
    err = capfd.readouterr().err
    assert err.count("check frames") == MOST
    assert f"problems found by --check, of which {MOST} are printed" in err


def test_an_early_end_is_said_too(careless: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--check", "--max-instructions", "200000", FORK_SUM]) == CHECK_STATUS
    assert "stopped after 200000 instructions (--max-instructions); " in capfd.readouterr().err
    assert main(["run", "--check", "--max-instructions", "100000", FORK_SUM]) == LIMIT_STATUS


def test_gdb_and_checks_exclude_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--check", "--gdb", "0", FORK_SUM]) == 2
    assert "not both" in capfd.readouterr().err
