"""Every fused handler of instructions of two lengths against the reference: see test_fusion.py."""

from __future__ import annotations

import random
import struct
from functools import cache

import pytest

from tests.engine.rig import differences, machine, word
from tests.engine.test_fusion import DATA, HANDLER, NOWHERE, instruction
from vm.arch import RAM_BASE
from vm.isa.rv32c import ROWS, ShortRow, decode
from vm.machine import Machine
from vm.micro.compressed import CompressedBuilder
from vm.micro.compressed_fusion import MARK, Form, chains
from vm.micro.fusion import APART, INTO_RS1
from vm.micro.target import target

ISA = "rv32imac"
ENTRY = 4  # halfwords before the chain: it is also entered in its middle, and left backwards
FILLER = 0x0205  # c.addi x4, 1


@cache
def rows_of(micro: str) -> tuple[ShortRow, ...]:
    """Micro-op -> the short instructions that are one."""
    return tuple(row for row in ROWS if row.micro == micro)


def short(name: str, link: int, result: int, pick: random.Random) -> int:
    """As test_fusion.instruction, of 16 bits. The link is there when it happens to be."""
    wanted = "rs1" if link == INTO_RS1 else "rs2"
    half = 0
    for attempt in range(400):
        row = pick.choice(rows_of(name))
        half = row.match | pick.randrange(1 << 16) & ~row.mask
        if decode(half) is not row:
            continue
        values = {field: row.value(field, half) for field in row.operands}
        if link != APART and attempt < 300 and values.get(wanted) != result:
            continue
        if "target" in values and values["target"] not in (4, 6, 8, -2):
            continue
        if name == "jalr" and values["rs1"] not in (12, 13):
            continue
        if attempt < 350 and values.get("rd", 1) not in (1, 2, 3, 8, 9, 14, 15):
            continue
        break
    return half


def program(chain: tuple[Form, ...], how: tuple[int, ...], pick: random.Random) -> bytes:
    """-> the chain's instructions."""
    content, result = b"", 0
    for form, link in zip(chain, (0, *how), strict=True):
        if form.text.startswith(MARK):
            half = short(form.name, link, result, pick)
            row = decode(half)
            assert row is not None
            content, result = content + struct.pack("<H", half), row.value("rd", half) if "rd" in row.operands else 0
        else:
            whole = instruction(form.name, link if result else APART, result, pick)
            content, result = content + struct.pack("<I", whole), whole >> 7 & 31
    return content


def begin(made: Machine, content: bytes, registers: list[int]) -> None:
    made.core.state["pc"] = RAM_BASE + 2 * ENTRY
    made.core.state["mtvec"] = HANDLER
    made.x[1:16] = registers
    made.write(DATA, content * 20)


# A handler skips an instruction, of whatever length: it goes on behind the chain.
SKIP = struct.pack(
    "<4I",
    word("lui", rd=15, uimm=RAM_BASE),
    word("addi", rd=15, rs1=15, imm=2 * ENTRY + 12),
    word("csrrw", rd=0, csr=0x341, rs1=15),
    word("mret"),
)
CHAINS = chains(CompressedBuilder(target("risc", ISA)))


@pytest.mark.parametrize("part", range(4))
def test_fused_handlers_agree_with_the_reference(part: int) -> None:
    pick = random.Random(part)
    native, reference = (machine(executor, ram=1 << 14, isa=ISA) for executor in ("native", "reference"))
    for chain, how in CHAINS[part::4]:
        middle = program(chain, how, pick)
        body = struct.pack("<4H", *[FILLER] * ENTRY) + middle + struct.pack("<10H", *[FILLER] * 10)
        body += struct.pack("<I", word("jal", rd=0, target=-len(body)))
        registers = [pick.choice((pick.randrange(1 << 32), pick.randrange(8))) for _ in range(15)]
        registers[7:13] = DATA, DATA + 64, DATA, NOWHERE, RAM_BASE + 4, RAM_BASE + 2
        for made in (native, reference):
            made.write(RAM_BASE, body)
            made.write(HANDLER, SKIP)
        for budget in (24, 2, 3, 7, 16):  # the first run decodes, the others find fused handlers
            for made in (native, reference):
                begin(made, middle, registers)
                made.run(budget)
            assert differences(native.core, reference.core) == {}, (chain, how, budget, middle.hex())
        # The last instruction is another one: by a store from outside; those of the guest are tried in lockstep.
        for made in (native, reference):
            made.write(RAM_BASE + 2 * ENTRY + len(middle) - 2, struct.pack("<H", FILLER))
            begin(made, middle, registers)
            made.run(9)
        assert differences(native.core, reference.core) == {}, (chain, how, middle.hex())
