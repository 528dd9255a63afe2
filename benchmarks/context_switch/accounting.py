"""What it costs the host to count: the same run with and without a meter."""

from __future__ import annotations

import time

from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.experiments import memory_of
from benchmarks.context_switch.recording import Memory, computer_for
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Ring

LONG = Ring(processes=2, laps=5000, depth=2, trees=2)


def told(setting: Setting, model: CostModel) -> str:
    """-> a sentence with the host's speed, in millions of guest instructions a second of CPU time, for a run without a
    meter, with one, and with one that simulates the model's caches."""
    plain, counting, simulating = (_speed(setting, memory) for memory in (None, Memory(), memory_of(model)))
    return (
        f"accounting: {plain:.0f} million instructions a second without it, {counting:.0f} with it, "
        f"{simulating:.0f} with caches and TLB ({plain / simulating:.1f} times as long)"
    )


def _speed(setting: Setting, memory: Memory | None) -> float:
    computer = computer_for(setting, LONG, memory)
    start = time.process_time()
    computer.run()
    return computer.machine.instructions / max(time.process_time() - start, 1e-9) / 1e6
