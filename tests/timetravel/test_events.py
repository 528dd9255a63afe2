"""What can happen at a position: halts, resets, sleep, inputs and the traps they lead to, pokes, other futures."""

from __future__ import annotations

from random import Random

import pytest

from tests.images import guest_elf
from tests.timetravel.rig import LINES, SPACING, STATUS, bare, busy, live, simply, state
from vm.arch import PRIV_U, RAM_BASE
from vm.inputs import RECEIVE, WAIT, Input
from vm.machine import Machine
from vm.points import CodePoint, TrapPoint
from vm.snapshot import capture, digest
from vm.timetravel import CLOSEST, Poke, Timeline
from vm.timetravel import SPACING as SPACING_OF_LONG_RUNS

EXTERNAL = 0x8000_0009  # the cause of a supervisor's external interrupt

# Counts how often the board has started, and asks for a reset until it has done so four times; then halts.
RESETS = """
        li t0, 0x80008000           # not in the image, which a reset loads again
        lw t1, 0(t0)
        addi t1, t1, 1
        sw t1, 0(t0)
        li a2, 5
1:      addi a2, a2, -1
        bnez a2, 1b
        li a0, 0x100000
        li a1, 0x7777
        li t0, 4
        bne t1, t0, 2f
        li a1, 0x5555
2:      sw a1, 0(a0)
3:      j 3b
"""
# Sleeps until the timer, ten times, each time 1000 ticks; prints a letter when it is awake.
SLEEPER = """
        li t0, 128
        csrw mie, t0
        li s0, 10
        li s1, 0x0200bff8
        li a0, 0x02004000
1:      lw t1, 0(s1)
        addi t1, t1, 1000
        li t0, -1
        sw t0, 4(a0)
        sw t1, 0(a0)
        sw zero, 4(a0)
        wfi
        li a1, 0x10000000
        addi t0, s0, 64
        sb t0, 0(a1)
        addi s0, s0, -1
        bnez s0, 1b
        li a0, 0x100000
        li a1, 0x5555
        sw a1, 0(a0)
2:      j 2b
"""
COUNTER = """
1:      addi a0, a0, 1
        j 1b
"""
# Stores one half of `tohost` and never the other.
HALF = """
        .globl _start
_start: la t0, tohost
        li t1, 11
        sw t1, 0(t0)
1:      addi a0, a0, 1
        j 1b
        .data
        .balign 8
        .globl tohost
tohost: .dword 0
"""


def ran(timeline: Timeline) -> tuple[str, int | None]:
    outcome = timeline.run(1_000_000)
    return outcome.reason, outcome.status


def test_a_machine_that_has_halted_can_be_left_backwards_and_halts_again(mode: str) -> None:
    timeline = Timeline(busy(mode), spacing=SPACING)
    seen = live(timeline, Random(3))
    end = timeline.end
    for _ in range(2):
        assert timeline.now == end and state(timeline.machine) == seen[end]
        assert (timeline.run(1000).reason, timeline.step().status, timeline.goto(end + 5).reason) == (
            "halt",
            STATUS,
            "halt",
        )
        assert timeline.now == end, "a halted machine does nothing more"
        assert timeline.reverse_step(2).reason == "limit"
        assert (timeline.step().reason, timeline.now) == ("limit", end - 1)
        assert timeline.step() == timeline.goto(end)


def test_the_beginning_is_an_end_too(mode: str) -> None:
    timeline = Timeline(busy(mode))
    first = state(timeline.machine)
    assert timeline.reverse_step().reason == timeline.reverse_run().reason == "begin"
    timeline.step(10)
    assert timeline.reverse_step(11).reason == "begin"
    assert (timeline.now, state(timeline.machine)) == (timeline.start, first)
    timeline.step(10)
    assert timeline.goto(timeline.start - 1).reason == "begin"
    assert (timeline.now, state(timeline.machine)) == (timeline.start, first)


def test_a_position_outlives_resets(mode: str) -> None:
    timeline = Timeline(bare(RESETS, mode), spacing=16)
    assert ran(timeline) == ("halt", 0)
    end = timeline.end
    alone = simply(bare(RESETS, mode, observed=False), [], range(end + 1))
    for position in [*range(end, -1, -1), *range(end + 1)]:
        timeline.goto(position)
        assert (timeline.now, state(timeline.machine)) == (position, alone[position])
    timeline.observer.add(CodePoint(RAM_BASE))
    starts = []
    while timeline.reverse_run().reason == "hit":
        starts.append(timeline.now)
    assert len(starts) == 3 and starts[-1] > timeline.start


def test_a_half_of_tohost_counts_at_the_same_position_however_one_gets_there() -> None:
    def made(observed: bool) -> Machine:
        machine = Machine(ram=1 << 16, observed=observed)
        machine.load(guest_elf(HALF, "tohost"))
        return machine

    plain = made(False)
    assert plain.run(10_000).reason == "halt"
    end = plain.started
    timeline = Timeline(made(True), spacing=4)
    for _ in range(end - 1):
        assert timeline.step().reason == "limit"
    assert (timeline.step().status, timeline.now) == (5, end)
    for position in (10, end - 3, end - 9):
        timeline.goto(position)
        assert (timeline.goto(end).status, timeline.now) == (5, end), "also from a snapshot after the store"
    assert state(timeline.machine) == state(plain)


def test_input_in_the_past_makes_another_future(mode: str) -> None:
    shown = bytearray()
    timeline = Timeline(busy(mode, shown.extend), spacing=SPACING)
    live(timeline, Random(1))
    first = bytes(shown)
    here = next(entry.at for entry in timeline.log if isinstance(entry, Input))
    timeline.goto(here + 100_000)
    said = timeline.output
    timeline.receive(LINES[-1])
    assert timeline.end == timeline.now == here + 100_000
    assert [entry.at for entry in timeline.log] == [at for at in (e.at for e in timeline.log) if at <= timeline.now]
    assert all(at <= timeline.now for at, _ in timeline.snapshots)
    while ran(timeline) == ("limit", None):
        pass
    assert timeline.run().status == STATUS
    assert timeline.output.startswith(said) and timeline.output != first
    assert bytes(shown) == first + timeline.output[len(said) :], (
        "the new future is printed, the old is not printed again"
    )
    positions = [here, here + 100_000, timeline.end]
    alone = simply(busy(mode, observed=False), timeline.log, positions)
    for position in positions:
        timeline.goto(position)
        assert state(timeline.machine) == alone[position]


def test_the_interrupt_that_input_causes_is_met_from_both_sides(mode: str) -> None:
    timeline = Timeline(busy(mode))
    timeline.step(1_500_000)
    while timeline.machine.core.state["priv"] != PRIV_U:
        timeline.step(100)
    timeline.observer.add(TrapPoint(frozenset({EXTERNAL})))
    typed = timeline.now
    timeline.receive(b"x\n")
    outcome = timeline.run()
    assert (outcome.reason, timeline.now) == ("hit", typed), "taken before the next instruction"
    taken = state(timeline.machine)
    assert timeline.run(10_000).reason == "limit", "taken once"
    for away in (1, 2, 5000):
        timeline.goto(typed + away)
        outcome = timeline.reverse_run()
        assert (outcome.reason, timeline.now, state(timeline.machine)) == ("hit", typed, taken), away
        assert outcome.hits[0].trap is not None and outcome.hits[0].trap.cause == EXTERNAL
        timeline.goto(typed + away)
        assert timeline.find_last([TrapPoint()], before=typed + 1)[0].at == typed
    timeline.goto(typed - 1)
    assert (timeline.run().reason, timeline.now, state(timeline.machine)) == ("hit", typed, taken)


def test_input_where_other_input_was_to_come_takes_its_place() -> None:
    timeline = Timeline(bare(COUNTER))
    here = 1000
    timeline.step(here)
    timeline.receive(b"first")
    timeline.step(2 * CLOSEST)
    timeline.goto(here + CLOSEST)  # which leaves a snapshot on the way, at that position or behind it
    timeline.goto(here + 1)
    timeline.observer.add(CodePoint(RAM_BASE))
    assert (timeline.reverse_run().reason, timeline.now) == ("hit", here)
    assert timeline.machine.uart.waiting == 0, "where a point is met, the input has not come yet"
    timeline.receive(b"other")
    timeline.step(50)
    for position in (here - 1, here, here + 50):
        timeline.goto(position)
        alone = simply(bare(COUNTER, observed=False), [Input(here, RECEIVE, b"other")], [position])
        assert state(timeline.machine) == alone[position]


def test_a_step_back_runs_only_a_little_forwards_however_long_the_run_was(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline(bare(COUNTER))
    timeline.run(100_000_000)
    assert (timeline.now, len(timeline.snapshots)) == (100_000_000, 100_000_000 // SPACING_OF_LONG_RUNS + 1)
    forward: list[int] = []
    run = timeline.machine.run
    monkeypatch.setattr(timeline.machine, "run", lambda count: (forward.append(count), run(count))[1])
    timeline.reverse_step()
    assert sum(forward) < SPACING_OF_LONG_RUNS
    for _ in range(300):
        forward.clear()
        timeline.reverse_step()
        assert sum(forward) <= CLOSEST
    forward.clear()
    timeline.reverse_step(50_000_000)
    assert sum(forward) < SPACING_OF_LONG_RUNS
    assert timeline.memory < timeline.budget // 100


def test_pokes_belong_to_the_run(mode: str) -> None:
    timeline = Timeline(busy(mode), spacing=SPACING)
    timeline.step(150_000)
    free = RAM_BASE + timeline.machine.ram_size - 3 * 4096
    there = timeline.machine.read(free, 5)
    before = state(timeline.machine)
    timeline.machine.x[11] ^= 0x5A5A
    timeline.machine.write(free, b"poked")
    timeline.changed()
    poked = state(timeline.machine)
    assert poked != before and timeline.now == timeline.end == 150_000
    timeline.step(50)
    after = state(timeline.machine)
    timeline.reverse_step(100)
    assert timeline.machine.read(free, 5) == there, "it had not been poked yet"
    timeline.goto(150_000)
    assert state(timeline.machine) == poked
    timeline.goto(150_050)
    assert state(timeline.machine) == after
    timeline.goto(149_000)
    timeline.goto(150_050)
    assert state(timeline.machine) == after
    timeline.goto(149_000)
    timeline.changed()
    assert [entry.at for entry in timeline.log if isinstance(entry, Poke)] == [149_000], "the other one is not the past"
    timeline.goto(150_000)
    assert state(timeline.machine) == before


def test_a_halted_machine_that_is_poked_goes_on() -> None:
    timeline = Timeline(bare(RESETS))
    assert ran(timeline) == ("halt", 0)
    end = timeline.now
    timeline.machine.pc = RAM_BASE
    timeline.changed()
    assert timeline.step(3).reason == "limit" and timeline.now == end + 3
    timeline.goto(end)
    assert timeline.machine.pc == RAM_BASE


def test_sleep_that_took_the_hosts_time_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = bytearray()
    timeline = Timeline(bare(SLEEPER, console=shown.extend))
    pick = Random(9)
    timeline.machine.pause = lambda seconds: seconds * pick.choice((0.25, 0.5, 2))
    while (outcome := timeline.run(1000)).reason != "halt":
        assert outcome.reason in ("pause", "limit")
        if outcome.reason == "pause" and pick.random() < 0.3:
            timeline.receive(b"typed")
    assert len(shown) == 10
    kinds = {entry.kind for entry in timeline.log if isinstance(entry, Input)}
    assert kinds == {RECEIVE, WAIT}
    end, last = timeline.end, state(timeline.machine)
    timeline.machine.pause = lambda seconds: pytest.fail("the past takes no time")
    positions = range(0, end, 7)
    alone = simply(bare(SLEEPER, observed=False), timeline.log, [*positions, end])
    assert alone[end] == last
    for position in reversed(positions):
        timeline.goto(position)
        assert state(timeline.machine) == alone[position]
    while timeline.run(5).reason != "halt":
        pass
    assert state(timeline.machine) == last and len(shown) == 10


def test_a_move_can_be_interrupted_and_a_search_comes_back(mode: str) -> None:
    timeline = Timeline(busy(mode), spacing=1 << 14)
    live(timeline, Random(4))
    here = timeline.end - 10
    timeline.goto(here)
    answers = iter([False] * 5 + [True] * 1000)
    timeline.interrupted = lambda: next(answers)
    timeline.observer.add(CodePoint(0x10))
    assert (timeline.reverse_run().reason, timeline.now) == ("interrupted", here)
    assert (timeline.find_last([CodePoint(0x10)]), timeline.now) == ((), here)
    timeline.interrupted = lambda: False
    timeline.goto(timeline.start)
    answers = iter([False] * 5 + [True] * 1000)
    timeline.interrupted = lambda: next(answers)
    assert timeline.step(here).reason == "interrupted" and timeline.start < timeline.now < here
    timeline.interrupted = lambda: False
    assert timeline.goto(here).reason == "limit" and timeline.now == here


def test_machines_that_cannot_be_watched_have_no_timeline() -> None:
    with pytest.raises(Exception, match="observed=True"):
        Timeline(Machine(ram=1 << 16))


def test_a_snapshot_is_what_it_was_when_the_machine_has_run_on(mode: str) -> None:
    machine = busy(mode)
    machine.run(100_000)
    snapshot = capture(machine)
    before = digest(snapshot)
    machine.run(100_000)
    assert digest(capture(machine)) != before == digest(snapshot)
