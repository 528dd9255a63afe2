"""Random page tables and accesses from every privilege level: native against reference to the bit, and against QEMU.

Each access writes down its trap, or what it has read; tables with their A and D bits, and all of memory, are compared
at the end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.comparing import CPU, agrees_with_qemu, executors_agree
from tests.fuzz.knob import seeds
from tests.fuzz.monitor import REGISTERS, TABLES, WORDS, Program, Step, here, on_qemu, packed
from tests.fuzz.paging import AREA, SECOND_RAM, WHOLE, program, word
from tests.qemu import needs_qemu
from vm.arch import CAUSE_BREAKPOINT, CAUSE_LOAD_ACCESS, PRIV_S, RAM_BASE, SATP_MODE


@pytest.mark.parametrize("compressed", [False, True])
def test_native_and_reference_agree(compressed: bool) -> None:
    for seed in seeds(1):
        executors_agree(program(seed, 150, wild=True, compressed=compressed), f"seed {seed}")


@needs_qemu
@pytest.mark.parametrize("compressed", [False, True])
def test_agrees_with_qemu(compressed: bool, tmp_path: Path) -> None:
    for seed in seeds(2):
        agrees_with_qemu(program(seed, 1500, compressed=compressed), tmp_path, f"seed {seed}")


@needs_qemu
def test_a_frame_above_4_gib(tmp_path: Path) -> None:
    """Sv32 has 34-bit physical addresses (section 4.3.1); here is no memory beyond 4 GiB. QEMU takes 32 bits."""
    made = Program()
    made.memory = {REGISTERS: packed([0] * 32), SECOND_RAM: packed([0x1234])}
    entries = [0] * 1024
    entries[RAM_BASE >> 22], entries[AREA >> 22] = RAM_BASE >> 2 | WHOLE, (1 << 32 | SECOND_RAM) >> 2 | WHOLE
    made.memory[TABLES] = packed(entries)
    made.run(Step((word("lw", rd=12, rs1=10, imm=0),), PRIV_S, a0=AREA, satp=SATP_MODE | TABLES >> 12))
    image = made.image()
    ours = here(made, "native", image)[1].log[0]
    theirs = on_qemu(made, image, tmp_path, CPU.format(c="false")).log[0]
    assert (ours[WORDS["cause"]], ours[WORDS["value"]], ours[12]) == (CAUSE_LOAD_ACCESS, AREA, 0)
    assert (theirs[WORDS["cause"]], theirs[12]) == (CAUSE_BREAKPOINT, 0x1234)
