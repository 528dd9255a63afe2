"""Programs that change their own code: what is decoded is never older than what is stored, wherever that lies."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from tests.cisc.hart import SP, Page
from tests.cisc.rig import FIRST_FRAME, REGION, Case, Comparison
from vm.arch import CAUSE_ECALL_M, MSTATUS_MPP, PAGE_SHIFT, PAGE_SIZE, PRIV_U, RAM_BASE
from vm.isa.specifiers import REGISTER_NAMES

# Stores to (a0) or, for the pushes, to (sp): each is one micro-op, or many.
STORES = {
    "clrl (a0)": b"\x5f\x60", "movl a1, (a0)": b"\x56\x51\x60", "movb a1, (a0)": b"\x54\x51\x60",
    "movh a1, (a0)+": b"\x55\x51\x80", "movl $n, (a0)": b"\x56\x8f\x01\x01\x62\x53\x60", "incl (a0)": b"\x62\x60",
    "pushl a1": b"\x70\x51", "pushr a1-a3": b"\x73\x0e", "calls a1, .+1": b"\xaf\x02\xaf\x01",
    "movc": b"\xb4", "filc": b"\xb6", "addl3 a1, long, (a0)": b"\x15\x51\x41\xef\x40\0\0\0\x60",
}  # fmt: skip
NOP, TWO = b"\x01", b"\x62\x53\x01\x01"  # TWO: incl a3; nop; nop
ROUNDS = 3
SLED = 28


def code(store: bytes) -> bytes:
    """A loop: the store among instructions that do little."""
    body = NOP * SLED + store + NOP * SLED
    return body + b"\xa5\x57" + struct.pack("<i", -len(body) - 6)  # sob.l s1


def start(case: Case, name: str, at: int) -> bytes:
    """Registers for a loop whose store goes to the address `at`, -> its code."""
    case.x[REGISTER_NAMES.index("s1")] = ROUNDS
    case.x[1] = struct.unpack("<I", TWO)[0]
    if name.startswith(("push", "calls")):
        case.x[SP] = at + 4
    else:
        case.x[0] = at
    if name in ("movc", "filc"):
        case.x[1], case.x[2] = case.pc + 2, 6
    return code(STORES[name])


def jump(to: int) -> bytes:
    """-> jmp *$to"""
    return b"\xac\x9f" + struct.pack("<I", to)


@pytest.mark.parametrize("name", STORES)
def test_a_store_near_its_own_instruction(name: str) -> None:
    """Before it, over it, behind it; also while the store's page is decoded under another address."""
    for distance in range(-24, 28):
        place = (0x100, PAGE_SIZE - 40, PAGE_SIZE - 29)[distance % 3]
        case = Case(pc=RAM_BASE + place)
        text = start(case, name, RAM_BASE + place + SLED + distance)
        comparison = Comparison(case)
        comparison.move(text)
        for _ in range(4):
            assert comparison.step(37) == "", f"{distance} bytes from the instruction, at {place:#x}"


@pytest.mark.parametrize("name", STORES)
def test_a_store_through_another_address(name: str) -> None:
    """The page is mapped twice, side by side: what is stored behind its end is its own beginning."""
    for distance in range(-6, 12):
        for place in (PAGE_SIZE - SLED - 3, (PAGE_SIZE - SLED - 1, PAGE_SIZE - 5, 0)[distance % 3]):
            case = Case(priv=PRIV_U, mstatus=MSTATUS_MPP, pc=REGION + place)
            first = REGION >> PAGE_SHIFT
            case.pages = {first + k: Page(FIRST_FRAME + 1, "rwxu") for k in range(3)}
            text = start(case, name, REGION + PAGE_SIZE + distance)
            comparison = Comparison(case)
            comparison.move(text)
            for _ in range(3):
                assert comparison.step(37) == "", f"{distance} bytes from the border, at {place:#x}"


@pytest.mark.parametrize("others", range(4))
def test_the_second_page_takes_the_first_ones_slot(others: int) -> None:
    """An illegal instruction across two pages still tells its opcode, when decoding the second forgets the first."""
    opcode = 0xC4
    text = bytes([opcode, 0x50]) + struct.pack("<H", 0x7FF) + b"\x51"  # csrrw a0, no such CSR, a1
    for k in range(1, len(text)):
        across = RAM_BASE + 3 * PAGE_SIZE - k
        # Through some other pages, each of which takes a slot, to the instruction.
        way = [RAM_BASE + 2 * PAGE_SIZE, *(RAM_BASE + (5 + page) * PAGE_SIZE for page in range(others)), across]
        case = Case(pc=across)
        case.csrs |= {"mtvec": RAM_BASE + 0xB000}
        case.x[SP] = RAM_BASE + 0xC000
        comparison = Comparison(case)
        comparison.crowd(3, 1000)
        comparison.move(text)
        for here, there in pairwise(way):
            comparison.poke(here - RAM_BASE, jump(there))
        case.pc = way[0]
        comparison.move(b"")
        assert comparison.step(len(way)) == ""
        assert comparison.simulator.csrs["mtval"] == opcode


@pytest.mark.parametrize("into", range(-7, 1))
def test_a_traps_frame_over_decoded_code(into: int) -> None:
    """What is run becomes the pc of the trap that is pushed over it: `incl a0` in place of a nop."""
    at = RAM_BASE + 6 * PAGE_SIZE + (into if into else 0x100)
    caller = RAM_BASE + int.from_bytes(b"\x62\x50", "little")
    table, handler = RAM_BASE + 0x2000, RAM_BASE + 0x3000
    case = Case(pc=at)
    case.csrs |= {"mtvec": table}
    case.x[SP] = at + 8
    struct.pack_into("<I", case.ram, table - RAM_BASE + 4 * CAUSE_ECALL_M, handler)
    comparison = Comparison(case)
    comparison.move(NOP + jump(caller))
    comparison.poke(caller - RAM_BASE, b"\xc8\0\0")
    comparison.poke(handler - RAM_BASE, jump(at))
    assert comparison.step(5) == ""  # nop, jmp, chmk, jmp, and what is there now
    assert comparison.simulator.x[0] == 1
