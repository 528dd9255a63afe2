"""Walks in time at random: a position that was visited is the same state whenever and from wherever it is reached."""

from __future__ import annotations

from random import Random

import pytest

from tests.timetravel.rig import SPACING, busy, live, simply, state
from toyos.build import system
from vm.points import CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint
from vm.timetravel import Timeline

MOVES = 120
CODE = "wake_all"  # a procedure of the kernel that all these runs call often


def lived(mode: str, seed: int, budget: int = 1 << 30) -> tuple[Timeline, dict[int, str], bytearray]:
    """-> the timeline of a run of busy that has ended, digests of positions in it, and what it has printed."""
    shown = bytearray()
    timeline = Timeline(busy(mode, shown.extend), budget, SPACING)
    return timeline, live(timeline, Random(seed)), shown


def move(timeline: Timeline, pick: Random) -> None:
    """One move of a walk, somewhere between the ends."""
    near = pick.choice((1, 1, 2, 30, 1000, 50_000, 400_000))
    match pick.randrange(6):
        case 0:
            timeline.goto(pick.randrange(timeline.start, timeline.end + 1))
        case 1 | 2:
            timeline.reverse_step(near)
        case 3:
            timeline.step(near)
        case 4:
            timeline.run(near)
        case _:
            timeline.reverse_run()


@pytest.mark.parametrize("seed", range(3))
def test_every_position_is_the_same_state_at_every_visit(mode: str, seed: int) -> None:
    timeline, seen, shown = lived(mode, seed)
    end, printed, log = timeline.end, bytes(shown), list(timeline.log)
    assert timeline.output == printed
    symbols = system(mode).symbols
    timeline.observer.add(CodePoint(symbols[CODE]))
    timeline.observer.add(DataPoint(symbols["current"], 4))
    pick = Random(100 + seed)
    for _ in range(MOVES):
        move(timeline, pick)
        now = timeline.now
        assert seen.setdefault(now, state(timeline.machine)) == state(timeline.machine), now
        assert printed.startswith(timeline.output)
    assert (timeline.end, bytes(shown), timeline.log) == (end, printed, log), "walks change and print nothing"
    alone = busy(mode, observed=False)
    some = pick.sample(sorted(seen), 30)
    assert simply(alone, log, some) == {position: seen[position] for position in some}


def test_steps_back_one_by_one_undo_steps_forward(mode: str) -> None:
    timeline, _, _ = lived(mode, 7)
    pick = Random(7)
    for _ in range(4):
        timeline.goto(pick.randrange(timeline.start + 200, timeline.end - 200))
        states = {}
        for _ in range(150):
            states[timeline.now] = state(timeline.machine)
            assert timeline.step().reason == "limit"
        for _ in range(150):
            assert timeline.reverse_step().reason == "limit"
            assert states[timeline.now] == state(timeline.machine)


POINTS: dict[str, list[str | Point]] = {
    "code": ["fork"],
    "data": ["current"],
    "traps": [TrapPoint()],
    "interrupts": [TrapPoint(frozenset({0x8000_0005, 0x8000_0009}))],
    "registers": [StatePoint("satp")],
    "several": ["fork", StatePoint("satp"), TrapPoint(frozenset({8}))],
}


def points_of(name: str, mode: str) -> list[Point]:
    symbols = system(mode).symbols
    kinds: dict[str, Point] = {"fork": CodePoint(symbols[CODE]), "current": DataPoint(symbols["current"], 4)}
    return [kinds[point] if isinstance(point, str) else point for point in POINTS[name]]


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("asking", [False, True], ids=["all", "some"])
def test_running_back_meets_what_running_forward_has_met(mode: str, name: str, asking: bool) -> None:
    timeline, _, _ = lived(mode, 11)
    timeline.goto(timeline.start)
    for point in points_of(name, mode):
        timeline.observer.add(point, (lambda hit: hit.at % 3 > 0) if asking else None)
    forward: list[tuple[Hit, ...]] = []
    while (outcome := timeline.run()).reason == "hit":
        forward.append(outcome.hits)
    assert outcome.reason == "halt" and len(forward) > 3
    timeline.goto(timeline.end)
    latest = forward[-40:]
    for hits in reversed(latest):
        outcome = timeline.reverse_run()
        assert (outcome.reason, outcome.hits, timeline.now) == ("hit", hits, hits[0].at)
    if len(forward) == len(latest):
        assert timeline.reverse_run().reason == "begin"
        assert timeline.now == timeline.start


def test_a_search_leaves_the_machine_where_it_is(mode: str) -> None:
    timeline, _, _ = lived(mode, 5)
    timeline.goto(timeline.end - 12_345)
    before = state(timeline.machine)
    fork = points_of("code", mode)
    last = timeline.find_last(fork)
    assert (timeline.now, state(timeline.machine)) == (timeline.end - 12_345, before)
    earlier = timeline.find_last(fork, before=last[0].at)
    assert earlier[0].at < last[0].at
    assert timeline.find_last(fork, before=last[0].at + 1) == last
    assert timeline.find_last([CodePoint(0x10)]) == ()
    timeline.goto(earlier[0].at)
    assert timeline.machine.pc == system(mode).symbols[CODE]


@pytest.mark.parametrize("spare", [0, 20_000, 200_000])
def test_the_budget_is_kept_and_nothing_is_lost(mode: str, spare: int) -> None:
    least = Timeline(busy(mode)).memory
    timeline, seen, _ = lived(mode, 2, least + spare)
    pick = Random(2)
    for _ in range(30):
        move(timeline, pick)
        assert timeline.memory <= timeline.budget
        assert seen.setdefault(timeline.now, state(timeline.machine)) == state(timeline.machine)
    for position in pick.sample(sorted(seen), 10):
        timeline.goto(position)
        assert seen[position] == state(timeline.machine)
