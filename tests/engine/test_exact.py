"""Exactness: the same work is the same number of instructions, however it is sliced, repeated, or crowded."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from benchmarks.engine.workloads import SMALL, Workload
from tests.engine.rig import EXECUTORS, differences, image, machine, word, words
from vm.arch import (
    CLOCKS_PER_TICK,
    CSR,
    MENVCFGH_STCE,
    MIP_MEIP,
    MIP_MTIP,
    MIP_SSIP,
    MIP_STIP,
    MSTATUS_MIE,
    PAGE_SIZE,
    PLIC_BASE,
    RAM_BASE,
    UART_IRQ,
)
from vm.machine import Machine, Stop
from vm.micro import slots
from vm.micro.slots import RELEASE_AFTER

RAM = 16 << 20
PASSED = Stop("halt", 0)


def loaded(workload: Workload, executor: str = "native") -> tuple[Machine, bytearray]:
    """-> a machine with the workload in it, and what it will print."""
    printed = bytearray()
    made = Machine(ram=RAM, executor=executor, console=printed.extend)
    made.load(workload.image)
    return made, printed


@pytest.mark.parametrize("workload", SMALL, ids=lambda workload: workload.name)
def test_slices_change_nothing(workload: Workload) -> None:
    whole, printed = loaded(workload)
    assert whole.run() == PASSED
    assert (printed.decode(), whole.retired) == (workload.output, workload.instructions)
    again, _ = loaded(workload)
    assert again.run() == PASSED
    assert differences(whole.core, again.core) == {}, "two equal runs"
    sliced, printed = loaded(workload)
    pick = random.Random(workload.name)
    stop = Stop("limit")
    while stop.reason == "limit":
        before, count = sliced.instructions, pick.choice((0, 1, 2, 3, 100, 997, 40_000))
        stop = sliced.run(count)
        assert stop.reason == "halt" or sliced.instructions == before + count
    assert (stop, printed.decode()) == (PASSED, workload.output)
    assert differences(whole.core, sliced.core) == {}


def test_reference_runs_a_workload_to_the_same_end() -> None:
    workload = min(SMALL, key=lambda each: each.instructions)
    native, reference = loaded(workload)[0], loaded(workload, "reference")[0]
    assert (native.run(100_000), reference.run(100_000)) == (Stop("limit"), Stop("limit"))
    assert differences(native.core, reference.core) == {}


def page_hopper(pages: int) -> bytes:
    """-> code in so many pages: each adds its number to x1 and jumps to the next, the last one back to the first."""
    content = bytearray(pages * PAGE_SIZE)
    for page in range(pages):
        to = PAGE_SIZE * (1 - pages if page == pages - 1 else 1) - 4
        hop = words([word("addi", rd=1, rs1=1, imm=page), word("jal", rd=0, target=to)])
        content[page * PAGE_SIZE : page * PAGE_SIZE + len(hop)] = hop
    return bytes(content)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("slots", [2, 3, 9, 10, 11, 12])
def test_more_executed_pages_than_slots(executor: str, slots: int) -> None:
    pages, rounds = 10, 7
    made = machine(executor, page_hopper(pages))
    made.core.state["slot_limit"] = slots
    assert made.run(2 * pages * rounds) == Stop("limit")
    assert (made.x[1], made.pc) == (rounds * sum(range(pages)), RAM_BASE)


RECYCLED = """
    # Page `room` in turn holds code that runs and data that is written, more often than makes it data.
    .equ TURNS, {turns}
    .equ WRITES, {writes}
start:
    li s0, TURNS
    li s1, 0
    la a0, room
turn:
    lw t0, pattern              # addi s1, s1, 1; the immediate is the turn
    slli t1, s0, 20
    add t0, t0, t1
    sw t0, 0(a0)
    lw t1, back
    sw t1, 4(a0)
    fence.i
    jalr ra, 0(a0)
    jalr ra, 0(a0)
    li a1, WRITES
fill:
    sw a1, 64(a0)
    lw a2, 64(a0)
    bne a1, a2, wrong
    addi a1, a1, -1
    bnez a1, fill
    jalr ra, 0(a0)
    addi s0, s0, -1
    bnez s0, turn
    li t0, 0x5555
    j tell
wrong:
    li t0, 0x13333
tell:
    li t1, 0x100000
    sw t0, 0(t1)
    .balign 4
pattern:
    addi s1, s1, 0
back:
    ret
    .balign 4096
room:
    .space 4096
"""


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("share", "more"), [(0, 1), (1, -3), (1, 0), (3, 0)])
def test_pages_change_between_code_and_data(
    executor: str, share: int, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With about as many stores as make a page data again; the slow executor is given a smaller number of them."""
    turns, enough = 5, RELEASE_AFTER
    if executor == "reference":
        enough = 256
        monkeypatch.setattr(slots, "RELEASE_AFTER", enough)
    writes = share * enough + more
    made = Machine(ram=RAM, executor=executor)
    made.load(image(RECYCLED.format(turns=turns, writes=writes)))
    assert made.run(turns * (10 * writes + 1000)) == PASSED
    assert made.x[9] == 3 * sum(range(1, turns + 1))


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("ticks", [1, 2, 100])
def test_interrupts_come_at_exact_counts(executor: str, ticks: int) -> None:
    """A timer is pending from the first instruction on that begins at its tick: section 3.2.1 and the board's clock."""
    made = machine(executor, words([word("addi", rd=1, rs1=1, imm=1), word("jal", rd=0, target=-4)]))
    made.clint.mtimecmp = ticks
    made.core.state["mie"], made.core.state["mtvec"] = MIP_MTIP, RAM_BASE + 0x100
    made.core.state["mstatus"] |= MSTATUS_MIE
    made.write(RAM_BASE + 0x100, words([word("jal", rd=0, target=0)]))
    made.run(ticks * CLOCKS_PER_TICK - 1)
    assert made.pc < RAM_BASE + 8
    made.run(1)
    assert (made.pc, made.csr("mcause"), made.retired) == (RAM_BASE + 0x100, 0x8000_0007, ticks * CLOCKS_PER_TICK)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_wfi_jumps_to_the_timer(executor: str) -> None:
    """Time passes, instructions do not: the clock stands at the timer's tick right behind the wfi."""
    reads = [word("csrrs", rd=1, csr=CSR["time"]), word("csrrs", rd=2, csr=CSR["minstret"])]
    made = machine(executor, words([word("wfi"), *reads]))
    made.clint.mtimecmp = 1_000_000
    made.core.state["mie"] = MIP_MTIP
    assert made.run(3) == Stop("limit")
    assert (made.x[1], made.x[2], made.instructions) == (1_000_000, 2, 3)
    assert made.stats()["clock"] == 1_000_000 * CLOCKS_PER_TICK + 2


@pytest.mark.parametrize("executor", EXECUTORS)
def test_wfi_without_a_timer_waits_for_the_world(executor: str) -> None:
    made = machine(executor, words([word("wfi"), word("addi", rd=1, rs1=1, imm=1)]))
    made.clint.mtimecmp = (1 << 64) - 1
    made.core.state["mie"] = MIP_MEIP
    assert made.run(10) == Stop("idle")
    assert (made.pc, made.instructions) == (RAM_BASE, 0)
    made.plic.set_line(UART_IRQ, True)
    made.bus.write(PLIC_BASE + 4 * UART_IRQ, 4, 1)  # priority
    made.bus.write(PLIC_BASE + 0x2000, 4, 1 << UART_IRQ)  # enabled for M-mode
    assert made.run(2) == Stop("limit")
    assert made.x[1] == 1


def _delegated(made: Machine) -> None:
    made.core.state["mideleg"] = MIP_SSIP | MIP_STIP


def _pending(made: Machine) -> None:
    made.core.state["mip"] = MIP_SSIP


def _enabled(made: Machine) -> None:
    made.core.state["mie"] = MIP_SSIP | MIP_STIP


def _open(made: Machine) -> None:
    made.core.state["mstatus"] |= MSTATUS_MIE


def _timer_past(made: Machine) -> None:
    made.core.state["stimecmp"] = 0


def _sstc(made: Machine) -> None:
    made.core.state["menvcfgh"] = MENVCFGH_STCE


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("csr", "value", "before"),
    [
        ("mstatus", MSTATUS_MIE, (_pending, _enabled)),
        ("mie", MIP_SSIP, (_pending, _open)),
        ("mip", MIP_SSIP, (_enabled, _open)),
        ("mideleg", 0, (_delegated, _pending, _enabled, _open)),
        ("menvcfgh", MENVCFGH_STCE, (_timer_past, _enabled, _open)),
        ("stimecmph", 0, (_sstc, _enabled, _open)),
    ],
)
def test_a_write_that_lets_an_interrupt_in_is_followed_by_it(
    executor: str, csr: str, value: int, before: tuple[Callable[[Machine], None], ...]
) -> None:
    content = words([word("csrrw", rd=0, csr=CSR[csr], rs1=1), *[word("addi", rd=2, rs1=2, imm=1)] * 3])
    made = machine(executor, content)
    made.x[1] = value
    made.core.state["mtvec"] = RAM_BASE + 0x100
    made.core.state["stimecmp"] = 0xFFFF_FFFF << 32  # its low half is zero
    for prepare in before:
        prepare(made)
    made.write(RAM_BASE + 0x100, words([word("jal", rd=0, target=0)]))
    made.run(3)
    assert (made.pc, made.csr("mepc"), made.x[2]) == (RAM_BASE + 0x100, RAM_BASE + 4, 0)
