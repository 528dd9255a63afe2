"""Recordings and bills: what is counted is right, all of it is on some line, and equal runs give equal numbers."""

from __future__ import annotations

import pytest

from benchmarks.context_switch import moments
from benchmarks.context_switch.bill import total, trips
from benchmarks.context_switch.measurement import Job, borders, measure
from benchmarks.context_switch.recording import BenchError, Memory, kernel_marks, record
from benchmarks.context_switch.settings import Setting, setting
from benchmarks.context_switch.workload import CALLS_A_TREE, TREE, Ring, Traps, Workload
from tests.benchmarks import stepping
from tests.benchmarks.measured import FLUSH, PARTITION, RISC, SETTINGS, measured, ring
from toyos import build
from vm import aout

XDUMP = setting("risc", "xdump")
PLAIN = Memory()


@pytest.mark.parametrize(
    ("machine", "workload"),
    [(RISC, Traps(2)), (RISC, Ring(2, 2, 1)), (XDUMP, Ring(2, 2)), (FLUSH, Ring(2, 2, 6)), (PARTITION, Ring(3, 2, 4))],
    ids=lambda value: getattr(value, "label", repr(value)),
)
def test_the_meter_counts_what_single_steps_show(machine: Setting, workload: Workload) -> None:
    slow = stepping.recorded(machine, workload)
    fast = record(machine, workload, PLAIN, whole=True)
    kept = [k for k, moment in enumerate(fast.moments) if moment not in moments.IN_PROGRAMS]
    assert [fast.moments[k] for k in kept] == list(slow.moments)
    assert [fast.current[k] for k in kept] == list(slow.current)
    for name in (*stepping.COUNTED, *(name for name in slow.names if name.startswith("classes "))):
        mine = fast.counters[kept, fast.names.index(name)]
        assert (mine - mine[0]).tolist() == slow.counters[:, slow.names.index(name)].tolist(), name


@pytest.mark.parametrize("machine", SETTINGS, ids=lambda machine: machine.label)
@pytest.mark.parametrize("workload", [Ring(3, 3, 5), Ring(2, 3, preemptive=True)], ids=repr)
def test_everything_is_on_one_line(machine: Setting, workload: Workload) -> None:
    recording = record(machine, workload, PLAIN)
    found = trips(recording, borders(machine.mode))
    sums = total([found.user, *(counts for trip in found.trips for counts in trip.lines.values())])
    whole = (recording.counters[-1] - recording.counters[0]).tolist()
    assert sums == {name: value for name, value in zip(recording.names, whole, strict=True) if value}
    assert all(set(trip.lines) <= set(moments.ALL_LINES) for trip in found.trips)
    assert {name for name in found.user if name.startswith(("exceptions", "interrupts", "returns", "masked"))} == set()


def test_equal_jobs_give_equal_measurements() -> None:
    job = Job(FLUSH, Ring(3, 4, 3))
    assert measure(job) == measure(job)


@pytest.mark.parametrize("machine", SETTINGS, ids=lambda machine: machine.label)
def test_a_ring_of_three_passes_the_processor_round(machine: Setting) -> None:
    recording = record(machine, Ring(3, 4), PLAIN)
    rows = zip(recording.moments, recording.current, strict=True)
    laps = [current for moment, current in rows if moment == moments.LAP]
    assert len(set(laps)) == 3
    assert laps == [laps[k % 3] for k in range(len(laps))]


@pytest.mark.parametrize("machine", SETTINGS, ids=lambda machine: machine.label)
def test_a_process_does_the_same_work_alone_and_in_a_ring(machine: Setting) -> None:
    """What user mode counts a lap does not depend on the others: nothing of the kernel is charged to it, or lost."""
    several, alone = (measured(machine, ring(2, processes=n), PLAIN) for n in (3, 1))
    for name in ("loads", "stores", "read_bytes", "written_bytes", "levels user", "fetched_bytes"):
        again = "levels" in name or "fetched" in name  # an instruction that overflows is started twice
        mine, its = several.user.get(name, 0) / several.laps, alone.user.get(name, 0) / alone.laps
        assert mine == pytest.approx(its, abs=40 if again else 2), name


def test_moments_are_the_kernels_own_symbols() -> None:
    parts = build.system_of(RISC.choice({}))
    found = kernel_marks(parts)
    assert found["trap_entry"] == parts.symbols["trap_entry"]
    assert sum(name.startswith(moments.RETURN) for name in found) == 1
    with pytest.raises(BenchError, match="no symbol dispatch"):
        kernel_marks(parts._replace(symbols={name: at for name, at in parts.symbols.items() if name != "dispatch"}))


def test_bills_of_known_trips() -> None:
    found = measured(RISC, Traps(4), PLAIN)
    call = found.bill(moments.GETPID)
    assert call.trips == 4
    assert call.counter("stores", lines=(moments.STATE_SAVE,)) == 32, "31 registers and the pc"
    assert call.counter("loads", lines=(moments.STATE_RESTORE,)) == 32
    assert call.counter("exceptions 8", lines=(moments.TRAP_ENTRY,)) == 1
    assert call.counter("returns", lines=(moments.TRAP_EXIT,)) == 1
    assert moments.SCHEDULER not in call.lines and moments.PAGE_TABLE not in call.lines
    assert moments.SCHEDULER in found.bill(moments.YIELD).lines
    assert moments.PAGE_TABLE in found.bill(moments.FAULT).lines
    assert (found.state, found.pcb) == (128, build.system_of(RISC.choice({})).symbols["P_SIZE"])


def test_a_tree_has_the_calls_that_are_told() -> None:
    program = build.program([Ring().source], "risc", build.system_of(RISC.choice({})))
    heights = [symbol.value for symbol in aout.read(program, "ring").symbols if symbol.name == "TREE"]
    assert heights == [TREE]
    some, none = (measured(RISC, Ring(1, 4, trees=trees), PLAIN).lap() for trees in (2, 0))
    assert some["stores"] - none["stores"] == 2 * CALLS_A_TREE * 3, "proc saves ra, s0, s1"
