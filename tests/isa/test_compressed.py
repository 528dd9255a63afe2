"""RV32C: all 49152 encodings of 16 bits, against GNU objdump, their 32-bit counterparts, and in both decoders."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.engine.rig import EXECUTORS, code
from tests.engine.rig import machine as board
from tests.gnu import needs_as, run
from vm.arch import (
    CAUSE_ILLEGAL_INSTRUCTION,
    PAGE_SIZE,
    RAM_BASE,
)
from vm.isa import codec, rv32c
from vm.isa.rv32c_text import text
from vm.machine import Machine
from vm.micro.compressed import SHORT_OPS, CompressedBuilder
from vm.micro.compressed_reference import decode_half
from vm.micro.decoder import ILLEGAL, decode_word

HALVES = [half for half in range(1 << rv32c.BITS) if half & 3 != rv32c.LONG]
CODE = struct.pack(f"<{len(HALVES)}H", *HALVES)


def test_each_legal_one_is_an_instruction_of_32_bits() -> None:
    """Its expansion has the row that it names, and is decoded to the same micro-op with the same operands."""
    for half in HALVES:
        row = rv32c.decode(half)
        if row is not None:
            word = row.expanded(half)
            assert codec.decode(word) is row.full, hex(half)
            short, full = decode_half(half), decode_word(word, "risc")
            read = {"rs1": row.full.reads_rs1, "rs2": row.full.reads_rs2}
            assert short._replace(rs1=full.rs1, rs2=full.rs2) == full, hex(half)
            assert all(getattr(short, name) == getattr(full, name) for name in read if read[name]), hex(half)


def test_generated_code_decodes_them_alike() -> None:
    """Runs each one once, and looks at the record that this has left."""
    machine = Machine(ram=1 << 18, isa="rv32imac")
    machine.write(RAM_BASE, CODE)
    machine.core.state["mtvec"] = RAM_BASE + (1 << 18) - 8
    names = {number: name for name, number in CompressedBuilder(machine.core.target).numbers().items()}
    found = []
    for place in range(len(HALVES)):
        machine.pc = RAM_BASE + rv32c.LENGTH * place
        machine.run(1)
        slot = int(machine.core.tables["page_slot"][rv32c.LENGTH * place // PAGE_SIZE])
        found.append(machine.core.records[slot, place % (PAGE_SIZE // rv32c.LENGTH)])
    records = np.array(found)
    for half, record in zip(HALVES, records, strict=True):
        wanted, row = decode_half(half), rv32c.decode(half)
        kind, _, op = names[int(record["op"])].rpartition("_")
        assert op == wanted.op and kind in (("op",) if row is None else ("short_op", "short_far")), hex(half)
        assert (record["rd"], record["imm"]) == (wanted.rd, wanted.imm & 0xFFFF_FFFF), hex(half)
        if row is not None:
            assert (record["rs1"], record["rs2"]) == (wanted.rs1, wanted.rs2), hex(half)


def test_the_instructions_of_the_manual_are_there() -> None:
    assert len(rv32c.ROWS) == 26 and len({row.name for row in rv32c.ROWS}) == 26
    assert SHORT_OPS == {row.micro for row in rv32c.ROWS}
    assert decode_half(0).op == ILLEGAL, "the halfword of zeros is illegal by definition"


@pytest.mark.parametrize("executor", EXECUTORS)
def test_illegal_ones_trap_with_their_16_bits(executor: str) -> None:
    machine = Machine(ram=1 << 16, executor=executor, isa="rv32imac")
    machine.core.state["mtvec"] = handler = RAM_BASE + 0x800
    for half in (0, 0x2000, 0x6000, 0x6101, 0x9C41, 0x8002, 0x4002, 0x1002):
        machine.write(RAM_BASE, struct.pack("<HH", half, 0xABCD))
        machine.pc = RAM_BASE
        machine.run(1)
        state = machine.core.state
        assert (machine.pc, state["mcause"], state["mepc"]) == (handler, CAUSE_ILLEGAL_INSTRUCTION, RAM_BASE)
        assert state["mtval"] == half


@pytest.mark.parametrize("executor", EXECUTORS)
def test_bit_1_of_where_a_trap_returns_to_is_held(executor: str) -> None:
    moves = code("csrw sepc, a0\n csrr a1, sepc\n csrw mepc, a0\n csrr a2, mepc\n")
    made = board(executor, moves, isa="rv32imac")
    made.x[10] = 0xFFFF_FFFF
    made.run(4)
    assert list(made.x[11:13]) == [0xFFFF_FFFE, 0xFFFF_FFFE]


# What GNU objdump takes for legal and we do not.
NOT_HERE = re.compile(
    r"c\.f[ls][dw](sp)?\t"  # it does not know that there is no F and no D
    r"|c\.s(ll|rl|ra)i\t\w+,0x[23][0-9a-f]$"  # by 32 and more: for custom use in RV32
    r"|c\.addi16sp\tsp,0$"  # reserved
    r"|c\.unimp$|\.2byte"  # illegal there too
)
# What it spells otherwise, hints mostly: its text -> ours.
SPELT = (
    (re.compile(r"c\.(s..i)64\t(\w+)"), r"c.\1\t\2,0x0"),  # shifts by nothing
    (re.compile(r"c\.nop\t(-?\d+)"), r"c.addi\tzero,\1"),
)
OLD_NAMES = re.compile(r"^(add|and|sll|srl|sra)\t(\w+),(\w+),(-?\d\w*)$")  # since 2.42: addi, andi, ...
MOVES = re.compile(r"^addi\t(\w+),\1,0$")


def objdump(folder: Path, *options: str) -> list[str]:
    """-> the text of each of HALVES."""
    raw = folder / "all.bin"
    raw.write_bytes(CODE)
    lines = run("objdump", "-D", "-z", "-b", "binary", "-m", "riscv:rv32", *options, raw).splitlines()
    parts = [line.split("\t", 2) for line in lines if re.match(r" +[0-9a-f]+:\t", line)]
    return [part[2].partition(" #")[0].rstrip() for part in parts]


@needs_as
def test_legality_and_text_are_those_of_gnu_objdump(tmp_path: Path) -> None:
    exact, usual = objdump(tmp_path, "-M", "no-aliases"), objdump(tmp_path)
    assert len(exact) == len(usual) == len(HALVES)
    for place, (half, shown, alias) in enumerate(zip(HALVES, exact, usual, strict=True)):
        row, at = rv32c.decode(half), rv32c.LENGTH * place
        if NOT_HERE.match(shown):
            assert row is None, (hex(half), shown)
            continue
        assert row is not None, (hex(half), shown)
        for pattern, ours in SPELT:
            shown = pattern.sub(ours, shown)
        assert text(row, half, at, False, hex) == shown, hex(half)
        if not alias.startswith("c."):  # a hint
            alias = MOVES.sub(r"mv\t\1,\1", OLD_NAMES.sub(r"\1i\t\2,\3,\4", alias))
            assert text(row, half, at, True, hex) == alias, hex(half)


def test_hints_keep_names_that_say_so() -> None:
    shown = {half: text(row, half, aliases=True) for half in HALVES if (row := rv32c.decode(half))}
    assert shown[0x0001] == "nop" and shown[0x0005] == "c.addi\tzero,1"
    assert shown[0x4505] == "li\ta0,1" and shown[0x4005] == "c.li\tzero,1"
    assert shown[0x852E] == "mv\ta0,a1" and shown[0x802E] == "c.mv\tzero,a1"
    assert shown[0x8082] == "ret" and shown[0x9502] == "jalr\ta0" and shown[0xA001] == "j\t0"
