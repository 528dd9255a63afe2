"""Random bytes as code, CSRs and page tables, at every privilege level: the guest may lose, the host never notices.

The machines run in a process of their own, so that a crash is a failure with a number to repeat it:
    python -m tests.properties.test_hostile FIRST COUNT
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.engine.rig import examples
from vm.arch import CSR, MSTATUS_MPP_SHIFT, PRIV_M, PRIV_S, PRIV_U, RAM_BASE, SATP_MODE
from vm.isa.codec import rows
from vm.machine import Machine
from vm.micro.paging import set_banks
from vm.micro.values import U32

ROOT = Path(__file__).resolve().parents[2]
RAM = 1 << 16
MARGIN = 1 << 16  # bytes on both sides of RAM that nobody may touch
CANARY = 0xA5
SECONDS_A_MACHINE = 0.5  # on the average, at most: fifty times what it takes
BUDGETS = (1, 7, 200, 5000)


def hostile_word(pick: random.Random) -> int:
    """-> an instruction more often than not, with any operands; or any word at all."""
    if pick.random() < 0.15:
        return pick.getrandbits(32)
    row = pick.choice(rows("window"))
    return row.match | pick.getrandbits(32) & ~row.mask


def hostile_value(pick: random.Random) -> int:
    """-> an address in RAM or at its edges, in a device, at the ends of the address space; or any word."""
    near = pick.choice((RAM_BASE, RAM_BASE + RAM, RAM_BASE + pick.randrange(RAM), 0, 1 << 32, 0x0200_4000, 0x1000_0000))
    return pick.choice((near + pick.randrange(-8, 8), near, pick.getrandbits(32))) & 0xFFFF_FFFF


def entry(pick: random.Random) -> int:
    """-> a page-table entry: its page in RAM, in the first page behind RAM, above 4 GiB, or anywhere."""
    page = (RAM_BASE >> 12) + pick.randrange(-1, (RAM >> 12) + 2)
    return pick.choice((page, page, page & ~1023, pick.getrandbits(22))) << 10 | pick.getrandbits(8) | 1


def fence_in(machine: Machine) -> np.ndarray:
    """Puts the machine's RAM between two margins of canaries -> the whole."""
    whole = np.full(RAM + 2 * MARGIN, CANARY, np.uint8)
    core = machine.core
    core.ram = whole[MARGIN : MARGIN + RAM]
    core.ram[:] = 0
    core.state["ram_host"] = core.ram.ctypes.data
    return whole


def hostile(seed: int) -> tuple[Machine, np.ndarray, random.Random]:
    """-> a machine about to run nonsense, its RAM with margins, and the source of more nonsense."""
    pick = random.Random(seed)
    nwin = pick.choice((None, 2, 3, 8, 32))
    machine = Machine(ram=RAM, mode="window" if nwin else "risc", nwin=nwin)
    whole = fence_in(machine)
    kinds = (hostile_word, hostile_word, hostile_value, entry)
    for page in range(RAM >> 12):
        make = pick.choice(kinds)
        content = np.array([make(pick) for _ in range(256)] * 4, np.uint32)
        machine.write(RAM_BASE + (page << 12), content.tobytes())
    context, csrs = machine.core.context(), machine.core.target.csr_rows
    for number, row in csrs.items():
        if pick.random() < 0.5 and number >> 10 != 3:
            row.set(context, U32(hostile_value(pick)))
    if pick.random() < 0.7:
        csrs[CSR["satp"]].set(context, U32(SATP_MODE | (RAM_BASE >> 12) + pick.randrange(RAM >> 12)))
    machine.x[1:] = [hostile_value(pick) for _ in range(31)]
    machine.pc = hostile_value(pick)
    machine.core.state["priv"] = pick.choice((PRIV_M, PRIV_S, PRIV_U))
    set_banks(context)
    return machine, whole, pick


def attack(seed: int) -> None:
    """Runs one machine in slices, and looks whether it kept its rules."""
    machine, whole, pick = hostile(seed)
    for budget in BUDGETS:
        before = machine.instructions
        stop = machine.run(budget)
        done = machine.instructions - before
        assert done == budget if stop.reason == "limit" else 0 <= done <= budget, (seed, stop, done, budget)
        state = machine.core.state
        assert machine.x[0] == 0 and machine.pc % 4 == 0, seed
        assert state["cwp"] < (machine.nwin or 1), seed
        assert state["priv"] in (PRIV_U, PRIV_S, PRIV_M) and state["mstatus"] >> MSTATUS_MPP_SHIFT & 3 != 2, seed
        machine.uart.receive(bytes([pick.getrandbits(8)]))
    assert (whole[:MARGIN] == CANARY).all() and (whole[-MARGIN:] == CANARY).all(), seed


@pytest.mark.parametrize("first", range(2))
def test_host_survives(first: int) -> None:
    count = examples(400)
    done = subprocess.run(
        [sys.executable, "-m", "tests.properties.test_hostile", str(first * count), str(count)],
        cwd=ROOT, capture_output=True, text=True, timeout=20 + count * SECONDS_A_MACHINE,
    )  # fmt: skip
    tried = done.stdout.split()
    assert done.returncode == 0, f"machine {tried[-1:]}: status {done.returncode}\n{done.stderr[-2000:]}"
    assert len(tried) == count


if __name__ == "__main__":
    start, number = map(int, sys.argv[1:])
    for each in range(start, start + number):
        print(each, flush=True)
        attack(each)
