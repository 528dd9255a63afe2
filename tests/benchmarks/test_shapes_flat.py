"""Shapes that published measurements of switches have on machines of all kinds, and a correct simulation must show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.context_switch import coroutines, costs
from benchmarks.context_switch.experiments import FETCHED, INSTRUCTIONS, LARGE, WORDS, Counts, cycles, memory_of
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.moments import CLOCK, GETPID, PAGE_TABLE, STATE_SAVE, TLB_REFILL
from benchmarks.context_switch.settings import Setting, setting
from benchmarks.context_switch.workload import Coroutines, Traps
from tests.benchmarks.measured import (
    CYCLES,
    FLAT,
    FLUSH,
    LAPS,
    NEUTRAL,
    RISC,
    SETTINGS,
    STATE,
    measured,
    ring,
    switch,
    words,
)

XDUMP = setting("risc", "xdump")
MICROCODE, PUSHED, SOFT = (setting("cisc", name) for name in ("svpctx", "pushr", "soft"))
KIB = 1024
each_setting = pytest.mark.parametrize("machine", SETTINGS, ids=lambda machine: machine.label)


@pytest.mark.parametrize("machine", FLAT, ids=lambda machine: machine.label)
def test_3_flat_cost_does_not_depend_on_depth(machine: Setting) -> None:
    """Without windows a process is its registers, however deep its calls are (the lectures' PCB)."""
    assert len({words(machine, depth) for depth in (0, 2, 6, 20)}) == 1


@pytest.mark.parametrize("model", ["cvax", "i486"])
def test_4_fewest_instructions_is_not_fewest_cycles(model: str) -> None:
    """Anderson, Levy, Bershad, Lazowska, ASPLOS 1991: a switch is 9 instructions on a CVAX, 135 on an R2000/3000, but
    not as many times as fast. What microcode moves is what instructions would have moved."""
    priced, flat = costs.load(model), switch(RISC, ring())
    save = {s.variant: switch(s, ring(), memory_of(priced)) for s in (MICROCODE, PUSHED, SOFT)}
    counts = {name: INSTRUCTIONS.total(bill, STATE) for name, bill in save.items()}
    assert counts["svpctx"] < counts["pushr"] < counts["soft"]
    assert counts["svpctx"] < counts["soft"] / 2 and counts["svpctx"] < INSTRUCTIONS.total(flat, STATE) / 8
    moved = {name: WORDS.total(bill, STATE) for name, bill in save.items()}
    assert moved["svpctx"] >= moved["soft"] == moved["pushr"], "no word less; pc and psw even go by way of a stack"
    price = {name: cycles(priced).total(bill, STATE) for name, bill in save.items()}
    assert price["svpctx"] == max(price.values())
    assert price["svpctx"] / counts["svpctx"] > 4 * price["soft"] / counts["soft"], "each of its instructions is long"


def test_11_a_dump_instruction_removes_fetch_and_issue_and_not_the_stores() -> None:
    """The lectures' "instruction that dumps the registers"; ARM's and the 68000's move-multiple do the same: one fetch,
    one memory cycle a register."""
    soft, dump = switch(RISC, ring()), switch(XDUMP, ring())
    for line in STATE:
        assert INSTRUCTIONS.total(dump, (line,)) < INSTRUCTIONS.total(soft, (line,)) / 3
        assert FETCHED.total(dump, (line,)) < FETCHED.total(soft, (line,)) / 3
    for counter in ("loads", "stores"):
        assert abs(dump.counter(counter, lines=STATE) - soft.counter(counter, lines=STATE)) <= 1
    assert CYCLES.total(dump, STATE) < CYCLES.total(soft, STATE)


@each_setting
def test_12_voluntary_switches_move_no_fewer_words_than_preemptive_ones(machine: Setting) -> None:
    """xv6-riscv, kernel/swtch.S, saves 14 registers at a voluntary switch, trampoline.S 31 at every trap: a kernel that
    exploits the call convention saves fewer. Ours does not: it has no stack of its own for each process, every switch
    begins with a trap, and every trap saves all; in cisc mode a system call saves its number, too. So the shape does
    not appear, and this test says so (docs/context-switch.md explains it)."""
    voluntary, preemptive = switch(machine, ring()), switch(machine, ring(preemptive=True))
    assert 0 <= WORDS.total(voluntary, STATE) - WORDS.total(preemptive, STATE) <= 4


@pytest.mark.parametrize("machine", FLAT, ids=lambda machine: machine.label)
def test_12_a_switch_by_a_procedure_call_moves_fewer_words(machine: Setting) -> None:
    """Where the call convention is exploited the shape appears: threads of a program's own save what calls keep, 14
    registers on RISC-V, as xv6's swtch does. Keppel, QuickThreads, 1993: 1.9 us on an R3000."""
    preemptive = switch(machine, ring(preemptive=True))
    assert 0 < WORDS.value(handed_over(machine, 0)) < WORDS.total(preemptive, STATE)


def test_12_windows_have_no_cheap_procedure_call_to_another_stack() -> None:
    """Keppel, QuickThreads, 1993: 32.3 us on a SPARC 4/65, 17 times as long as on an R3000: the kernel must flush."""
    assert CYCLES.value(handed_over(FLUSH, 4)) > 5 * CYCLES.value(handed_over(RISC, 4))


def handed_over(machine: Setting, depth: int) -> Counts:
    """-> what a switch between two threads of a program's own counts."""
    passing = Coroutines(laps=LAPS, depth=depth)
    jobs = [Job(machine, each, memory_of(NEUTRAL)) for each in (passing, replace(passing, passing=False))]
    return coroutines.switch({job: measured(job.setting, job.workload) for job in jobs}, jobs[0])


@each_setting
def test_13_a_system_call_is_far_cheaper_than_a_switch(machine: Setting) -> None:
    """Anderson et al. 1991 measure both apart; Ousterhout, Why Aren't Operating Systems Getting Faster As Fast as
    Hardware, USENIX 1990: getpid in a fraction of a switch on every machine."""
    call = measured(machine, Traps()).bill(GETPID)
    for unit in (INSTRUCTIONS, CYCLES):
        assert unit.total(call) < unit.total(switch(machine, ring())) / 2
    assert measured(machine, Traps()).switches == 0


@each_setting
def test_13_a_switch_within_an_address_space_is_cheaper(machine: Setting) -> None:
    """Anderson, Bershad, Lazowska, Levy, Scheduler Activations, TOCS 1992: threads switch without a change of address
    space. Here that saves the page table's line and the translations that are lost."""
    process, thread = switch(machine, ring()), switch(machine, ring(together=True))
    assert PAGE_TABLE in process.lines and PAGE_TABLE not in thread.lines
    assert thread.counter("tlb_misses", lines=(TLB_REFILL,)) < process.counter("tlb_misses", lines=(TLB_REFILL,)) / 2
    assert CYCLES.total(thread) < CYCLES.total(process)


@each_setting
def test_14_nearly_flat_in_processes_without_footprint(machine: Setting) -> None:
    """McVoy, Staelin, lmbench, USENIX 1996: with no footprint the times of a switch are nearly flat in the number of
    processes. (Up to as many as register windows hold, that is another matter: shape 7.)"""
    few, many = (CYCLES.total(switch(machine, ring(processes=n), LARGE)) for n in (4, 12))
    assert many < 1.15 * few


def test_14_a_knee_where_footprints_exceed_the_cache() -> None:
    """McVoy, Staelin, lmbench, USENIX 1996: the cost of a switch jumps where the processes' footprints together outgrow
    the cache."""
    assert LARGE.dcache is not None
    cache = LARGE.dcache.size

    def cost(processes: int, footprint: int) -> float:
        return CYCLES.total(switch(RISC, ring(processes=processes, footprint=footprint), LARGE))

    bare = cost(4, 0)
    assert cost(2, cache // 4) < 1.3 * bare, "half of the cache"
    assert cost(4, cache // 2) > 10 * bare, "twice the cache"
    assert cost(4, cache // 8) < 1.5 * bare < cost(12, cache // 8) / 5, "more processes do the same"


def test_a_preemptive_switch_is_the_timers() -> None:
    """What the tests above take for preemptive switches are trips that the clock began."""
    found = measured(RISC, ring(preemptive=True))
    assert found.bill(CLOCK, True).trips > 5 and ("yield", True) not in found.bills
    assert found.bill(CLOCK, True).counter("interrupts 5") == 1
    assert STATE_SAVE in found.bill(CLOCK, True).lines
