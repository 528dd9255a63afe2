"""Random system instructions at every privilege level: native against reference to the bit, and against QEMU."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.comparing import agrees_with_qemu, executors_agree
from tests.fuzz.knob import seeds
from tests.fuzz.privilege import program
from tests.qemu import needs_qemu


def test_native_and_reference_agree() -> None:
    for seed in seeds(1):
        executors_agree(program(seed, 300, wild=True), f"seed {seed}")


@needs_qemu
def test_agrees_with_qemu(tmp_path: Path) -> None:
    for seed in seeds(3):
        agrees_with_qemu(program(seed, 1500), tmp_path, f"seed {seed}")
