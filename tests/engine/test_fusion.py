"""Every fused handler of the native executor, against the reference: with each result handed over or not, with budgets
that end inside it, and with a fault in each of its places."""

from __future__ import annotations

import random

import pytest

from tests.engine.rig import differences, machine, word, words
from vm.arch import RAM_BASE
from vm.isa.codec import by_name
from vm.machine import Machine
from vm.micro.fusion import FIRST, INTO_RS1, INTO_RS2, SECOND, TRIPLES, links

DATA, NOWHERE = RAM_BASE + 0x2000, 0x1000
HANDLER = RAM_BASE + 0x1000
_SKIP = words(
    [
        word("csrrs", rd=15, csr=0x341, rs1=0),
        word("addi", rd=15, rs1=15, imm=4),
        word("csrrw", rd=0, csr=0x341, rs1=15),
        word("mret"),
    ]
)
CHAINS = [((a, b), (link,)) for a in FIRST for b in SECOND for link in links(a, b)]
CHAINS += [(tuple(text.split()), tuple(chain)) for text, *chain in TRIPLES]
ENTRY = 4  # words before the chain: it is also entered in its middle, and left backwards


def instruction(name: str, link: int, result: int, pick: random.Random) -> int:
    """A mnemonic, and how it uses register `result` -> an instruction word; bases are x10 (data) or x11 (nowhere)."""
    operands = by_name()[name].operands
    values = {field: pick.choice((1, 2, 3)) for field in ("rd", "rs1", "rs2") if field in operands}
    if "rd" in values and pick.random() < 0.1:
        values["rd"] = 0
    if name in ("lw", "lbu", "sw", "sb"):
        values |= {"rs1": pick.choice((10, 10, 10, 11)), "imm": 4 * pick.randrange(8)}
    elif "target" in operands:
        values["target"] = 4 * pick.choice((2, 2, 3, -1))
    elif "uimm" in operands:
        values["uimm"] = pick.choice((DATA, 0x12345000))
    elif "shamt" in operands:
        values["shamt"] = pick.randrange(32)
    elif name == "jalr":
        values |= {"rs1": 12, "imm": 4 * pick.randrange(12)}
    elif "imm" in operands:
        values["imm"] = pick.randrange(-2048, 2048)
    if link == INTO_RS1:
        values["rs1"] = result
    elif link == INTO_RS2:
        values["rs2"] = result
    return word(name, **values)


def program(names: tuple[str, ...], chain: tuple[int, ...], pick: random.Random) -> list[int]:
    """-> the chain's words."""
    found: list[int] = []
    for name, link in zip(names, (0, *chain), strict=True):
        result = found[-1] >> 7 & 31 if link else 0
        found.append(instruction(name, link, result, pick))
    return found


def begin(made: Machine, content: list[int], registers: list[int]) -> None:
    """Registers and data as at the start; the program itself, and what was decoded of it, stay."""
    made.core.state["pc"] = RAM_BASE + 4 * ENTRY
    made.core.state["mtvec"] = HANDLER
    made.x[1:16] = registers
    made.write(DATA, words(content * 3))


@pytest.mark.parametrize("first", FIRST)
def test_fused_handlers_agree_with_the_reference(first: str) -> None:
    pick = random.Random(first)
    filler = word("addi", rd=4, rs1=4, imm=1)
    native, reference = machine("native", ram=1 << 14), machine("reference", ram=1 << 14)
    for names, chain in CHAINS:
        if names[0] != first:
            continue
        for _ in range(3):
            middle = program(names, chain, pick)
            body = [filler] * ENTRY + middle + [filler] * 8 + [word("jal", rd=0, target=-4 * (8 + len(middle)))]
            registers = [pick.choice((pick.randrange(1 << 32), pick.randrange(8))) for _ in range(15)]
            registers[9:12] = DATA, NOWHERE, RAM_BASE + 4
            for made in (native, reference):
                made.write(RAM_BASE, words(body))
                made.write(HANDLER, _SKIP)
            for budget in (30, 1, 2, 3, 4, 25):  # the first run decodes, the others find fused handlers
                for made in (native, reference):
                    begin(made, middle, registers)
                    made.run(budget)
                assert differences(native.core, reference.core) == {}, (names, chain, budget, list(map(hex, middle)))


@pytest.mark.parametrize("first", FIRST)
def test_a_store_into_a_fused_handler_takes_it_apart(first: str) -> None:
    """The guest replaces the second or third instruction of a chain that ran before, and runs it again."""
    pick = random.Random(first)
    native, reference = machine("native", ram=1 << 14), machine("reference", ram=1 << 14)
    for names, chain in CHAINS:
        if names[0] != first:
            continue
        middle = program(names, chain, pick)
        place = ENTRY + pick.randrange(1, len(middle))
        patch = [word("sw", rs2=13, rs1=14, imm=4 * place)]
        patch.append(word("jal", rd=0, target=-4 * (len(middle) + 9)))
        body = [word("addi", rd=4, rs1=4, imm=1)] * ENTRY + middle + [word("addi", rd=5, rs1=5, imm=1)] * 8 + patch
        registers = [pick.randrange(8) for _ in range(15)]
        registers[9:12] = DATA, NOWHERE, RAM_BASE + 4
        registers[12:14] = word("addi", rd=6, rs1=6, imm=77), RAM_BASE
        for made in (native, reference):
            made.write(RAM_BASE, words(body))
            made.write(HANDLER, _SKIP)
            for start in (ENTRY, ENTRY, ENTRY + len(middle) + 8):
                begin(made, middle, registers)
                made.pc = RAM_BASE + 4 * start
                made.run(len(middle) + 2)
        assert differences(native.core, reference.core) == {}, (names, chain, place)
