"""Faults at what an instruction reaches without naming it: the stack, the PCB, blocks, its own second page."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from tests.cisc.hart import A0, A1, A2, A3, SP
from tests.cisc.rig import Case, Comparison
from tests.cisc.test_precision import BAD, BAD_RIGHTS, BEFORE, BEHIND, CODE, FRAME_OF, PAGE_FAULTS, W, disturb, world
from tests.engine.rig import examples
from vm.arch import CSR_OF_MODE, MSTATUS_SPIE, MSTATUS_SPP, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, PRIV_S, PRIV_U, RAM_BASE
from vm.isa.cisc import ROWS, Row

ROW = {row.name: row for row in ROWS}
MASK = 0xB5  # five registers
CONTEXT = 4 * 11  # bytes of a PCB that svpctx stores
FETCH = 12


def put(case: Case, va: int, *words: int) -> None:
    """Words at an address of the world, across pages."""
    for k, byte in enumerate(struct.pack(f"<{len(words)}I", *words)):
        frame = FRAME_OF[va + k & ~PAGE_MASK]
        case.ram[(frame << PAGE_SHIFT) - RAM_BASE + (va + k & PAGE_MASK)] = byte


def edges(size: int) -> list[int]:
    """Distances, in so many bytes and both directions, at which something of this size lies across a border."""
    return [0, 1, 2, 3, 4, 7, size // 2, size // 2 + 2, size - 4, size - 3, size - 1, size]


STACKED: dict[str, tuple[bytes, int]] = {  # instruction -> its bytes, and those that it pushes; popped ones negative
    "pushl": (b"\x05", 4), "pushal": (b"\xa0\x04", 4), "popl": (b"\x53", -4), "popl (sp)": (b"\x68", -4),
    "pushr": (bytes([MASK]), 20), "popr": (bytes([MASK]), -20), "bsr.s": (b"\x10", 4), "bsr.l": (b"\x10\0\0\0", 4),
    "jsr": (b"\xa8\x10", 4), "rsb": (b"", -4), "calls": (bytes([MASK]) + b"\x63", 28),
    "calls (sp)+": (bytes([MASK]) + b"\x88", 28), "calls -(sp)": (bytes([MASK]) + b"\x78", 28),
    "rets": (b"", -28), "rei": (b"", -8), "svpctx": (b"", -8), "ldpctx": (b"", 8),
}  # fmt: skip


@pytest.mark.parametrize("name", STACKED)
@pytest.mark.parametrize("rights", BAD_RIGHTS)
def test_a_stack_on_a_bad_page(name: str, rights: str) -> None:
    row = ROW[name.split()[0]]
    code, size = bytes([row.opcode]) + STACKED[name][0], STACKED[name][1]
    traps = []
    for page in (BAD, BEHIND):  # the stack grows into the bad page, or leads out of it
        for distance in edges(abs(size)):
            case = world(PRIV_S if row.cost in ("trap", "context") else PRIV_U)
            case.x[3] = CODE + 0x300
            case.x[SP] = page + distance if size > 0 else page - distance
            if size < 0:
                put(case, case.x[SP], *{"rets": (MASK, 1, 2, 3, 4, 5, CODE + 0x200)}.get(
                    name, (CODE + 0x200, MSTATUS_SPP | MSTATUS_SPIE, 1, 2, 3, 4, 5)))  # fmt: skip
            case.pc = CODE + 0x100
            traps.append(disturb(case, code, rights))
    seen = {trap[0] for trap in traps if trap}
    if size > 0 or (name == "popl (sp)" and rights):
        assert PAGE_FAULTS[W] in seen
    assert bool(seen) == (size > 0 or not rights or name == "popl (sp)")
    assert all(BAD <= trap[1] < BAD + PAGE_SIZE for trap in traps if trap)


@pytest.mark.parametrize("name", ["svpctx", "ldpctx"])
@pytest.mark.parametrize("rights", BAD_RIGHTS)
def test_a_context_block_on_a_bad_page(name: str, rights: str) -> None:
    traps = []
    for page in (BAD, BEHIND):
        for distance in edges(CONTEXT):
            case = world(PRIV_S)
            case.csrs |= {"pcbb": page - distance, "usp": 0x1234_5678}
            case.pc = CODE + 0x100
            traps.append(disturb(case, bytes([ROW[name].opcode]), rights))
    assert any(traps) == (name == "svpctx" or not rights)
    assert not all(traps)


def blocks() -> Iterator[tuple[str, int, int, int]]:
    for name in ("movc", "cmpc", "filc"):
        for a0, a1 in ((BAD - 9, BEHIND + 5), (BEHIND + 6, BAD - 10), (BAD - 8, BEHIND), (BEHIND + 0x40, BAD - 12),
                       (BEHIND - 6, BEHIND + 0x80), (BEFORE + 3, BEHIND - 7), (BAD - 16, BAD - 12)):  # fmt: skip
            for count in (1, 7, 12, 21):
                yield name, a0, a1, count


@pytest.mark.parametrize("rights", BAD_RIGHTS)
def test_a_block_across_a_bad_page(rights: str) -> None:
    traps = []
    for name, a0, a1, count in blocks():
        case = world(PRIV_U)
        case.x[A0], case.x[A1], case.x[A2] = a0, a1, count
        if name == "cmpc":  # equal until nearly the end
            put(case, a0, *[0x0101_0101] * 6)
            put(case, a1, *[0x0101_0101] * 6)
        case.pc = CODE + 0x100
        traps.append(disturb(case, bytes([ROW[name].opcode]), rights))
    assert any(traps) and not all(traps)


def test_a_comparison_of_nothing_is_equal() -> None:
    case = world(PRIV_U)
    case.x[A0], case.x[A1], case.x[A2] = BEHIND, BEHIND + 0x100, 0
    case.x[A3] = 0x1234
    case.pc = CODE + 0x100
    comparison = Comparison(case)
    comparison.move(bytes([ROW["cmpc"].opcode]))
    assert comparison.step(1) == ""
    assert (comparison.simulator.x[A3], comparison.simulator.pc) == (0, case.pc + 1)


def long_form(row: Row) -> bytes:
    """The row's instruction with operands as long as they can be."""
    code = bytes([row.opcode])
    for k, operand in enumerate(row.operands):
        if operand.access:
            code += bytes([0x47, 0xE0 | 4 + k]) + struct.pack("<i", 0x40)
        else:
            code += {1: b"\x41", 2: struct.pack("<H", CSR_OF_MODE["cisc"]["usp"]), 4: struct.pack("<i", 0x40)}[
                operand.size
            ]
    return code


@pytest.mark.parametrize("part", range(2))
def test_an_instruction_that_reaches_into_a_bad_page(part: int) -> None:
    rows = [row for row in ROWS if row.operands and row.name != "chmk"]
    for row in rows[part :: 2 * max(1, 4 * 40 // examples(40))]:
        code = long_form(row)
        for k in range(1, len(code)):
            case = world(PRIV_S)
            case.x[4:8] = [BEHIND + 0x100, BEHIND + 0x200, BEHIND + 0x300, 3]
            case.pc = BAD - k
            assert disturb(case, code, BAD_RIGHTS[k & 1]) == (FETCH, BAD), f"{row.name}, {k} bytes before the border"
