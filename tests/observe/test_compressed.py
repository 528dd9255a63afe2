"""Instructions of 16 bits under observation: breakpoints at odd halfwords, between two pages, gdb, and back in time."""

from __future__ import annotations

import struct

import pytest

from tests.engine.rig import EXECUTORS, machine, word
from tests.gdb.rig import Debugged
from tests.observe.rig import stops
from vm.arch import PAGE_SIZE, RAM_BASE
from vm.flow import CALL, RETURN, calls_before, decoded_at, flow_of
from vm.machine import Machine
from vm.points import CodePoint, DataPoint
from vm.timetravel import Timeline

# A loop in the last bytes of a page: c.addi a1,1; c.jal to c.jr ra; addi a0,a0,5 over the border; c.j to its beginning.
START = RAM_BASE + PAGE_SIZE - 6
RETURNS = START - 2
LOOP = struct.pack("<HHHIH", 0x8082, 0x0585, 0x3FF5, word("addi", rd=10, rs1=10, imm=5), 0xBFE5)
ADD, CALLS, CROSSES, JUMPS = START, START + 2, START + 4, START + 8
TURN = 5  # instructions


def board(executor: str, observed: bool = True) -> Machine:
    made = machine(executor, isa="rv32imac", observed=observed)
    made.write(RETURNS, LOOP)
    made.pc = START
    return made


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("place", "first"), [(ADD, 0), (CALLS, 1), (RETURNS, 2), (CROSSES, 3), (JUMPS, 4)])
def test_a_breakpoint_at_every_instruction(executor: str, place: int, first: int) -> None:
    made = board(executor)
    made.run(3 * TURN)  # everything is decoded, and fused
    made.x[10:12] = 0
    found = stops(made, [CodePoint(place)], 4 * TURN)
    # It does not stop where it stands already, but at the end of the run.
    assert [hits[0].at for hits in found[1]] == [3 * TURN + (first or TURN) + TURN * k for k in range(4)]
    assert list(made.x[10:12]) == [20, 4]


def test_a_point_that_is_gone_leaves_the_instruction_as_it_was() -> None:
    made = board("native")
    stops(made, [CodePoint(CROSSES)], 2 * TURN)
    assert stops(made, [], 2 * TURN)[1] == []
    assert list(made.x[10:12]) == [20, 4]


@pytest.mark.parametrize("executor", EXECUTORS)
def test_short_loads_and_stores_are_watched(executor: str) -> None:
    """c.lw a1, 0(a0); c.addi a1, 1; c.sw a1, 0(a0); c.j back to the load."""
    made = machine(executor, isa="rv32imac", observed=True)
    made.write(START, struct.pack("<4H", 0x410C, 0x0585, 0xC10C, 0xBFED))
    made.pc, cell = START, RAM_BASE + 4 * PAGE_SIZE
    made.x[10] = cell
    reads, writes = DataPoint(cell, 4, "read"), DataPoint(cell, 4, "write")
    found = stops(made, [reads, writes], 8)[1]
    assert [(hits[0].at, hits[0].point) for hits in found] == [(1, reads), (3, writes), (5, reads), (7, writes)]
    assert [(hits[0].before, hits[0].after) for hits in found[1::2]] == [(0, 1), (1, 2)]


def test_back_in_time() -> None:
    timeline = Timeline(board("native"))
    timeline.goto(3 * TURN + 4)
    assert timeline.machine.pc == JUMPS
    timeline.goto(3 * TURN + 3)
    assert (timeline.machine.pc, int(timeline.machine.x[10])) == (CROSSES, 15)


def test_calls_and_returns_are_known_by_their_halfwords() -> None:
    made = board("native")
    assert flow_of(decoded_at(made, CALLS)) == (CALL, 2)
    assert flow_of(decoded_at(made, RETURNS)) == (RETURN, 2)
    assert calls_before(made, CROSSES) == [CALLS]
    assert decoded_at(made, CROSSES).length == 4


def test_gdb_sets_breakpoints_of_two_bytes() -> None:
    debugged = Debugged(board("native"))
    for kind, size in ((0, 2), (1, 4)):
        assert debugged.ask(f"Z{kind},{CROSSES:x},{size}") == b"OK"
        debugged.ask("c")
        assert debugged.machine.pc == CROSSES
        debugged.ask("s")
        assert debugged.machine.pc == JUMPS
        assert debugged.ask(f"z{kind},{CROSSES:x},{size}") == b"OK"
    debugged.ask("bs")
    assert debugged.machine.pc == CROSSES
