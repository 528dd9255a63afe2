"""Instructions of four bytes in two pages whose frames do not follow each other: which halves are run, and what their
faults and illegal ones say."""

from __future__ import annotations

import struct

import pytest

from tests.engine.rig import EXECUTORS, machine, word
from vm.arch import (
    CAUSE_FETCH_PAGE_FAULT,
    CAUSE_ILLEGAL_INSTRUCTION,
    PAGE_SIZE,
    PRIV_S,
    PTE_A,
    PTE_R,
    PTE_V,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
    WORD,
)
from vm.machine import Machine

ROOT, LEAF, FIRST, SECOND, THIRD = (RAM_BASE + PAGE_SIZE * k for k in (1, 2, 3, 6, 9))  # physical
VA = RAM_BASE + (1 << 28)
LAST = PAGE_SIZE - 2  # place in a page of an instruction in two
FENCE = 100  # place in the first page
CODE = PTE_V | PTE_R | PTE_X | PTE_A
NOT_HERE = 0xBEEF_5A7B  # no instruction


def in_s_mode(made: Machine, place: int) -> None:
    state = made.core.state
    state["mtvec"], state["satp"], state["priv"], state["data_priv"] = RAM_BASE, SATP_MODE | ROOT >> 12, PRIV_S, PRIV_S
    made.pc = VA + place


def map_second(made: Machine, entry: int) -> None:
    made.write(LEAF + ((VA >> 12 & 0x3FF) + 1) * WORD, struct.pack("<I", entry))


def board(executor: str) -> Machine:
    """-> a machine in S-mode, at VA; its first page, and the second one, hold nothing but a fence."""
    made = machine(executor, ram=1 << 16, isa="rv32imac")
    made.write(ROOT + (VA >> 22) * WORD, struct.pack("<I", LEAF >> 2 | PTE_V))
    made.write(LEAF + (VA >> 12 & 0x3FF) * WORD, struct.pack("<I", FIRST >> 2 | CODE))
    map_second(made, SECOND >> 2 | CODE)
    made.write(FIRST + FENCE, struct.pack("<I", word("sfence.vma")))
    in_s_mode(made, 0)
    return made


def halves(value: int) -> tuple[bytes, bytes]:
    whole = struct.pack("<I", value)
    return whole[:2], whole[2:]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("place", [0, FENCE + 4, LAST])
def test_an_illegal_one_is_told_whole_wherever_it_lies(executor: str, place: int) -> None:
    made = board(executor)
    low, high = halves(NOT_HERE)
    made.write(FIRST + place, low)
    made.write(SECOND if place == LAST else FIRST + place + 2, high)
    for _ in range(2):
        in_s_mode(made, place)
        made.run(1)
        state = made.core.state
        assert (state["mcause"], state["mepc"]) == (CAUSE_ILLEGAL_INSTRUCTION, VA + place)
        assert state["mtval"] == NOT_HERE


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_second_half_is_what_is_there_now(executor: str) -> None:
    """Written, mapped elsewhere, and gone: then the fault has the second page's address, and nothing has been done."""
    made = board(executor)
    low, _ = halves(word("addi", rd=10, rs1=10, imm=1))
    made.write(FIRST + LAST, low)

    def run(place: int = LAST) -> int:
        in_s_mode(made, place)
        before = made.started
        made.run(1)
        assert made.started == before + 1
        return int(made.x[10])

    for frame, imm, total in ((SECOND, 1, 1), (SECOND, 16, 17), (THIRD, 256, 273)):
        made.write(frame, halves(word("addi", rd=10, rs1=10, imm=imm))[1])
        map_second(made, frame >> 2 | CODE)
        run(FENCE)
        assert run() == total
        made.x[10] -= imm
        assert run() == total, "decoded by now"
    map_second(made, 0)
    run(FENCE)
    assert run() == 273
    state = made.core.state
    assert (state["mcause"], state["mepc"], state["mtval"]) == (CAUSE_FETCH_PAGE_FAULT, VA + LAST, VA + PAGE_SIZE)
    assert made.retired == made.started - 1


@pytest.mark.parametrize("limit", range(3, 8))
def test_it_needs_room_for_two_pages_of_decoded_code(limit: int) -> None:
    """Each of many pages ends in such an instruction, and in the next one a short one follows."""
    made = machine("native", ram=1 << 17, isa="rv32imac")
    made.core.state["slot_limit"] = limit
    pages = 20
    for page in range(pages):
        low, high = halves(word("addi", rd=10, rs1=10, imm=1))
        made.write(RAM_BASE + PAGE_SIZE * page + LAST, low + high + struct.pack("<H", 0x0589))  # c.addi a1,2
    order = [page * 7 % pages for page in range(3 * pages)] + [page for page in range(pages) for _ in range(2)]
    for done, page in enumerate(order, 1):
        made.pc = RAM_BASE + PAGE_SIZE * page + LAST
        made.run(2)
        assert (int(made.x[10]), int(made.x[11])) == (done, 2 * done)
        assert made.pc == RAM_BASE + PAGE_SIZE * (page + 1) + 4
