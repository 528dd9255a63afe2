"""A program of records on both executors, or here and on QEMU: what must be equal, and what is known to differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engine.rig import differences
from tests.fuzz.monitor import LOG, POKE, RAM, RUN, WORDS, Program, first_difference, here, on_qemu
from vm.arch import (
    CAUSE_BREAKPOINT,
    CAUSE_LOAD_ACCESS,
    CAUSE_LOAD_PAGE_FAULT,
    CAUSE_MISALIGNED_LOAD,
    CAUSE_MISALIGNED_STORE,
    CAUSE_STORE_ACCESS,
    CAUSE_STORE_PAGE_FAULT,
    RAM_BASE,
)

CPU = "rv32,c={c},f=false,d=false,h=false,pmu-num=0,zba=false,zbb=false,zbc=false,zbs=false"
OF_STORES = {
    CAUSE_LOAD_PAGE_FAULT: CAUSE_STORE_PAGE_FAULT, CAUSE_LOAD_ACCESS: CAUSE_STORE_ACCESS,
    CAUSE_MISALIGNED_LOAD: CAUSE_MISALIGNED_STORE,
}  # fmt: skip
AMO_OPCODE, LR_FUNCT5 = 0x2F, 2
TRAPS = (("cause", "value", "pc"), ("s_cause", "s_value", "s_pc"))
SHOWN = 8  # of the words that differ, in messages


def _is_amo(op: int) -> bool:
    return op & 0x7F == AMO_OPCODE and op >> 27 != LR_FUNCT5


def _as_here(program: Program, ours: np.ndarray, log: np.ndarray) -> np.ndarray:
    """What was written down here and on QEMU -> the latter in this machine's manner: an ebreak tells its address and
    not zero, and the faults of AMOs are those of stores."""
    found = log.copy()
    first = np.array([words[3] if words[0] == RUN else 0 for words in program.records if words[0] != POKE])
    amo = np.array([_is_amo(int(op)) for op in first])
    for cause, value, pc in TRAPS:
        stopped = (found[:, WORDS[cause]] == CAUSE_BREAKPOINT) & (found[:, WORDS[value]] == 0)
        stopped &= ours[:, WORDS[value]] == ours[:, WORDS[pc]]
        found[stopped, WORDS[value]] = found[stopped, WORDS[pc]]
        causes = found[:, WORDS[cause]]
        found[:, WORDS[cause]] = np.where(amo, [OF_STORES.get(int(each), each) for each in causes], causes)
    return found


def executors_agree(program: Program, what: str) -> None:
    """Native and reference, to the last bit of the machine."""
    image = program.image()
    (native, ours), (reference, theirs) = here(program, "native", image), here(program, "reference", image)
    difference = first_difference(program, ours.log, theirs.log)
    assert not difference, f"{what}: {difference}"
    assert differences(native.core, reference.core) == {}, what


def agrees_with_qemu(program: Program, folder: Path, what: str) -> None:
    """The logs, and all memory beside them."""
    image = program.image()
    cpu = CPU.format(c="true" if program.compressed else "false")
    ours, theirs = here(program, "native", image)[1], on_qemu(program, image, folder, cpu)
    difference = first_difference(program, ours.log, _as_here(program, ours.log, theirs.log))
    assert not difference, f"{what}: {difference}"
    differing = np.frombuffer(ours.ram, "<u4") != np.frombuffer(theirs.ram, "<u4")
    start = (LOG - RAM_BASE) // 4
    differing[start : start + theirs.log.size] = False
    places = [hex(RAM_BASE + 4 * int(k)) for k in np.nonzero(differing)[0][:SHOWN]]
    assert not places, f"{what}: memory differs at {', '.join(places)}"
    assert len(theirs.ram) == RAM
