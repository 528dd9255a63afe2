"""The observer on small programs: each kind of point, budgets, devices, sleep, halt, reset, and what it refuses."""

from __future__ import annotations

import pytest

from tests.engine.rig import EXECUTORS, code, image, machine
from tests.observe.rig import observing, stops
from vm import MachineError
from vm.arch import PAGE_SHIFT, PAGE_SIZE, RAM_BASE
from vm.machine import Machine
from vm.observe import Observer
from vm.points import CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint

CELL = RAM_BASE + 0x1_0000
LOOP = f"""
        li a1, 5
        li t0, {CELL}
loop:   lw t1, 0(t0)
        addi t1, t1, 3
        sw t1, 0(t0)
        addi a1, a1, -1
        bnez a1, loop
        li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
"""
AT_LOOP, LOOP_LENGTH, TURNS = RAM_BASE + 8, 5, 5
HALTS_AT = 2 + TURNS * LOOP_LENGTH + 4


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def board(executor: str, text: str = LOOP, mode: str = "risc") -> Machine:
    return machine(executor, code(text, mode), mode=mode, observed=True)


def positions(found: tuple[str, list[tuple[Hit, ...]]]) -> list[int]:
    return [hits[0].at for hits in found[1]]


def test_a_breakpoint_in_a_loop(executor: str) -> None:
    made = board(executor)
    found = stops(made, [CodePoint(AT_LOOP)], 1000)
    assert positions(found) == [2 + LOOP_LENGTH * k for k in range(TURNS)]
    assert (found[0], made.started) == ("halt", HALTS_AT)


def test_where_a_run_starts_a_breakpoint_does_not_count(executor: str) -> None:
    made = board(executor)
    observer = observing(made, [CodePoint(RAM_BASE), CodePoint(AT_LOOP)])
    assert [observer.run().hits[0].at for _ in range(2)] == [2, 7]


def test_watchpoints_say_what_was_there_before(executor: str) -> None:
    made = board(executor)
    made.write(CELL, (0x1_0000).to_bytes(4, "little"))
    observer = observing(made, [DataPoint(CELL, 4), DataPoint(CELL, 2, "change"), DataPoint(CELL + 3, 1, "change")])
    for turn in range(TURNS):
        write, change = observer.run().hits
        assert (write.before, write.after) == (0x1_0000 + 3 * turn, 0x1_0003 + 3 * turn)
        assert (change.before, change.after) == (3 * turn, 3 * turn + 3)
        assert write.access is not None and write.access.write
        assert (write.access.address, write.access.physical, write.access.pc) == (CELL, CELL, AT_LOOP + 8)


def test_reading_is_not_writing(executor: str) -> None:
    points = [DataPoint(CELL, 1, "read"), DataPoint(CELL, 1, "write"), DataPoint(CELL, 1, "access")]
    found = stops(board(executor), points, 8)
    assert [(hits[0].at, [hit.point for hit in hits]) for hits in found[1]] == [
        (3, [points[0], points[2]]), (5, points[1:]), (8, [points[0], points[2]]),
    ]  # fmt: skip


@pytest.mark.parametrize("budget", range(1, 12))
def test_budgets_are_exact(executor: str, budget: int) -> None:
    made = board(executor)
    observer = observing(made, [DataPoint(CELL, 4)])
    outcome = observer.run(budget)
    assert (outcome.reason, made.started) == (("hit", 5) if budget >= 5 else ("limit", budget))


def test_a_filter_decides(executor: str) -> None:
    made = board(executor)
    observer = Observer(made)
    observer.add(CodePoint(AT_LOOP), lambda hit: int(made.x[11]) == 2)
    observer.add(DataPoint(CELL), lambda hit: hit.after == 6)
    assert [observer.run(100).hits[0].at for _ in range(2)] == [2 + LOOP_LENGTH + 3, 2 + LOOP_LENGTH * 3]
    assert observer.run(100).reason == "halt"


def test_last_hit_and_scan_agree_with_filters(executor: str) -> None:
    found = []
    for ask in (Observer.last_hit, Observer.scan):
        made = board(executor)
        observer = Observer(made)
        observer.add(DataPoint(CELL, 4, "change"), lambda hit: hit.after < 12)  # type: ignore[operator]
        found.append(ask(observer, 1000))
        assert made.started == HALTS_AT
    assert found[0][0].at == found[1] == 5 + 2 * LOOP_LENGTH


def test_a_scan_runs_on_for_exactly_so_many(executor: str) -> None:
    made = board(executor)
    observer = observing(made, [CodePoint(AT_LOOP), StatePoint("x", 11)])
    assert observer.scan(2) == 2 and made.started == 2, "where it ends counts"
    assert observer.scan(3) is None and made.started == 5, "where it starts does not"
    assert observer.scan(10) == 12 and made.started == 15
    assert observer.scan(100) == 2 + 4 * LOOP_LENGTH + 4, "the last change of a1"
    assert made.started == HALTS_AT


def test_registers(executor: str) -> None:
    found = stops(board(executor), [StatePoint("x", 11)], 1000)
    assert [(hits[0].before, hits[0].after) for hits in found[1]] == [(0, 5), (5, 4), (4, 3), (3, 2), (2, 1), (1, 0)]


def test_both_halves_of_a_wide_field(executor: str) -> None:
    made = board(executor, "li a0, 5\n csrw stimecmph, a0\n csrw stimecmp, a0\n nop\n nop\n")
    found = stops(made, [StatePoint("stimecmp")], 5)
    assert [hits[0].at for hits in found[1]] == [2, 3]
    assert found[1][1][0].after == 5 << 32 | 5


def test_points_come_and_go(executor: str) -> None:
    made = board(executor)
    observer = observing(made, [CodePoint(AT_LOOP)])
    observer.run()
    observer.add(CodePoint(AT_LOOP + 4))
    assert observer.run().hits == (Hit(CodePoint(AT_LOOP + 4), 3),)
    observer.remove(CodePoint(AT_LOOP))
    assert observer.run().hits == (Hit(CodePoint(AT_LOOP + 4), 3 + LOOP_LENGTH),)
    observer.remove(CodePoint(AT_LOOP + 4))
    assert observer.points == () and observer.run().reason == "halt"


@pytest.mark.parametrize("text", [LOOP, LOOP.replace("addi t1, t1, 3", "li t1, 0x12345678")])
def test_points_in_code_that_has_run_already(executor: str, text: str) -> None:
    for place in range(AT_LOOP, AT_LOOP + 4 * LOOP_LENGTH, 4):
        made = board(executor, text)
        observer = Observer(made)
        observer.run(3 * LOOP_LENGTH)
        observer.add(CodePoint(place))
        outcome = observer.run(2 * LOOP_LENGTH)
        assert (outcome.reason, made.pc) == ("hit", place)


def test_marks_of_points_that_are_gone_are_gone(executor: str) -> None:
    made = board(executor)
    observer = observing(made, [DataPoint(CELL, 4), DataPoint(CELL + PAGE_SIZE, 4), CodePoint(AT_LOOP)])
    observer.run(1)
    for point in observer.points:
        observer.remove(point)
    observer.add(DataPoint(CELL + 2 * PAGE_SIZE, 4))
    observer.run(1)
    marks = made.core.marks
    assert marks is not None
    assert marks.tables["virtual_marks"].nonzero()[0].tolist() == [(CELL >> PAGE_SHIFT) + 2]


def test_two_observers_of_one_machine(executor: str) -> None:
    made = board(executor)
    one, other = observing(made, [CodePoint(AT_LOOP)]), observing(made, [DataPoint(CELL, 4)])
    assert [each.run().hits[0].at for each in (one, other, one, other)] == [2, 5, 7, 10]
    made.run(1)
    assert made.run(100).reason == "halt", "nobody's points stop Machine.run"


def test_the_machine_itself_reports_traps_beside(executor: str) -> None:
    made = board(executor, "la a0, out\ncsrw mtvec, a0\necall\nout: ebreak\n")
    seen: list[int] = []
    made.trace_traps = lambda record: seen.append(record.cause)
    found = stops(made, [TrapPoint(frozenset({3}))], 7)
    assert [hit.trap.cause for hits in found[1] for hit in hits if hit.trap] == [3, 3, 3] and seen == [11, 3, 3, 3]


DEVICE = """
        li t0, 0x10000000
        li a0, 65
store:  sb a0, 0(t0)
        lbu a1, 5(t0)
        li a2, 1
"""


def test_an_access_to_a_device_is_met_once(executor: str) -> None:
    uart = 0x1000_0000
    made = board(executor, DEVICE)
    found = stops(made, [CodePoint(RAM_BASE + 8), DataPoint(uart, 8, "access")], 5)
    assert positions(found) == [2, 3, 4]
    access = found[1][1][0].access
    assert access is not None and (access.address, access.physical, access.size) == (uart, None, 1)
    assert (found[1][1][0].before, found[1][1][0].after) == (None, None)


def test_a_sleep(executor: str) -> None:
    made = board(executor, "li a0, 1\nwfi\nli a1, 1\n")
    made.clint.mtimecmp = (1 << 64) - 1
    observer = observing(made, [CodePoint(RAM_BASE + 4), CodePoint(RAM_BASE + 8)])
    assert observer.run(10).hits[0].at == 1
    assert [observer.run(10).reason for _ in range(2)] == ["idle", "idle"]
    made.core.state["mip"], made.core.state["mie"] = 2, 2
    assert observer.run(10).hits[0].at == 2


def test_a_skipped_sleep_is_one_instruction(executor: str) -> None:
    made = board(executor, "li a0, 1\nwfi\nli a1, 1\nli a2, 1\n")
    made.clint.mtimecmp = 1000
    made.core.state["mie"] = 1 << 7
    found = stops(made, [CodePoint(RAM_BASE + 8)], 4)
    assert positions(found) == [2] and int(made.core.state["clock"]) > 4


def test_what_the_halting_store_meets_is_told(executor: str) -> None:
    observer = observing(board(executor), [DataPoint(0x10_0000, 4)])
    outcome = observer.run()
    assert (outcome.reason, outcome.status, [hit.at for hit in outcome.hits]) == ("halt", 0, [HALTS_AT])
    scanned = observing(board(executor), [DataPoint(0x10_0000, 4)])
    assert scanned.scan(1000) == HALTS_AT


RESET = """
_start: li t1, 0x80011000
        lw t0, 0(t1)
        addi t0, t0, 1
        sw t0, 0(t1)
        li t2, 2
        beq t0, t2, done
        li t1, 0x100000
        li t0, 0x7777
        sw t0, 0(t1)
done:   li t1, 0x100000
        li t0, 0x5555
        sw t0, 0(t1)
"""


@pytest.mark.parametrize("point", [StatePoint("mcause"), TrapPoint(), CodePoint(RAM_BASE + 4)])
def test_where_the_hart_stops_for_good(executor: str, point: Point) -> None:
    text = "nop\n movl $0x10, sp\n chmk $1\n"  # a trap without a vector
    watched, scanned = (board(executor, text, "cisc") for _ in range(2))
    reason, found = stops(watched, [point], 10)
    assert (reason, found[-1][0].at) == ("stopped", 3)
    assert observing(scanned, [point]).scan(10) == 3


def test_positions_count_through_a_reset(executor: str) -> None:
    plain = Machine(executor=executor)
    plain.load(image(".globl _start\n" + RESET))
    plain.run()
    made = Machine(executor=executor, observed=True)
    made.load(image(".globl _start\n" + RESET))
    found = stops(made, [DataPoint(RAM_BASE + 0x1_1000, 4)], 1000)
    assert positions(found) == [4, 4 + plain.started - plain.instructions]
    assert made.started == plain.started


def test_block_instructions_are_met_at_each_round(executor: str) -> None:
    text = f"movl ${CELL}, a0\nmovl $7, a1\nmovl $10, a2\nfilc\nmovl $0x5555, *$0x100000\n"
    made = board(executor, text, "cisc")
    found = stops(made, [DataPoint(CELL + 5, 4, "write")], 100)
    accesses = [hit.access for hits in found[1] for hit in hits]
    assert [(each.address, each.size) for each in accesses if each] == [(CELL + 4, 4), (CELL + 8, 1)]
    assert positions(found) == [5, 6]


def test_an_access_that_faults_is_none(executor: str) -> None:
    made = board(executor, f"li t0, {RAM_BASE + (1 << 18) - 2}\nsw t0, 0(t0)\nsb t0, 0(t0)\n")
    made.core.state["mtvec"] = RAM_BASE + 12
    found = stops(made, [DataPoint(RAM_BASE + (1 << 18) - 2, 2, "access")], 4)
    assert positions(found) == [4], "the word reaches out of RAM, the byte does not"


def test_what_cannot_be_watched() -> None:
    with pytest.raises(MachineError, match="observed=True"):
        Observer(Machine())
    with pytest.raises(MachineError, match="one of the two"):
        from vm.meter import Meter

        Machine(meter=Meter(), observed=True)
    observer = Observer(Machine(observed=True))
    for point, words in (
        (StatePoint("pc"), "'pc' is no field"),
        (StatePoint("nonsense"), "'nonsense' is no field"),
        (StatePoint("x", 32), "index from 0 to 31"),
        (DataPoint(0, 4, "nonsense"), "one of: read, write, access, change"),
        (DataPoint(0, 0), "0 bytes to be watched"),
        (DataPoint(0x1000, 4, physical=True), "not in RAM"),
        (CodePoint(1 << 32), "no address"),
        (DataPoint((1 << 32) - 2, 4), "no address"),
    ):
        with pytest.raises(MachineError, match=words):
            observer.add(point)
    for k in range(32):
        observer.add(StatePoint("x", k))
    with pytest.raises(MachineError, match="more than 32 words"):
        observer.add(StatePoint("satp"))
    assert len(observer.points) == 32
