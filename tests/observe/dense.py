"""A seed -> a random program that loads and stores most of the time: see tests/engine/random_programs.py."""

from __future__ import annotations

from random import Random

from tests.engine.random_programs import HANDLERS, KINDS, PRESETS, S_HANDLER, START, TABLES, Bits, Program
from tests.engine.rig import word
from vm.arch import MSTATUS_MPP_SHIFT
from vm.micro.layout import SLOTS

_KINDS = (
    ["memory"] * 12 + ["atomic"] * 4 + ["own code", "tables", "alu", "alu", "branch", "fusible", "fusible", "dump"]
    + ["devices", "timer", "csr", "system", "lower"]
)  # fmt: skip


def dense(seed: int, windows: bool = False) -> Program:
    """-> a program of machine mode, or of a lower one, with and without page tables."""
    random = Random(seed)
    kinds = _KINDS + ["windows"] * 6 * windows
    start = random.choice(((), KINDS["lower"](Bits(random.getrandbits(32)))))
    body = [*start, *[word("addi", rd=0, rs1=0, imm=0)] * (START // 4 - len(start))]
    for _ in range(random.randrange(20, 50)):
        body += KINDS[random.choice(kinds)](Bits(random.getrandbits(32)))
    body.append(word("jal", rd=0, target=START - 4 * len(body)))
    status = random.choice((0, 0, 1, 3)) << MSTATUS_MPP_SHIFT | random.getrandbits(32) & 0x000E_00AA
    values = {k: random.choice((random.getrandbits(32), random.randrange(40))) for k in range(1, 12)} | PRESETS
    values |= {25: status}
    fields = {
        "mtvec": HANDLERS, "stvec": S_HANDLER, "medeleg": random.choice((0, 0xB3FC)), "scounteren": 7,
        "mideleg": random.choice((0, 0x222)), "satp": random.choice((0, PRESETS[21])), "mcounteren": 7,
        "mie": random.choice((0, 0xAAA)), "slot_limit": random.choice((SLOTS, 3)),
    }  # fmt: skip
    if windows:
        fields |= {"nwin": 4, "cwp": random.randrange(4), "wim": 1 << random.randrange(4)}
    registers = tuple(values.get(k, 0) for k in range(1, 32))
    return Program(tuple(body), registers, dict(TABLES), fields, random.random() < 0.3)
