"""Translations that the hart remembers and the page table does not give any more: met where they are used."""

from __future__ import annotations

from functools import cache

import pytest

from tests.engine.rig import EXECUTORS, code
from tests.observe.rig import observing
from toyos.boot import Computer, own_program
from toyos.build import System, system
from toyos.paths import source_folder
from toyos.variants import MODES
from vm.arch import PAGE_SIZE, PTE_A, PTE_D, PTE_PPN_SHIFT, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X, RAM_BASE, SATP_MODE
from vm.machine import Machine
from vm.points import CHANGE, WRITE, DataPoint, StalePoint

ROOT, LEAVES, OLD, NEW = (RAM_BASE + 0x1_0000 + 0x1000 * k for k in range(4))
VIRTUAL = 0x0040_1000
ENTRY = LEAVES + 4
ALL = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D


def entry(address: int, flags: int = ALL) -> int:
    return address >> 12 << PTE_PPN_SHIFT | flags


def board(executor: str, change: int, fence: str, use: str) -> Machine:
    """-> a machine whose supervisor uses a page, changes its entry in the page table, and uses it again."""
    text = f"""
        csrw mepc, a3
        csrw mstatus, a4
        csrw satp, a5
        mret
        {use}
        sw a1, 0(a2)
        {fence}
        {use}
    1:  j 1b
    """
    machine = Machine(ram=1 << 18, executor=executor, observed=True)
    machine.write(RAM_BASE, code(text))
    for address, value in (
        (ROOT + 4 * (RAM_BASE >> 22), entry(RAM_BASE)), (ROOT + 4 * (VIRTUAL >> 22), entry(LEAVES, PTE_V)),
        (ENTRY, entry(OLD)), (OLD, 0x0000_8067), (NEW, 0x0000_8067),  # ret
    ):  # fmt: skip
        machine.write(address, value.to_bytes(4, "little"))
    machine.core.reset(RAM_BASE)
    for register, value in ((10, VIRTUAL), (11, change), (12, ENTRY), (13, RAM_BASE + 16), (14, 1 << 11),
                            (15, SATP_MODE | ROOT >> 12)):  # fmt: skip
        machine.x[register] = value
    return machine


READS, WRITES, RUNS = "lw t0, 4(a0)", "sw t0, 4(a0)", "jalr ra, 0(a0)"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("use", [READS, WRITES, RUNS])
@pytest.mark.parametrize("change", [0, entry(NEW), entry(OLD, PTE_V | PTE_A | PTE_D), entry(OLD, ALL | PTE_U)])
def test_without_a_fence(executor: str, use: str, change: int) -> None:
    machine = board(executor, change, "", use)
    outcome = observing(machine, [StalePoint()]).run(30)
    assert outcome.reason == "hit"
    access = outcome.hits[0].access
    assert access is not None
    if use == RUNS:
        assert access == (VIRTUAL, OLD, 0, False, VIRTUAL) and machine.started == 9
    else:
        assert (access.address, access.physical, access.write) == (VIRTUAL + 4, OLD + 4, use == WRITES)
        assert (access.pc, machine.started) == (RAM_BASE + 24, 7)
    scanned = board(executor, change, "", use)
    assert observing(scanned, [StalePoint()]).scan(machine.started) == machine.started


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("use", [READS, WRITES, RUNS])
def test_what_the_hart_remembered_before_anybody_asked(executor: str, use: str) -> None:
    machine = board(executor, 0, "", use)
    machine.run(6)
    assert observing(machine, [StalePoint()]).run(20).reason == "hit"
    assert machine.started == (9 if use == RUNS else 7)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("use", [READS, WRITES, RUNS])
@pytest.mark.parametrize(
    ("change", "fence"),
    [(entry(NEW), "sfence.vma"), (entry(OLD), ""), (entry(OLD, ALL & ~(PTE_A | PTE_D)), "")],
    ids=["fenced", "the same", "not used lately"],
)
def test_nothing_to_be_met(executor: str, use: str, change: int, fence: str) -> None:
    machine = board(executor, change, fence, use)
    assert observing(machine, [StalePoint()]).run(9).reason == "limit"
    assert int(machine.core.state["exceptions"]) == 0


@cache
def _parts(mode: str) -> tuple[System, str, dict[str, bytes]]:
    parts = system(mode)
    return parts, *own_program([source_folder("programs") / "lectures" / "fork_sum.s"], parts)


@pytest.mark.parametrize("mode", MODES)
def test_our_kernel_has_none(mode: str) -> None:
    """And whoever looks for them changes nothing."""
    parts, name, files = _parts(mode)
    plain, watched = (Computer([name], files, parts=parts, observed=each) for each in (False, True))
    outcome = observing(watched.machine, [StalePoint()]).run()
    assert (outcome.reason, outcome.status) == plain.machine.run()
    assert watched.stats() == plain.stats()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_store_across_two_pages_that_lie_apart(executor: str) -> None:
    machine = board(executor, 0, "", "sw a4, 0(a0)")
    far, before = NEW + 0x2000, 0x4433_2211
    machine.write(ENTRY + 4, entry(far).to_bytes(4, "little"))
    machine.write(OLD + PAGE_SIZE - 2, before.to_bytes(4, "little")[:2])
    machine.write(far, before.to_bytes(4, "little")[2:])
    machine.x[10], machine.x[14] = VIRTUAL + PAGE_SIZE - 2, 0xD4C3_0800 | 0xA1  # the privilege to go to, and a pattern
    places = [OLD + PAGE_SIZE - 2, OLD + PAGE_SIZE - 1, far, far + 1]
    parts = [DataPoint(at, 1, kind, physical=True) for at in places for kind in (WRITE, CHANGE)]
    hits = observing(machine, [DataPoint(VIRTUAL + PAGE_SIZE - 2, 4), *parts]).run(10).hits
    after = int(machine.x[14])
    assert (hits[0].before, hits[0].after) == (before, after) and len(hits) == 9
    found = [(hit.before, hit.after) for hit in hits[1::2]]
    assert found == list(zip(before.to_bytes(4, "little"), after.to_bytes(4, "little"), strict=True))
