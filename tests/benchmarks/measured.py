"""Measurements for the tests of shapes: each is made once, by the benchmark's own library, on the real kernel."""

from __future__ import annotations

from functools import cache

from benchmarks.calls import programs
from benchmarks.calls.programs import Cost, Program
from benchmarks.context_switch import costs, experiments
from benchmarks.context_switch.bill import Bill
from benchmarks.context_switch.experiments import WORDS, memory_of, solo
from benchmarks.context_switch.measurement import Job, Measurement, measure
from benchmarks.context_switch.moments import STATE_RESTORE, STATE_SAVE, WINDOW_FILL, WINDOW_SPILL
from benchmarks.context_switch.recording import Memory
from benchmarks.context_switch.settings import Setting, chosen, setting
from benchmarks.context_switch.workload import Ring, Workload

NEUTRAL = costs.load("neutral")
CYCLES = experiments.cycles(NEUTRAL)
RISC = setting("risc")
FLUSH, LAZY, PARTITION = (setting("window", name, 8) for name in ("flush", "lazy", "partition"))
SETTINGS = tuple(chosen())
FLAT = tuple(each for each in SETTINGS if not each.windows)
LAPS = 5
STATE = (STATE_SAVE, STATE_RESTORE)
WINDOW = (WINDOW_SPILL, WINDOW_FILL)
FILLS = "exceptions 25"  # window underflows


@cache
def measured(setting: Setting, workload: Workload, memory: Memory | None = None) -> Measurement:
    """-> one run, with the caches of the neutral model unless others are given."""
    return measure(Job(setting, workload, memory_of(NEUTRAL) if memory is None else memory))


def switch(setting: Setting, ring: Ring, memory: Memory | None = None) -> Bill:
    """-> the bill of a switch in a ring, with what it causes later."""
    job = Job(setting, ring, memory_of(NEUTRAL) if memory is None else memory)
    alone = solo(job)
    done = {each: measured(each.setting, each.workload, each.memory) for each in (job, alone)}
    return experiments.switch(done, job)


def ring(depth: int = 0, **others: int | bool) -> Ring:
    """-> a ring of two unless said otherwise, with few laps."""
    return Ring(**({"processes": 2, "laps": LAPS, "depth": depth} | others))  # type: ignore[arg-type]


def words(setting: Setting, depth: int, *lines: str) -> float:
    """-> words that a voluntary switch of two processes moves, on these lines (all)."""
    bill = switch(setting, ring(depth))
    return WORDS.total(bill, lines) if lines else WORDS.total(bill)


@cache
def calls(setting: Setting, program: Program) -> Cost:
    """-> one run of a program of calls."""
    return programs.measure(programs.Job(setting, program, memory_of(NEUTRAL)))
