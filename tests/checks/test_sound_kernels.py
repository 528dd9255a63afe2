"""The kernel as it is, under all checks: no alarm, whatever programs do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.checks.kernels import Watched, program, watched, watched_words
from tests.kernel.guest import PROGRAMS, SYSTEMS, arguments_of, check_output
from tests.kernel.test_window_faults import CASES, GUESTS, SPARE_STACK, TABLE
from tests.kernel.window_model import CALL, FLUSH, FORK, KILL, LEAVE, OPERATIONS, RETURN, SET, YIELD
from tests.kernel.windowed import PARTITIONS, walk_source, written
from toyos import build
from toyos.variants import MODES, Choice, choose

LECTURES = sorted((PROGRAMS / "lectures").glob("*.s"))
EVERYWHERE = ("cow", "orphan", "exec_keeps_pid")  # demonstrations that are run on every system
# Kernels on which processes are interrupted in the middle of everything, and that run out of windows.
HURRIED = [("flush", 2), ("flush", 8), ("lazy", 3), ("lazy", 8), ("partition", 2), ("partition", 8)]
QUANTUM = 210  # ticks
SCRIPT = bytes(range(SET, OPERATIONS))  # of windows/walk.s: every register is set, and looked at


def quiet(run: Watched) -> str:
    """Runs to the end; fails at any alarm -> what the guest has printed."""
    assert run.run_through().reason == "halt", bytes(run.output)
    assert [str(problem) for problem in run.checker.problems] == []
    assert b"panic" not in run.output
    return run.output.decode()


@pytest.mark.parametrize("options", SYSTEMS)
@pytest.mark.parametrize("name", EVERYWHERE)
def test_no_alarm_on_any_system(name: str, options: dict[str, Any]) -> None:
    source = PROGRAMS / "lectures" / f"{name}.s"
    check_output(source, quiet(watched(build.system_of(choose(**options)), source)))


@pytest.mark.parametrize("mode", MODES)
def test_no_alarm_in_all_demonstrations_of_one_boot(mode: str) -> None:
    command = "; ".join(" ".join([source.stem, *map(repr, arguments_of(source))]) for source in LECTURES)
    assert "killed" not in quiet(watched_words(build.system(mode), ["sh", "-c", command]))


def hurried(variant: str, nwin: int) -> Choice:
    parts = {"PARTITIONS": PARTITIONS[nwin]} if variant == "partition" else {}
    return Choice("window", variant, {"NWIN": nwin, "QUANTUM": QUANTUM} | parts)


def check_guest(choice: Choice, source: Path, arguments: Sequence[str] = ()) -> None:
    name, own = program(source, choice.mode)
    quiet(watched_words(build.system_of(choice), [name, *arguments], own))


@pytest.mark.parametrize(("variant", "nwin"), HURRIED[::2])
def test_no_alarm_where_windows_are_misused(variant: str, nwin: int, tmp_path: Path) -> None:
    """A stack that cannot be used, a return to nowhere, ends in the middle of calls, jumps out of many."""
    choice = hurried(variant, nwin)
    source = written(tmp_path, (GUESTS / "faults.s").read_text() + ".balign 4\n" + TABLE + SPARE_STACK, "faults")
    for number, (what, _, _, _) in enumerate(CASES):
        if what not in {case[0] for case in CASES[:number]}:  # the first of its kind
            check_guest(choice, source, [str(number)])
    check_guest(choice, GUESTS / "ends.s")


@pytest.mark.parametrize(("variant", "nwin"), HURRIED)
def test_no_alarm_where_every_register_of_every_window_is_used(variant: str, nwin: int, tmp_path: Path) -> None:
    deep = bytes([CALL, *SCRIPT] * 5 + [YIELD, FORK, *SCRIPT, CALL, FLUSH, KILL, LEAVE, YIELD] + [RETURN, *SCRIPT] * 6)
    scripts = [deep + bytes([RETURN]), SCRIPT + deep + bytes([RETURN])]
    check_guest(hurried(variant, nwin), written(tmp_path, walk_source(scripts), "walk"))
