"""Which snapshots are kept within a budget; and that a recording's end is none of another future."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.timetravel.rig import bare
from vm.ladder import Ladder, Rung
from vm.recording import Recorder, replay

SIZE = 100  # bytes of a snapshot


def rung(at: int) -> Rung:
    snapshot: Any = SimpleNamespace(pages=(), own_size=SIZE)
    return Rung(at, snapshot, 0, 0)


def positions(ladder: Ladder) -> list[int]:
    return [each.at for each in ladder]


def test_the_first_stays_and_the_others_are_dense_where_somebody_is() -> None:
    ladder = Ladder(16 * SIZE)
    for at in range(1000):
        ladder.add(rung(at), at)
        assert ladder.bytes <= ladder.budget
    kept = positions(ladder)
    assert kept[0] == 0 and kept[-4:] == [996, 997, 998, 999] and len(kept) == 16
    gaps = [after - before for before, after in zip(kept, kept[1:], strict=False)]
    assert max(gaps[-5:]) < max(gaps[:5])
    for at in range(2000, 2040):
        ladder.add(rung(at), 0)
    assert positions(ladder)[0] == 0


def test_a_cut_takes_what_lies_behind() -> None:
    ladder = Ladder(1 << 20)
    for at in (0, 10, 20):
        ladder.add(rung(at), at)
    ladder.add(rung(10), 10)
    ladder.cut(10)
    assert positions(ladder) == [0, 10] and ladder.bytes == 2 * SIZE
    assert (ladder.before(9).at, ladder.before(10).at, ladder.before(99).at) == (0, 10, 10)


def test_another_future_goes_on_beyond_the_end_of_the_recording() -> None:
    machine = bare("1: addi a0, a0, 1\n j 1b\n")
    recorder = Recorder(machine)
    machine.run(100)
    timeline = replay(recorder.recording())
    assert timeline.run(200).reason == "end" and timeline.now == 100
    timeline.goto(50)
    timeline.receive(b"x")
    assert [timeline.run(60).reason for _ in range(2)] == ["limit", "limit"] and timeline.now == 170
