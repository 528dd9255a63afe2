"""Random instruction words, dense where encodings end: rows of the table with some of their fixed bits turned."""

from __future__ import annotations

import random

from tests.fuzz.monitor import DATA, REGISTERS, Program, Step, packed
from vm.arch import PRIV_M, PRIV_S, PRIV_U
from vm.isa.codec import decode, rows

OWN = {"xdump", "xload"}  # not the standard's
LEFT_OUT = {"csr", "branch", "jump"}  # they change what the monitor needs, or go away
SYSTEM = {"mret", "sret", "wfi", "ecall", "ebreak"}
CONDITIONAL = "sc.w"  # on QEMU 7.2 it looks at its address only when there is a reservation
MIDDLE = DATA + 0x1_0000  # what registers point at
LAST = 31  # the register that holds mstatus: see monitor.s


def word(pick: random.Random) -> int:
    """-> 32 bits that are, or nearly are, an instruction."""
    kind = pick.random()
    if kind < 0.1:
        return pick.getrandbits(32)
    row = pick.choice(ROWS)
    found = pick.getrandbits(32) & ~row.mask | row.match
    fixed = [bit for bit in range(32) if row.mask >> bit & 1]
    for _ in range(pick.choice((0, 1, 1, 1, 2, 3))):
        found ^= 1 << pick.choice(fixed)
    if kind < 0.3:  # no operands: what is left is what the instruction is
        found &= row.mask | 0x7000
    return found


ROWS = tuple(row for row in rows() if row.name not in OWN)


def _harmless(found: int) -> bool:
    """-> whether the monitor gets by: memory is reached through registers that point at its middle, and there is no
    jump. These rules ask the table for what is legal; whatever is illegal there is run."""
    row = decode(found)
    if row is None:
        return True
    if row.name in OWN or row.cost in LEFT_OUT or row.name in {*SYSTEM, CONDITIONAL}:
        return False
    return "(rs1)" not in row.syntax or 0 < found >> 15 & 31 < LAST


def program(seed: int, count: int) -> Program:
    """-> so many words, each run at some privilege with the same registers."""
    pick = random.Random(seed)
    made = Program()
    made.memory[REGISTERS] = packed([MIDDLE + pick.randrange(0, 0x1000) for _ in range(32)])
    made.memory[DATA] = packed([pick.getrandbits(32) for _ in range(0x8000)])
    while len(made.records) < count:
        found = word(pick)
        if _harmless(found):
            priv, value = pick.choice((PRIV_M, PRIV_S, PRIV_U)), MIDDLE + pick.randrange(0x800)
            made.run(Step((found,), priv, a0=MIDDLE, a1=value))
    return made
