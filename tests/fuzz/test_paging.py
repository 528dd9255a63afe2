"""Random page tables and accesses from every privilege level: native against reference to the bit, and against QEMU.

Each access writes down its trap, or what it has read; tables with their A and D bits, and all of memory, are compared
at the end.
"""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.comparing import agrees_with_qemu, executors_agree
from tests.fuzz.knob import seeds
from tests.fuzz.paging import program
from tests.qemu import needs_qemu


def test_native_and_reference_agree() -> None:
    for seed in seeds(1):
        executors_agree(program(seed, 250, wild=True), f"seed {seed}")


@needs_qemu
def test_agrees_with_qemu(tmp_path: Path) -> None:
    for seed in seeds(3):
        agrees_with_qemu(program(seed, 1500), tmp_path, f"seed {seed}")
