"""Shapes that published measurements of register windows have, and a correct simulation must show."""

from __future__ import annotations

import pytest

from benchmarks.calls.programs import Program, chain
from benchmarks.context_switch.experiments import WORDS
from benchmarks.context_switch.moments import WINDOW_FILL, WINDOW_SPILL
from benchmarks.context_switch.settings import REGISTERS_A_WINDOW, Setting
from benchmarks.context_switch.workload import Ring
from tests.benchmarks.measured import (
    CYCLES,
    FILLS,
    FLUSH,
    LAZY,
    PARTITION,
    RISC,
    STATE,
    WINDOW,
    calls,
    measured,
    ring,
    switch,
    words,
)

DEPTHS = tuple(range(9))
BIG = FLUSH.resized(16, 0)  # a file in which that depth fits


def dirty(setting: Setting, depth: int) -> float:
    """-> windows that a switch of the flush policy finds dirty: those that are filled again afterwards."""
    return switch(setting, ring(depth)).counter(FILLS, lines=(WINDOW_FILL,))


def test_1_flush_is_affine_in_dirty_windows() -> None:
    """RTEMS on the ERC32: a flush takes about 19 + 41 k cycles for k windows; i960CA: flushreg 14 + 23 n cycles. A
    window is 16 registers, so each costs 16 stores at least."""
    spills = [switch(BIG, ring(depth)) for depth in DEPTHS]
    k = [dirty(BIG, depth) for depth in DEPTHS]
    assert [b - a for a, b in zip(k, k[1:], strict=False)] == [1] * (len(k) - 1), "each call makes one window dirty"
    stores = [bill.counter("stores", lines=(WINDOW_SPILL,)) for bill in spills]
    slopes = {round(b - a, 6) for a, b in zip(stores, stores[1:], strict=False)}
    assert slopes == {REGISTERS_A_WINDOW}
    instructions = [bill.counter("levels supervisor", lines=(WINDOW_SPILL,)) for bill in spills]
    slope = (instructions[-1] - instructions[0]) / (k[-1] - k[0])
    start = instructions[0] - slope * k[0]
    assert slope > REGISTERS_A_WINDOW and start > 0
    for count, value in zip(k, instructions, strict=True):
        assert value == pytest.approx(start + slope * count, rel=0.05)


def test_2_flush_moves_several_times_the_words_of_flat_risc() -> None:
    """Anderson, Levy, Bershad, Lazowska, ASPLOS 1991: a context switch takes 326 instructions on SPARC, 135 on the
    R2000/3000; Keppel 1993: 32.3 us on a SPARC 4/65, 1.9 us on an R3000."""
    assert words(FLUSH, 6, *STATE, *WINDOW) > 3 * words(RISC, 6, *STATE)
    assert words(FLUSH, 6) > 2 * words(RISC, 6)


@pytest.mark.parametrize("windows", [4, 8, 16])
def test_3_flush_rises_with_depth_and_saturates(windows: int) -> None:
    """A window is reserved, so NWIN - 1 hold calls: that of the process's current procedure, which is in the PCB with
    all else, and NWIN - 2 of its callers (as in SPARC V8, where traps need a window)."""
    setting = FLUSH.resized(windows, 0)
    depths = (0, 1, 2, 4, windows, windows + 4)
    found = [words(setting, depth, *WINDOW) for depth in depths]
    counts = [dirty(setting, depth) for depth in depths]
    assert counts[-1] == counts[-2] == windows - 2, "full"
    for before, after, fewer, more in zip(found, found[1:], counts, counts[1:], strict=False):
        assert (after > before) if more > fewer else (after == before)


def test_5_lazy_moves_cost_and_does_not_remove_it() -> None:
    """Keppel, Register Windows and User-Space Threads on the SPARC, UWCSE 91-08-01: what is cached in windows must be
    flushed some time. On a full unwind between two switches, all that was spilled late is filled again, like all that
    was spilled early."""
    for depth in (4, 6, 8):
        eager, lazy = switch(FLUSH, ring(depth)), switch(LAZY, ring(depth))
        assert lazy.counter(FILLS) == eager.counter(FILLS)
        assert WORDS.total(lazy, (WINDOW_FILL,)) == WORDS.total(eager, (WINDOW_FILL,))
        assert WORDS.total(lazy, (WINDOW_SPILL,)) >= WORDS.total(eager, (WINDOW_SPILL,)), "trap by trap is no cheaper"
    shallow = switch(LAZY, ring(0))
    assert shallow.counter(FILLS) < switch(FLUSH, ring(0)).counter(FILLS), "what fits stays where it is"


def test_6_save_all_restore_one_is_near_the_best() -> None:
    """Hidaka, Koike, Tanaka, Multiple Threads in Cyclic Register Windows, ISCA 1993, compare spill policies. Flush
    saves all and restores one: with more processes than the file holds, it is near the best of ours, work and switch
    together."""
    for depth in (0, 2, 4, 6):
        costs = {s.variant: cycles_of_lap(s, ring(depth, processes=4)) for s in (FLUSH, LAZY, PARTITION)}
        assert costs["flush"] <= 1.05 * min(costs.values()), (depth, costs)


def test_7_partition_is_small_and_flat_while_processes_fit() -> None:
    """Agarwal, Lim, Kranz, Kubiatowicz, APRIL, ISCA 1990: a switch between hardware frames copies nothing and takes
    about 10 cycles; beyond the frames, contexts are unloaded and loaded."""
    divided = PARTITION.resized(32, 4)
    for processes in (2, 3, 4):
        for depth in (0, 1, 2, 6):
            bill = switch(divided, ring(depth, processes=processes))
            assert bill.counter(FILLS) == 0, "nothing is copied"
            assert WORDS.total(bill, WINDOW) < 2 * REGISTERS_A_WINDOW
    inside, outside = (WORDS.total(switch(divided, ring(1, processes=n)), WINDOW) for n in (4, 5))
    assert outside > 5 * inside, "the step"
    assert outside >= WORDS.total(switch(FLUSH, ring(1, processes=5)), WINDOW), "it is a flush, and bookkeeping"


def test_8_partitioning_raises_overflow_on_deep_calls() -> None:
    """The other side of the frames: each process has fewer windows (Agarwal et al., APRIL, ISCA 1990)."""
    for program in (Program("fib"), Program("tak")):
        whole, part = calls(FLUSH, program).overflows, calls(PARTITION, program).overflows
        assert part > 2 * whole > 0


def test_9_overflow_falls_steeply_with_windows() -> None:
    """Tamir and Sequin, Strategies for Managing the Register File in RISC, IEEE Trans. Computers C-32(11), 1983: with 8
    windows about 1 % of calls overflow."""
    rates = {n: calls(FLUSH.resized(n, 0), Program("fib")).overflows for n in (4, 8, 16)}
    assert rates[4] > 5 * rates[8] > 25 * rates[16]
    assert calls(FLUSH, Program("tak")).overflows < 0.05


@pytest.mark.parametrize("windows", [2, 4, 8, 16])
def test_9_one_way_recursion_overflows_on_each_further_call(windows: int) -> None:
    """With NWIN windows, NWIN - 1 procedures fit: main and NWIN - 2 below it. Every call beyond overflows (Tamir and
    Sequin 1983: no number of windows helps a program that goes straight down)."""
    times, fit = 8, windows - 2
    for depth in (1, max(fit, 1), fit + 1, fit + 5):
        found = calls(FLUSH.resized(windows, 0), chain(depth, times)).windows.get("exceptions 24", 0)
        wanted = times * max(depth - fit, 0)
        assert wanted <= found <= wanted + 1, "those of the first time down are its callers'"


def test_10_windows_win_calls_and_lose_switches() -> None:
    """Patterson and Sequin, RISC I, ISCA 1981, made windows for the calls; Anderson et al. 1991 count what they cost at
    switches. So the net gain changes sign at some number of calls between switches."""
    gains = {}
    for trees in (0, 1, 2, 4, 16):
        flat, windowed = (cycles_of_lap(s, ring(trees=trees)) for s in (RISC, FLUSH))
        gains[trees] = flat - windowed
    assert gains[0] < 0 < gains[16]
    assert sorted(gains.values()) == list(gains.values()), "the more calls, the better"


def cycles_of_lap(setting: Setting, laps: Ring) -> float:
    """-> cycles of a lap, work and switch together."""
    return CYCLES.value(measured(setting, laps).lap())


def test_15_interrupts_stay_off_longer_with_dirty_windows() -> None:
    """RTEMS on the ERC32 flushes with traps disabled: 37 to 122 instructions for 1 to 6 windows."""
    longest = [max(measured(BIG, ring(depth)).longest.values()) for depth in DEPTHS]
    steps = [after - before for before, after in zip(longest, longest[1:], strict=False)]
    assert min(steps) >= REGISTERS_A_WINDOW
    flat = {max(measured(RISC, ring(depth)).longest.values()) for depth in (0, 4, 8)}
    assert len(flat) == 1
