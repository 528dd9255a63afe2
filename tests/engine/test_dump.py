"""xdump and xload under translation: blocks across pages, a fault on either, code and watched bytes in the block."""

from __future__ import annotations

import struct

import pytest

from tests.engine.rig import EXECUTORS, machine, word, words
from vm.arch import (
    CAUSE_LOAD_ACCESS,
    CAUSE_LOAD_PAGE_FAULT,
    CAUSE_STORE_ACCESS,
    CAUSE_STORE_PAGE_FAULT,
    CLINT_BASE,
    PRIV_S,
    PTE_A,
    PTE_D,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
)
from vm.machine import Machine
from vm.micro.paging import set_banks
from vm.state import EXIT_WATCH

MODES = ("risc", "window")
HANDLER = RAM_BASE + 0x800
ROOT, LEAVES, FIRST, SECOND = (RAM_BASE + 0x1000 * k for k in (1, 2, 5, 3))  # the frames are not neighbours
VIRTUAL = 0x0040_0000
FULL, READ_ONLY, UNMAPPED = PTE_V | PTE_R | PTE_W | PTE_A | PTE_D, PTE_V | PTE_R | PTE_A | PTE_D, 0
BYTES = 128
X10 = 10


def entry(address: int, flags: int) -> bytes:
    return struct.pack("<I", address >> 12 << PTE_PPN_SHIFT | flags)


def paged(executor: str, mode: str, code: list[int], first: bytes, second: bytes) -> Machine:
    """-> S-mode with two virtual pages, whose entries these are, and RAM's own addresses."""
    made = machine(executor, words(code), 1 << 15, mode=mode)
    made.write(ROOT + 4 * (VIRTUAL >> 22), entry(LEAVES, PTE_V))
    made.write(ROOT + 4 * (RAM_BASE >> 22), entry(RAM_BASE, FULL | PTE_X))
    made.write(LEAVES, first + second)
    state = made.core.state
    state["satp"], state["priv"], state["mtvec"] = SATP_MODE | ROOT >> 12, PRIV_S, HANDLER
    set_banks(made.core.context())
    made.x[1:] = range(0x101, 0x120)
    return made


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("inside", [0, 4, 64, 120, 124, 128])
def test_a_block_across_pages(inside: int, mode: str, executor: str) -> None:
    """So many bytes of it in the first page. Twice: the second time the translations are known."""
    code = [word("xdump", rs1=X10), word("addi", rd=1, rs1=1, imm=1), word("xdump", rs1=X10), word("xload", rs1=X10)]
    made = paged(executor, mode, code, entry(FIRST, FULL), entry(SECOND, FULL))
    base = VIRTUAL + 0x1000 - inside
    made.x[X10] = base
    made.write(FIRST, b"\xee" * 0x1000)
    made.write(SECOND, b"\xee" * 0x1000)
    made.run(3)
    registers = [int(value) for value in made.x]
    content = made.read(FIRST, 0x1000) + made.read(SECOND, 0x1000)
    start = 0x1000 - inside
    assert content[start + 4 : start + BYTES] == words(registers[1:])
    assert content[: start + 4] + content[start + BYTES :] == b"\xee" * (0x2000 - BYTES + 4)
    made.x[1:X10] = 0
    made.x[X10 + 1 :] = 0
    made.run(1)
    assert ([int(value) for value in made.x], made.pc) == (registers, RAM_BASE + 16)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("name", "first", "second", "cause", "second_page"),
    [
        ("xdump", entry(FIRST, UNMAPPED), entry(SECOND, FULL), CAUSE_STORE_PAGE_FAULT, False),
        ("xdump", entry(FIRST, FULL), entry(SECOND, UNMAPPED), CAUSE_STORE_PAGE_FAULT, True),
        ("xdump", entry(FIRST, FULL), entry(SECOND, READ_ONLY), CAUSE_STORE_PAGE_FAULT, True),
        ("xdump", entry(FIRST, READ_ONLY), entry(SECOND, READ_ONLY), CAUSE_STORE_PAGE_FAULT, False),
        ("xdump", entry(FIRST, FULL), entry(CLINT_BASE, FULL), CAUSE_STORE_ACCESS, True),
        ("xload", entry(FIRST, UNMAPPED), entry(SECOND, FULL), CAUSE_LOAD_PAGE_FAULT, False),
        ("xload", entry(FIRST, FULL), entry(SECOND, UNMAPPED), CAUSE_LOAD_PAGE_FAULT, True),
        ("xload", entry(CLINT_BASE, FULL), entry(SECOND, FULL), CAUSE_LOAD_ACCESS, False),
    ],
)
def test_a_fault_on_either_page_changes_nothing(
    name: str, first: bytes, second: bytes, cause: int, second_page: bool, mode: str, executor: str
) -> None:
    made = paged(executor, mode, [word(name, rs1=X10)], first, second)
    made.x[X10] = VIRTUAL + 0x1000 - 64
    registers, memory = made.x.tobytes(), made.read(FIRST, 0x1000) + made.read(SECOND, 0x1000)
    made.run(1)
    wrong = VIRTUAL + 0x1000 if second_page else VIRTUAL + 0x1000 - 60
    assert [made.csr(field) for field in ("mcause", "mepc", "mtval")] == [cause, RAM_BASE, wrong]
    assert (made.x.tobytes(), made.read(FIRST, 0x1000) + made.read(SECOND, 0x1000)) == (registers, memory)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_code_that_is_stored_is_run(executor: str) -> None:
    """The block lies over instructions that have been run already; the registers hold others."""
    block = RAM_BASE + 0x100
    back = word("jalr", rd=0, rs1=1)
    code = [word("jalr", rd=1, rs1=X10, imm=8), word("xdump", rs1=X10), word("jalr", rd=1, rs1=X10, imm=8)]
    made = machine(executor, words(code), 1 << 14)
    made.write(block, words([back] * 32))
    made.x[X10] = block
    made.x[2], made.x[3] = word("addi", rd=5, rs1=5, imm=7), back
    made.run(6)
    assert (int(made.x[5]), made.pc) == (7, RAM_BASE + 12)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("watched", [0x1FFC, 0x2000, 0x203C])
def test_watched_bytes_are_seen(watched: int, executor: str) -> None:
    """Somewhere in a block across two pages, of which only one has watched bytes."""
    made = machine(executor, words([word("xdump", rs1=X10)]), 1 << 14)
    made.x[X10] = RAM_BASE + 0x2000 - 64
    core = made.core
    core.watch(watched, 4)
    core.state["limit"] = 2
    core.run()
    assert core.state["reason"] == EXIT_WATCH and core.state["watch_hit"] == 1
    assert int(core.state["watch_offset"]) == watched and made.pc == RAM_BASE + 4
    assert made.read(RAM_BASE + 0x2000, 4) == made.x[16].tobytes()
