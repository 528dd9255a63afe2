"""What the tests of the observer share: its stops as a list, and points that a run meets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.observe.oracle import Moved, Oracle
from vm.arch import RAM_BASE
from vm.machine import Machine
from vm.observe import HIT, Observer
from vm.points import KINDS, CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint

Make = Callable[[str, bool], Machine]  # executor, whether it is observed -> a machine, always at the same beginning
EXECUTORS = ("native", "reference")
_FIELDS = "priv mstatus satp mepc mcause scause sepc mie mip data_priv cwp wim usp ksp".split()


def observing(machine: Machine, points: Sequence[Point]) -> Observer:
    """-> an observer with these points."""
    observer = Observer(machine)
    for point in points:
        observer.add(point)
    return observer


def stops(machine: Machine, points: Sequence[Point], instructions: int) -> tuple[str, list[tuple[Hit, ...]]]:
    """Runs through all hits, so many instructions in all -> why it ended, and the hits of each stop."""
    observer = observing(machine, points)
    end, found = machine.started + instructions, []
    while machine.started < end:
        outcome = observer.run(end - machine.started)
        if outcome.hits:
            assert {hit.at for hit in outcome.hits} == {machine.started}
            found.append(outcome.hits)
        if outcome.reason != HIT:
            return outcome.reason, found
    return "limit", found


def _same(ours: Hit, expected: Hit) -> bool:
    if isinstance(ours.point, DataPoint) and expected.before is None and not ours.point.physical:
        ours = ours._replace(before=None, after=None)  # the oracle cannot tell
    return ours == expected


def check(make: Make, points: Sequence[Point], instructions: int, executors: Sequence[str] = EXECUTORS) -> list[Hit]:
    """-> the hits that the oracle finds; the observer must find them too, and a scan the last of their positions."""
    plain = make("reference", False)
    reason, expected = Oracle(plain, points).run(instructions)
    for executor in executors:
        observed = make(executor, True)
        ended, found = stops(observed, points, instructions)
        for hits, wanted in zip(found, expected, strict=False):
            assert len(hits) == len(wanted) and all(map(_same, hits, wanted)), (executor, hits, wanted)
        assert (ended, len(found), observed.started) == (reason, len(expected), plain.started), executor
        scanned = make(executor, True)
        last = expected[-1][0].at if expected else None
        assert observing(scanned, points).scan(instructions) == last, executor
        assert scanned.started == plain.started
    return [hit for hits in expected for hit in hits]


def meeting(make: Make, instructions: int, seed: int) -> list[Point]:
    """-> points, most of which are met in that many instructions."""
    random, machine = Random(seed), make("reference", False)
    oracle = Oracle(machine, [])
    oracle.run(instructions)
    ways: list[Callable[[], Point]] = [
        lambda: CodePoint(random.choice(oracle.visited)),
        lambda: StatePoint("x", random.randrange(1, 16)),
        lambda: StatePoint(random.choice(_FIELDS)),
    ]
    if oracle.moved:
        ways += [lambda: _near(random, random.choice(oracle.moved))] * 4
    if oracle.trapped:
        causes = random.choices(oracle.trapped, k=2)
        ways.append(lambda: TrapPoint(frozenset(causes) if random.random() < 0.7 else frozenset()))
    return list(dict.fromkeys(random.choice(ways)() for _ in range(random.randrange(1, 6))))


def _near(random: Random, moved: Moved) -> DataPoint:
    """Access -> a point that it meets, or nearly."""
    size, kind = random.choice((1, 2, 3, 4, 4, 8, 40)), random.choice(KINDS)
    shift = random.randrange(-size, moved.size + 1)
    if moved.places and random.random() < 0.5:
        return DataPoint(max(RAM_BASE + moved.places[0] + shift, RAM_BASE), size, kind, physical=True)
    return DataPoint(moved.address + shift & 0xFFFF_FFFF, size, kind)
