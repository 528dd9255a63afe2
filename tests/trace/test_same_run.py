"""A run that is watched is the run that it would have been: output, instructions, everything that is counted."""

from __future__ import annotations

import pytest

from tests.trace.rig import LIMIT, computer_for, system, traced
from toyos.variants import MODES


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", ["lectures/fork_sum.s", "lectures/orphan.s", "-c ls /bin | wc; cat /nothing"])
def test_nothing_differs(program: str, mode: str) -> None:
    output = bytearray()
    plain = computer_for(program, system(mode), output, observed=False)
    stop = plain.run(max_instructions=LIMIT)
    run = traced(program, mode)
    assert (run.stop, run.output) == (stop, bytes(output))
    assert run.computer.stats() == plain.stats()
    assert run.computer.machine.started == plain.machine.started


def test_nothing_differs_when_recording_stops_early() -> None:
    whole, part = traced("lectures/fork_sum.s"), traced("lectures/fork_sum.s", limit=30)
    assert len(part.history.events) == 30 and not part.history.complete
    assert [event.data() for event in part.history.events] == [event.data() for event in whole.history.events[:30]]
    assert part.output == whole.output and part.computer.stats() == whole.computer.stats()
