"""A memory fault anywhere in an instruction leaves the state of its beginning, and what it needs to begin again.

Every row, every operand, every memory mode, the operand on a bad page or reaching into one: the trap's cause and
address, registers and memory are looked at; then the page is repaired, `rei` returns, and the instruction ends as it
does where nothing was wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.cisc.hart import CSR, PAGE_FAULTS, SP, Page, R, W
from tests.cisc.rig import FIRST_FRAME, REGION, Case, Comparison, entry, leaf
from tests.cisc.simulator import Simulator
from tests.engine.rig import examples
from vm.arch import MSTATUS_MPP, PAGE_SHIFT, PAGE_SIZE, PRIV_S, PRIV_U, RAM_BASE
from vm.isa.cisc import ROWS, Operand, Row

# Virtual pages, with as many bytes of good ones before and behind the bad one as an operand can have.
CODE, BEFORE, BAD, BEHIND, STACK = (REGION + PAGE_SIZE * k for k in (0, 2, 3, 4, 6))
FRAME_OF = {page: FIRST_FRAME + 2 * k + 1 for k, page in enumerate((CODE, BEFORE, BAD, BEHIND, STACK))}
TABLE, HANDLER = RAM_BASE + 0xB000, RAM_BASE + 0xC000
FRAME_END = HANDLER + 0x800  # of machine mode's stack
REI = b"\xc9"
OPERAND_REGISTER, INDEX_REGISTER, INDEX, OTHERS = 0, 7, 3, (4, 5, 6)
PLAIN_MODES = ("deferred", "decrement", "increment", "absolute", "disp8", "disp32", "relative8", "relative32")
MODES = (*PLAIN_MODES, *(f"{mode} indexed" for mode in PLAIN_MODES))
BAD_RIGHTS = ("", "r")  # not there, or not to be written
STRIDE = 20  # of all the cases, the suite runs one in so many; of each row others


class Trial(NamedTuple):
    """An instruction whose operand number `operand` has this mode and lies at `target`."""

    row: Row
    operand: int
    mode: str
    target: int


def targets(size: int) -> list[int]:
    """Addresses of an operand of this size that lies on the bad page, or partly."""
    inside = [BAD, BAD + 0x123, BAD + PAGE_SIZE - size]
    return inside + [at for k in range(1, size) for at in (BAD - k, BAD + PAGE_SIZE - k)]


# An entry of a queue has two words, whose values must be addresses.
QUEUE_TARGETS = [BAD, BAD + 0x120, BAD - 4, BAD + PAGE_SIZE - 4]


def trials() -> Iterator[Trial]:
    for row in ROWS:
        for k, operand in enumerate(row.operands):
            if operand.access:
                places = QUEUE_TARGETS if row.cost == "queue" else targets(operand.size)
                for mode in MODES:
                    for target in places:
                        if "relative8" not in mode or target < BAD + 64:
                            yield Trial(row, k, mode, target)


def specify(operand: Operand, mode: str, target: int, at: int, case: Case) -> bytes:
    """The operand of a trial -> its specifier, to stand at this address; the case gets its registers."""
    plain, _, indexed = mode.partition(" ")
    prefix = b""
    if indexed:
        case.x[INDEX_REGISTER] = INDEX
        prefix = bytes([0x40 | INDEX_REGISTER])
        target -= INDEX * operand.size
    n, base = OPERAND_REGISTER, target
    match plain:
        case "deferred":
            code = bytes([0x60 | n])
        case "decrement":
            code, base = bytes([0x70 | n]), target + operand.size
        case "increment":
            code = bytes([0x80 | n])
        case "absolute":
            code = bytes([0x9F]) + struct.pack("<I", target)
        case "disp8":
            code, base = bytes([0xA0 | n]) + struct.pack("<b", -7), target + 7
        case "disp32":
            code, base = bytes([0xE0 | n]) + struct.pack("<i", 0x1234), target - 0x1234
        case "relative8":
            code = bytes([0xAF]) + struct.pack("<b", target - (at + len(prefix) + 2))
        case _:
            code = bytes([0xEF]) + struct.pack("<i", target - (at + len(prefix) + 5))
    case.x[n] = base
    return prefix + code


def direct(operand: Operand) -> bytes:
    values = {"d8": "<b", "d32": "<i", "i8": "<B", "i16": "<H"}
    return struct.pack(values[operand.width], CSR["sscratch"] if operand.name == "csr" else 0x41)


def make(trial: Trial, priv: int) -> tuple[Case, bytes]:
    """-> a case with every page as it should be, and the instruction at its pc."""
    case = world(priv)
    case.pc = BAD - 40 if "relative8" in trial.mode else CODE + 0x100
    code = bytes([trial.row.opcode])
    for k, operand in enumerate(trial.row.operands):
        if not operand.access:
            code += direct(operand)
        elif k == trial.operand:
            code += specify(operand, trial.mode, trial.target, case.pc + len(code), case)
        else:  # one that would change its register
            case.x[OTHERS[k]] = BEHIND + 0x100 * (k + 1)
            code += bytes([0x80 | OTHERS[k]])
    return case, code


def world(priv: int) -> Case:
    case = Case(priv=priv, mstatus=MSTATUS_MPP)
    rights = "rwxu" if priv == PRIV_U else "rwx"
    case.pages = {page >> PAGE_SHIFT: Page(frame, rights) for page, frame in FRAME_OF.items()}
    for frame in FRAME_OF.values():
        at = (frame << PAGE_SHIFT) - RAM_BASE
        # Whatever is taken for an address leads to where there is memory, without overlap.
        case.ram[at : at + PAGE_SIZE] = struct.pack("<1024I", *(BEHIND + 0x400 + 8 * (k % 128) for k in range(1024)))
    case.x = [0x1111 * (k + 1) for k in range(9)]
    case.x[SP] = STACK + 0x800
    case.csrs |= {"mtvec": TABLE, "msp": FRAME_END, "ksp": STACK + 0x400, "pcbb": BEHIND + 0x800, "sscratch": 0x5A5A}
    for cause in range(32):
        struct.pack_into("<I", case.ram, TABLE - RAM_BASE + 4 * cause, HANDLER)
    case.ram[HANDLER - RAM_BASE : HANDLER - RAM_BASE + 1] = REI
    return case


def finished(simulator: Simulator, start: int) -> bool:
    """Whether the instruction is done: block instructions have rounds."""
    return simulator.pc != start


def disturb(case: Case, code: bytes, rights: str, bad: int = BAD) -> tuple[int, int] | None:
    """Runs the instruction with these rights to the bad page, and repairs it when there was a trap -> cause and address
    of the trap, or None when there was none. Fails where anything is not as it should be."""
    assert case.pages is not None
    good = dict(case.pages)
    usual = Comparison(case, ())
    usual.move(code)
    undisturbed = usual.simulator
    while not finished(undisturbed, case.pc):
        undisturbed.step()
    number = bad >> PAGE_SHIFT
    users = "u" if case.priv == PRIV_U else ""
    case.pages = {**good, number: Page(good[number].frame, rights + users)} if rights else dict(good)
    if not rights:
        del case.pages[number]
    comparison = Comparison(case)
    comparison.simulator.pages = good
    comparison.move(code)  # also where the bad page has code
    simulator = comparison.simulator
    simulator.pages = case.pages
    begin = bytes(simulator.ram)
    x = list(simulator.x)
    while simulator.priv == case.priv and not finished(simulator, case.pc):
        progress = simulator.x[:4]
        assert comparison.step(1) == ""
    trap = None
    if simulator.csrs["mepc"] == case.pc:
        trap = simulator.csrs["mcause"], simulator.csrs["mtval"]
        assert simulator.csrs["mepc"] == case.pc
        assert simulator.pc == HANDLER
        if row_of(code).cost == "block":
            x[:4] = progress  # what a0 to a3 say is left
        else:
            frame = FRAME_END - RAM_BASE
            assert simulator.ram[: frame - 8] == begin[: frame - 8] and simulator.ram[frame:] == begin[frame:]
        assert [*simulator.x[:SP], simulator.csrs["msp"]] == x
        repair(comparison, good, number)
        assert comparison.step(1) == ""  # rei
        assert (simulator.pc, simulator.priv) == (case.pc, case.priv)
        while not finished(simulator, case.pc):
            assert comparison.step(1) == ""
    assert (simulator.x, simulator.pc, simulator.priv) == (undisturbed.x, undisturbed.pc, undisturbed.priv)
    for frame in FRAME_OF.values():
        at = slice((frame << PAGE_SHIFT) - RAM_BASE, (frame + 1 << PAGE_SHIFT) - RAM_BASE)
        assert simulator.ram[at] == undisturbed.ram[at]
    return trap


def row_of(code: bytes) -> Row:
    return next(row for row in ROWS if row.opcode == code[0])


def repair(comparison: Comparison, pages: dict[int, Page], number: int) -> None:
    """The page is as it should be, in the page tables too."""
    comparison.simulator.pages = pages
    at = leaf(number) - RAM_BASE
    comparison.poke(at, struct.pack("<I", entry(pages[number])))
    comparison.tables_changed()
    for hart in comparison.harts:
        for tlb in ("dtlb", "itlb"):
            hart.context().empty_tlb(tlb)


def expected(trial: Trial, rights: str) -> tuple[int, int] | None:
    """-> cause and address of the trial's fault, as far as they follow from the operand's access alone."""
    access = trial.row.operands[trial.operand].access
    if access == "a" or (rights == "r" and access in "ru"):
        return None
    cause = PAGE_FAULTS[R if access in "ru" or (access == "m" and not rights) else W]
    return cause, max(trial.target, BAD)


def check(trial: Trial, rights: str, priv: int) -> None:
    case, code = make(trial, priv)
    trap = disturb(case, code, rights)
    if trial.row.cost == "queue":
        assert trap is None or (trap[0] in PAGE_FAULTS.values() and BAD <= trap[1] < BAD + PAGE_SIZE)
    else:
        assert trap == expected(trial, rights)


@pytest.mark.parametrize("part", range(4))
def test_every_operand_of_every_row(part: int) -> None:
    chosen = list(trials())[part :: 4 * max(1, STRIDE * 40 // examples(40))]
    for n, trial in enumerate(chosen):
        kernels = trial.row.cost in ("csr", "system")
        priv = PRIV_S if kernels or n % 3 == 0 else PRIV_U
        rights = BAD_RIGHTS[n % 2]
        try:
            check(trial, rights, priv)
        except AssertionError as fault:
            raise AssertionError(f"{trial.row.name}, {trial}, rights {rights!r}, privilege {priv}") from fault
