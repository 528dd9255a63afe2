"""What a Checker does beside its checks: where it stops, what it forgets, what it leaves as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.checks.kernels import ENOUGH, LIMIT, broken, program, system, watched
from tests.checks.mistakes import CASES
from tests.kernel.guest import PROGRAMS
from toyos.boot import Computer
from toyos.build import System
from toyos.checks import CHECKS, Checker
from toyos.checks.checker import CheckedTranslations
from toyos.checks.outcomes import Saved, outcomes
from toyos.checks.userstate import UserState, Window, overlap
from vm.arch import CAUSE_ECALL_U, PRIV_U, RAM_BASE
from vm.observe import HIT, Observer
from vm.points import TrapPoint
from vm.snapshot import capture, restore

FORK_SUM, COW = (PROGRAMS / "lectures" / f"{name}.s" for name in ("fork_sum", "cow"))
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> System:
    """-> a system that works, and loses memory."""
    mistake = CASES["a copied page's old frame is still counted"].mistake
    return broken(tmp_path_factory.mktemp("kernel"), mistake, system("risc"))


@pytest.fixture(scope="module")
def unfenced(tmp_path_factory: pytest.TempPathFactory) -> System:
    """-> a system whose fork does not fence."""
    return broken(tmp_path_factory.mktemp("kernel"), CASES["fork does not fence"].mistake, system("risc"))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> System:
    """-> a system in which a register is not kept over traps."""
    mistake = CASES["s1 is neither saved nor loaded"].mistake
    return broken(tmp_path_factory.mktemp("kernel"), mistake, system("risc"))


def test_the_guest_does_not_notice() -> None:
    checked = watched(system("risc"), COW)
    name, own = program(COW, "risc")
    output = bytearray()
    plain = Computer([name], own, parts=system("risc"), console=output.extend)
    plain.run()
    checked.run_through()
    assert checked.output == output
    assert checked.computer.stats() == plain.stats()


def test_what_is_found_is_said_once_and_told_at_once(leaking: System) -> None:
    told: list[int] = []
    run = watched(leaking, FORK_SUM)
    machine = run.computer.machine
    checker = Checker(machine, leaking, tell=lambda problem: told.append(machine.started))
    observer = Observer(machine)
    checker.attach(observer, stop=False)
    assert observer.run(ENOUGH).reason == "halt"
    assert told == [problem.at for problem in checker.problems]
    assert len(set(checker.problems)) == len(checker.problems) > 1


def test_detached_it_is_silent(leaking: System) -> None:
    run = watched(leaking, FORK_SUM)
    run.checker.detach(run.observer)
    assert run.observer.points == ()
    assert run.observer.run(ENOUGH).reason == "halt" and not run.checker.problems


def test_checks_can_be_chosen(leaking: System) -> None:
    run = watched(leaking, FORK_SUM)
    run.checker.detach(run.observer)
    others = Checker(run.computer.machine, leaking, checks=[check for check in CHECKS if check.name == "queues"])
    others.attach(run.observer)
    assert run.observer.run(ENOUGH).reason == "halt" and not others.problems


def test_windows_are_checked_where_there_are_windows() -> None:
    names = {mode: {check.name for check in watched(system(mode), COW).checker.checks} for mode in ("cisc", "window")}
    assert names["window"] - names["cisc"] == {"windows"}


def test_back_in_time_it_stops_there_again_and_raises_no_alarm(careless: System) -> None:
    """The machine is put back, without a word to the checker, while processes are in the middle of traps."""
    run = watched(careless, FORK_SUM)
    machine = run.computer.machine
    run.observer.run(120_000)
    early = capture(machine)
    assert run.observer.run(LIMIT).reason == HIT
    first = list(run.checker.problems)
    restore(machine, early)
    assert run.observer.run(LIMIT).reason == HIT
    assert run.checker.problems == first and machine.started == first[0].at


@pytest.mark.parametrize("mode", ["risc", "window", "cisc"])
def test_jumps_in_time_raise_no_alarm(mode: str) -> None:
    run = watched(system(mode), COW)
    machine = run.computer.machine
    kept = []
    for _ in range(12):
        run.observer.run(25_000)
        kept.append(capture(machine))
    for number in (2, 9, 5, 11, 7, 8, 0, 10, 6):
        restore(machine, kept[number])
        run.observer.run(7_000 + 1_000 * number)
    run.run_through()
    assert [str(problem) for problem in run.checker.problems] == []


def test_begun_in_the_middle_it_raises_no_alarm() -> None:
    """Also between a trap and the return from it."""
    run = watched(system("window"), COW)
    machine = run.computer.machine
    run.checker.detach(run.observer)
    run.observer.add(TrapPoint(), lambda hit: hit.trap is not None and hit.trap.source == PRIV_U)
    for _ in range(12):
        run.observer.run(LIMIT)
        checker = Checker(machine, system("window"))
        checker.attach(run.observer)
        run.observer.run(3_000)
        checker.detach(run.observer)
        assert checker.problems == []


def test_an_old_translation_is_seen_when_it_is_used(unfenced: System) -> None:
    """Not only when the kernel returns to who could use it."""
    run = watched(unfenced, FORK_SUM)
    run.checker.detach(run.observer)
    point, accept = next(each for each in run.checker.points() if isinstance(each[0], CheckedTranslations))
    run.observer.add(point, accept)
    assert run.observer.run(LIMIT).reason == HIT
    problem = run.checker.problems[0]
    assert problem.check == "tlb" and problem.process == "pid 2 (fork_sum)" and "it writes 0x7fff" in problem.sentence
    assert problem.pc < RAM_BASE and problem.where


@pytest.mark.parametrize("name", ["risc", "window-flush", "window-lazy", "window-partition", "cisc"])
def test_no_garbage_in_memory_is_too_much_for_a_check(name: str) -> None:
    """Words of the kernel's data are overwritten: whatever the checks find, they find it without falling over."""
    run = watched(system(name), FORK_SUM)
    machine, symbols = run.computer.machine, run.computer.parts.symbols
    run.checker.detach(run.observer)
    run.observer.run(200_000)
    whole, random, loud = capture(machine), Random(4), 0
    first, last = symbols["__bss_start"] >> 2, symbols["_end"] >> 2
    pool = range(symbols["pcb_pool"] >> 2, (symbols["pcb_pool"] + 8 * symbols["P_SIZE"]) >> 2)
    for _ in range(150):
        for _ in range(4):
            where = random.choice([random.choice(pool), random.randrange(first, last)]) << 2
            values = (0, 1, 31, 0x8000_0000, 0xFFFF_FFFF, symbols["pcb_pool"], random.getrandbits(32))
            machine.write(where, random.choice(values).to_bytes(4, "little"))
        for check in run.checker.checks:
            run.checker.view.forget()
            check.forget()
            for moment in (check.handles, check.dispatches, check.resumes, check.idles, check.returns):
                loud += sum(1 for _ in moment())
            loud += sum(1 for _ in check.born(random.choice(run.checker.view.pcbs)))
        restore(machine, whole)
    assert loud > 150


def state(pc: int, **changed: int) -> UserState:
    names = {"a0": 10, "a1": 11, "sp": 2}
    return UserState(pc, (0,) * 32).with_registers({names[name]: value for name, value in changed.items()})


def test_what_a_system_call_may_change() -> None:
    saved = Saved(3, 100, CAUSE_ECALL_U, state(0x1000, a0=5, a1=6, sp=8), call=64)
    in_pcb = state(0x9999, a0=77)
    allowed = outcomes(saved, state(0), in_pcb, execve=221, call_bytes=4)
    assert allowed == [saved.state, state(0x1004, a0=77, a1=6, sp=8)]
    replaced = outcomes(replace(saved, call=221), state(0), state(0x4444, sp=12, a1=9), execve=221, call_bytes=4)
    assert replaced[2:] == [state(0x4444, sp=12)]


def test_places_of_windows_that_overlap_are_not_compared() -> None:
    places = [Window(place, (0,) * 16) for place in (0x1000, 0x1040, 0x2000)]
    assert not overlap(tuple(places))
    assert overlap((*places, Window(0x1020, (0,) * 16)))


def test_the_document_names_every_check() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert [row for row in rows if row[0] in {check.name for check in CHECKS}] == [
        (check.name, check.sentence) for check in CHECKS
    ]


def test_the_document_s_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert code is not None
    exec(code[1], {})
    assert capsys.readouterr().out == "halt\n[]\n"
