"""Random page tables and accesses -> a program for monitor.py. A seed says which of the harder things it is about."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.fuzz.monitor import DATA, RAM, REGISTERS, TABLES, USER, Program, Step, packed
from vm.arch import (
    CLINT_BASE,
    MSTATUS_MPRV,
    MSTATUS_MXR,
    MSTATUS_SUM,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    PTE_A,
    PTE_D,
    PTE_G,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
)
from vm.isa.codec import by_name, encode

PAGE, SUPERPAGE = 0x1000, 0x40_0000
ROOTS = (TABLES, TABLES + PAGE)
LEAVES = tuple(TABLES + PAGE * k for k in (2, 3))
FRAMES = tuple(DATA + PAGE * k for k in range(6))
AREA = 0x9000_0000  # virtual; its first two root entries have second-level tables, others are superpages
USED = 10  # entries of a second-level table, its last one among them
SECOND_RAM = RAM_BASE + SUPERPAGE
OUTSIDE = (RAM_BASE + RAM, 0xC000_0000, 0xFFFF_F000)
BEYOND = (0x1_0000_0000, 0x2_8000_0000)  # QEMU 7.2 takes their low 32 bits
LOADS, STORES = ("lb", "lh", "lw", "lbu", "lhu"), ("sb", "sh", "sw")
SIZES = {"b": 1, "h": 2, "w": 4}
AMOS = ("amoswap.w", "amoxor.w", "amoor.w", "amoand.w", "amomin.w", "amomax.w", "amominu.w", "amomaxu.w")
FETCH = "fetch"
A0, A1, A2 = 10, 11, 12
WHOLE = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D
PLAIN_BYTES = 0xFCFC_FCFC  # bits of data: no byte is the first of an instruction that is legal without C
OWN_OPCODES = b"\x2b\x5b\x7b"  # of instructions of four bytes that no standard names
ROOT_ENTRIES = tuple((AREA >> 22) + k for k in range(5)) + (0, 1023)


@dataclass(frozen=True)
class Profile:
    """What a program has. atomics: then all valid entries have A, since QEMU's AMOs read first. outside: frames where
    no memory is; then nothing crosses pages, and there are no atomics. aliases: frames that are page tables, and can be
    read; then every access is behind a fence. lazy: changed entries are fenced, but accesses go on with what TLBs hold.
    wild: what QEMU does otherwise, or no two machines do alike, too: tables where no memory is, or that are written
    through themselves, devices, changed entries that nobody has fenced. For ours against ours. compressed: instructions
    stand at even addresses, and may lie in two pages."""

    atomics: bool = False
    outside: bool = False
    aliases: bool = False
    lazy: bool = False
    wild: bool = False
    compressed: bool = False

    @staticmethod
    def of(pick: random.Random, wild: bool, compressed: bool) -> Profile:
        aliases, atomics, outside = (pick.random() < share for share in (0.3, 0.5, 0.5))
        lazy = not aliases and pick.random() < 0.6
        return Profile(atomics, outside and (wild or not atomics), aliases, wild or lazy, wild, compressed)


def word(name: str, **operands: int) -> int:
    return encode(by_name()[name], **operands)


def plain(pick: random.Random, compressed: bool) -> int:
    """-> four bytes of data that are nowhere the beginning of a legal instruction: nobody gets lost by a jump there."""
    if compressed:
        return int.from_bytes(pick.choices(OWN_OPCODES, k=4), "little")
    return pick.getrandbits(32) & PLAIN_BYTES


def _flags(pick: random.Random, profile: Profile) -> int:
    flags = pick.getrandbits(10) | pick.choice((0, 0, PTE_V, PTE_V, PTE_V | PTE_R, PTE_V | PTE_R | PTE_W, WHOLE))
    if profile.atomics and not profile.wild and flags & PTE_V:
        flags |= PTE_A
    return flags & ~PTE_G if pick.random() < 0.7 else flags


def _frame(pick: random.Random, profile: Profile) -> int:
    if profile.outside and pick.random() < 0.2:
        return pick.choice((*OUTSIDE, *BEYOND) if profile.wild else OUTSIDE)
    if profile.wild and pick.random() < 0.1:
        return CLINT_BASE + 4 * PAGE
    return pick.choice(FRAMES)


def leaf(pick: random.Random, profile: Profile) -> int:
    """-> an entry of a second-level table."""
    if profile.aliases and pick.random() < 0.15:
        flags = _flags(pick, profile)
        return pick.choice((*ROOTS, *LEAVES)) >> 2 | (flags if profile.wild else flags & ~(PTE_W | PTE_X))
    return _frame(pick, profile) >> 2 | _flags(pick, profile)


def upper(pick: random.Random, profile: Profile) -> int:
    """-> an entry of a root table: a pointer, at times one that is none; or a superpage, at times a misaligned one."""
    kind = pick.random()
    if kind < 0.45:
        return pick.choice(LEAVES) >> 2 | PTE_V | pick.choice((0, 0, 0, 0, 0x100, PTE_G, PTE_A, PTE_D, PTE_U))
    if profile.wild and kind < 0.5:
        return pick.choice((*OUTSIDE, *BEYOND)) >> 2 | PTE_V
    base = SECOND_RAM if kind < 0.9 else pick.choice((SECOND_RAM + PAGE, DATA, *(OUTSIDE if profile.outside else ())))
    flags = _flags(pick, profile)
    if not flags & (PTE_R | PTE_X):
        flags |= pick.choice((PTE_R, PTE_X))
    return base >> 2 | flags


def address(pick: random.Random, profile: Profile, size: int) -> int:
    """-> a virtual address, often at the edge of a page, at times where addresses begin and end."""
    low = pick.choice((0, PAGE - 1, PAGE - 2, PAGE - 3, PAGE - 4, pick.randrange(PAGE), pick.randrange(0, 32)))
    number = pick.choice((*range(USED - 1), 1023))
    found = AREA + SUPERPAGE * pick.randrange(2) + number * PAGE + low
    if pick.random() < 0.2:
        found = pick.choice((AREA + SUPERPAGE * pick.randrange(2, 5) + low, AREA + SUPERPAGE * 4 - 1, AREA - 2,
                             0xFFFF_F000 + low, low, 0xFFFF_FFFF - pick.randrange(3), SECOND_RAM + low))  # fmt: skip
    if profile.outside and not profile.wild:
        found &= -size
    return found & 0xFFFF_FFFF


def _access(pick: random.Random, profile: Profile) -> Step:
    kind = pick.random()
    size, status = 4, pick.getrandbits(32) & (MSTATUS_SUM | MSTATUS_MXR)
    ops: tuple[int, ...]
    if kind < 0.4:
        name = pick.choice(LOADS)
        size, ops = SIZES[name[1]], (word(name, rd=A2, rs1=A0, imm=0),)
    elif kind < 0.7:
        name = pick.choice(STORES)
        size, ops = SIZES[name[1]], (word(name, rs2=A1, rs1=A0, imm=0),)
    elif kind < 0.8 and profile.atomics and not profile.compressed:  # since they make other bytes
        pair = (word("lr.w", rd=A2, rs1=A0), word("sc.w", rd=A2, rs1=A0, rs2=A1))
        ops = pick.choice((pair, pair[:1], (word(pick.choice(AMOS), rd=A2, rs1=A0, rs2=A1),)))
    elif kind < 0.9:
        ops = (word("jalr", rd=A2, rs1=A0, imm=0),)
    else:
        first, second = pick.choice(LOADS), pick.choice(STORES)
        ops = (word(first, rd=A2, rs1=A0, imm=0), word(second, rs2=A2, rs1=A0, imm=0))
    fetches = kind >= 0.8 and len(ops) == 1
    priv = pick.choice((PRIV_S, PRIV_U) if fetches else (PRIV_S, PRIV_U, PRIV_M, PRIV_M))
    lent = pick.choice((PRIV_S, PRIV_S, PRIV_U, PRIV_U, PRIV_M))
    if lent != PRIV_M:
        status |= MSTATUS_MPRV
    at = address(pick, profile, size)
    if priv == PRIV_M and lent == PRIV_M:
        at = pick.choice(FRAMES) + at % PAGE
    if fetches and pick.random() < 0.8:
        at &= -2 if profile.compressed else -4
        if profile.compressed and pick.random() < 0.5:
            at = at | PAGE - 1 ^ 1  # the last two bytes of the page
    return Step(
        ops, priv, status, lent, at, plain(pick, profile.compressed), SATP_MODE | pick.choice((*ROOTS, ROOTS[0])) >> 12,
        medeleg=pick.choice((0, 0xB1FF)), fence=not profile.lazy or pick.random() < 0.05,
    )  # fmt: skip


def _change(pick: random.Random, profile: Profile, program: Program) -> None:
    """Another entry: fenced, unless it is about what stale translations do."""
    if pick.random() < 0.25:
        at, entry = pick.choice(ROOTS) + 4 * pick.choice(ROOT_ENTRIES), upper(pick, profile)
    else:
        at, entry = pick.choice(LEAVES) + 4 * pick.choice((*range(USED - 1), 1023)), leaf(pick, profile)
    if profile.wild and pick.random() < 0.5:
        program.run(Step((word("sw", rs2=A1, rs1=A0, imm=0),), a0=at, a1=entry, fence=False))
    else:
        program.poke(at, entry)


def program(seed: int, count: int, wild: bool = False, compressed: bool = False) -> Program:
    """-> so many random steps. wild: also what QEMU does otherwise."""
    pick = random.Random(seed)
    profile = Profile.of(pick, wild, compressed)
    made = Program(compressed=compressed)
    tables = {table: [0] * 1024 for table in (*ROOTS, *LEAVES)}
    for root in ROOTS:
        for number in ROOT_ENTRIES:
            tables[root][number] = upper(pick, profile)
        for number in (0, 1):
            tables[root][(AREA >> 22) + number] = LEAVES[number] >> 2 | PTE_V
        tables[root][RAM_BASE >> 22] = RAM_BASE >> 2 | WHOLE
        tables[root][SECOND_RAM >> 22] = upper(pick, profile)
        tables[root][USER >> 22] = RAM_BASE >> 2 | WHOLE | PTE_U
    for table in LEAVES:
        for number in (*range(USED - 1), 1023):
            tables[table][number] = leaf(pick, profile)
    made.memory = {table: packed(entries) for table, entries in tables.items()}
    made.memory[REGISTERS] = packed([0] * 32)
    made.memory[DATA] = packed([plain(pick, compressed) for _ in range(PAGE // 4 * len(FRAMES))])
    while len(made.records) < count:
        kind = pick.random()
        if kind < 0.15:
            _change(pick, profile, made)
        elif kind < 0.25:
            made.peek(pick.choice((*ROOTS, *LEAVES)) + 4 * pick.choice((*range(USED - 1), 1023, *ROOT_ENTRIES)))
        else:
            made.run(_access(pick, profile))
    return made
