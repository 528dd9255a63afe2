"""Simulated caches and TLBs against a model that knows only the addresses of the test's own trace."""

from __future__ import annotations

import random
from collections import OrderedDict, defaultdict
from collections.abc import Iterable

import pytest

from tests.engine.meter_rig import HALT, counted, counters, meter_of
from tests.engine.rig import EXECUTORS, word, words
from vm.arch import (
    CAUSE_ILLEGAL_INSTRUCTION,
    CSR,
    MSTATUS_MPP_SHIFT,
    MSTATUS_MPRV,
    MSTATUS_TVM,
    PAGE_SHIFT,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    PTE_A,
    PTE_D,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
)
from vm.machine import Machine
from vm.meter import CacheShape, Meter, TlbShape

DATA = RAM_BASE + 0x8000
RAM = 1 << 18


class Lru:
    """Sets of blocks in the order of their use."""

    def __init__(self, sets: int, ways: int) -> None:
        self.sets, self.ways = sets, ways
        self.content: defaultdict[int, OrderedDict[int, None]] = defaultdict(OrderedDict)

    def misses(self, block: int, allocate: bool = True) -> bool:
        """Looks a block up -> whether it was not there."""
        row = self.content[block % self.sets]
        found = block in row
        if found or allocate:
            row[block] = None
            row.move_to_end(block)
        if len(row) > self.ways:
            row.popitem(last=False)
        return not found

    def forget(self, block: int) -> None:
        self.content[block % self.sets].pop(block, None)


def blocks(address: int, size: int, line: int) -> Iterable[int]:
    return range(address // line, (address + size - 1) // line + 1)


Trace = list[tuple[str, int, int]]  # load or store, address, bytes


def trace(seed: int, count: int) -> Trace:
    """-> accesses with some locality, a few of them misaligned."""
    pick = random.Random(seed)
    places = [DATA + pick.randrange(0x4000) for _ in range(24)]
    found = []
    for _ in range(count):
        size = pick.choice((1, 2, 4, 4, 4))
        address = pick.choice(places) + pick.randrange(64)
        found.append((pick.choice("ls"), address if pick.random() < 0.2 else address & -size, size))
    return found


def program(accesses: Trace) -> str:
    """Trace -> a program that makes these accesses, three instructions each."""
    letters = {1: "b", 2: "h", 4: "w"}
    lines = []
    for kind, address, size in accesses:
        upper = (address + 0x800) >> 12 & 0xFFFFF
        lines += [f"lui a0, {upper}", f"addi a0, a0, {((address & 0xFFF) ^ 0x800) - 0x800}"]
        lines += [f"{kind}{letters[size]} a1, 0(a0)"]
    return "\n".join([*lines, HALT])


SHAPES = [
    CacheShape(64, 1, 16), CacheShape(256, 2, 32), CacheShape(512, 8, 8, write_allocate=True), CacheShape(96, 3, 32),
    CacheShape(4, 1, 4),
]  # fmt: skip


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_data_cache(shape: CacheShape, executor: str) -> None:
    for seed in range(3):
        accesses = trace(seed, 200)
        found = counters(meter_of(counted(executor, program(accesses), dcache=shape)))
        model = Lru(shape.size // shape.line // shape.ways, shape.ways)
        expected = {"read_lines": 0, "read_misses": 0, "write_lines": 0, "write_misses": 0}
        for kind, address, size in accesses:
            name = "read" if kind == "l" else "write"
            for block in blocks(address, size, shape.line):
                expected[f"{name}_lines"] += 1
                expected[f"{name}_misses"] += model.misses(block, kind == "l" or shape.write_allocate)
        assert {name: found[name] for name in expected} == expected
        assert found["fetch_lines"] == 0


@pytest.mark.parametrize("executor", EXECUTORS)
def test_fetches_and_one_cache_for_both_sides(executor: str) -> None:
    shape = CacheShape(256, 2, 16)
    accesses = trace(7, 150)
    text = program(accesses)
    split = counters(meter_of(counted(executor, text, icache=shape)))
    length = 3 * len(accesses) + 4
    assert split["fetch_lines"] == length
    assert split["fetch_misses"] == -(-length * 4 // shape.line), "straight code misses once a line"
    shared = counters(meter_of(counted(executor, text, cache=shape)))
    model, fetches, reads = Lru(8, 2), 0, 0
    for number in range(length):
        fetches += model.misses((RAM_BASE + 4 * number) // shape.line)
        if number % 3 == 2 and number < 3 * len(accesses):
            kind, address, size = accesses[number // 3]
            for block in blocks(address, size, shape.line):
                reads += model.misses(block, kind == "l") and kind == "l"
    assert (shared["fetch_misses"], shared["read_misses"]) == (fetches, reads)


def below(executor: str, code: list[int], tlb: TlbShape, priv: int = PRIV_S) -> Machine:
    """-> a machine about to enter S- or U-mode: RAM is mapped to itself by a superpage, the 4 MiB behind it by small
    pages; the page tables lie at the end of RAM."""
    made = Machine(ram=RAM, executor=executor, meter=Meter(tlb=tlb))
    root, leaves = RAM_BASE + RAM - 0x2000, RAM_BASE + RAM - 0x1000
    bits = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D | (PTE_U if priv == PRIV_U else 0)
    made.write(root + 4 * (RAM_BASE >> 22), words([RAM_BASE >> PAGE_SHIFT << PTE_PPN_SHIFT | bits]))
    made.write(root + 4 * ((RAM_BASE >> 22) + 1), words([leaves >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_V]))
    frames = [RAM_BASE + 0x8000 + (k % 16 << PAGE_SHIFT) for k in range(1024)]
    made.write(leaves, words(frame >> PAGE_SHIFT << PTE_PPN_SHIFT | bits for frame in frames))
    made.write(RAM_BASE, words(code))
    made.core.reset(RAM_BASE)
    state = made.core.state
    state["satp"] = SATP_MODE | root >> PAGE_SHIFT
    state["mstatus"], state["mepc"] = priv << MSTATUS_MPP_SHIFT, RAM_BASE + 4
    return made


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("shape", [TlbShape(1), TlbShape(4), TlbShape(8, 2), TlbShape(16, 1)], ids=str)
def test_tlb(shape: TlbShape, executor: str) -> None:
    pick = random.Random(shape.entries)
    code = [word("mret")]
    model = Lru(shape.entries // shape.ways if shape.ways else 1, shape.ways or shape.entries)
    lookups = misses = walks = 0

    def look_up(address: int) -> None:
        nonlocal lookups, misses, walks
        lookups += 1
        if model.misses(address >> PAGE_SHIFT):
            misses += 1
            walks += 1 if address < RAM_BASE + (1 << 22) else 2

    def execute(instruction: int) -> None:
        look_up(RAM_BASE + 4 * len(code))
        code.append(instruction)

    pages = [RAM_BASE + (pick.randrange(48) << PAGE_SHIFT) for _ in range(6)]
    pages += [RAM_BASE + (1 << 22) + (pick.randrange(1024) << PAGE_SHIFT) for _ in range(6)]
    for _ in range(300):
        page = pick.choice(pages)
        execute(word("lui", rd=10, uimm=page))
        choice = pick.random()
        if choice < 0.8:
            execute(word("lw", rd=11, rs1=10, imm=pick.randrange(512) * 4))
            look_up(page)
        elif choice < 0.9:
            execute(word("sfence.vma", rs1=10, rs2=0))
            model.forget(page >> PAGE_SHIFT)
        elif choice < 0.95:
            execute(word("sfence.vma", rs1=0, rs2=0))
            model.content.clear()
    made = below(executor, code, shape)
    made.run(len(code))
    found = counters(meter_of(made))
    assert not sum(found["exceptions"])
    assert (found["tlb_lookups"], found["tlb_misses"], found["walk_reads"]) == (lookups, misses, walks)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_another_address_space_empties_the_tlb(executor: str) -> None:
    satp = 0x180
    code = [word("mret"), word("csrrs", rd=5, csr=satp, rs1=0), word("addi", rd=6, rs1=5, imm=0)]
    code += [word("csrrw", rd=0, csr=satp, rs1=6)] + [word("addi", rd=0, rs1=0, imm=0)] * 2
    made = below(executor, code, TlbShape(8))
    made.run(len(code))
    assert counters(meter_of(made))["tlb_misses"] == 1, "the same satp"
    other = RAM_BASE + RAM - 0x3000 >> PAGE_SHIFT
    code[2:3] = [word("lui", rd=7, uimm=0x8000_0000), word("addi", rd=6, rs1=5, imm=-1)]
    made = below(executor, code, TlbShape(8))
    made.write(other << PAGE_SHIFT, made.read((other + 1) << PAGE_SHIFT, 0x1000))
    made.run(len(code))
    found = counters(meter_of(made))
    assert (found["tlb_lookups"], found["tlb_misses"]) == (len(code) - 1, 2)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("priv", "status"), [(PRIV_U, 0), (PRIV_S, MSTATUS_TVM), (PRIV_S, 0)])
@pytest.mark.parametrize("register", [0, 10])
def test_a_fence_that_is_refused_forgets_nothing(executor: str, priv: int, status: int, register: int) -> None:
    load = word("lw", rd=11, rs1=10, imm=0)
    code = [word("mret"), word("lui", rd=10, uimm=DATA), load, word("sfence.vma", rs1=register, rs2=0), load]
    made = below(executor, code, TlbShape(8), priv)
    handler = DATA + 0x1000
    skip = [word("csrrs", rd=5, csr=CSR["mepc"], rs1=0), word("addi", rd=5, rs1=5, imm=4)]
    skip += [word("csrrw", rd=0, csr=CSR["mepc"], rs1=5), word("mret")]
    made.write(handler, words(skip))
    state = made.core.state
    state["mtvec"], state["mstatus"] = handler, int(state["mstatus"]) | status
    refused = priv == PRIV_U or status != 0
    made.run(len(code) + (len(skip) if refused else 0))
    found = counters(meter_of(made))
    assert found["exceptions"][CAUSE_ILLEGAL_INSTRUCTION] == refused
    assert found["loads"] == 2
    forgotten = 0 if refused else 1 if register else 2  # the page of data, or that of the code too
    assert found["tlb_misses"] == 2 + forgotten


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("priv", [PRIV_M, PRIV_S])
def test_loads_in_the_name_of_another_level_are_looked_up(executor: str, priv: int) -> None:
    code = [word("csrrw", rd=0, csr=CSR["mstatus"], rs1=12), word("lui", rd=10, uimm=DATA)]
    code += [word("lw", rd=11, rs1=10, imm=4 * k) for k in range(3)]
    made = below(executor, code, TlbShape(8))
    made.core.state["x"][12] = MSTATUS_MPRV | priv << MSTATUS_MPP_SHIFT
    made.run(len(code))
    found = counters(meter_of(made))
    assert (found["levels"][PRIV_M], found["loads"]) == (len(code), 3)
    assert (found["tlb_lookups"], found["tlb_misses"]) == ((3, 1) if priv == PRIV_S else (0, 0))
