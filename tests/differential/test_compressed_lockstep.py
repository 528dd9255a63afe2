"""Instructions of 16 and 32 bits mixed at random: both executors agree on every bit, watched and unwatched; and so does
unicorn. Random bytes as code do no harm."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.test_lockstep import SLICES, compare
from tests.engine.random_programs import Bits, Program
from tests.engine.rig import EXECUTORS, differences, examples, machine, word
from tests.engine.short_programs import mixed
from vm.arch import RAM_BASE
from vm.isa.rv32c import BITS, ROWS, ShortRow, decode

unicorn = pytest.importorskip("unicorn", reason="unicorn is not installed")
from unicorn import riscv_const as uc  # noqa: E402

ISA = "rv32imac"
RAM = 1 << 15
WINDOW = RAM_BASE + 0x4000


@settings(max_examples=examples(100))
@given(mixed(), SLICES)
def test_native_and_reference_agree(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices, isa=ISA)


@settings(max_examples=examples(20))
@given(mixed(), SLICES)
def test_so_they_do_when_they_are_watched(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices, isa=ISA, observed=True)


@settings(max_examples=examples(20))
@given(st.binary(min_size=64, max_size=400), st.integers(0, 31))
def test_random_bytes_are_run_alike(code: bytes, place: int) -> None:
    both = [machine(executor, code, RAM, isa=ISA) for executor in EXECUTORS]
    for each in both:
        each.x[1:32] = [WINDOW + 4 * k for k in range(31)]
        each.core.state["mtvec"] = RAM_BASE + 4 * (place % (len(code) // 4))
    assert both[0].run(300) == both[1].run(300)
    assert differences(both[0].core, both[1].core) == {}


# ---- unicorn -----------------------------------------------------------------------------------------------
STRAIGHT = [row for row in ROWS if row.cost not in ("branch", "jump", "system")]


def one(row: ShortRow, b: Bits) -> bytes:
    """Row -> an instruction, with another in front that gives a load or store its address; nothing can trap."""
    half = row.match | b.take(1 << BITS) & ~row.mask
    half = half if decode(half) is row else row.match | row.not_zero  # others may have the same bits
    if row.cost not in ("load", "store"):
        return struct.pack("<H", half)
    return struct.pack("<IH", word("lui", rd=row.value("rs1", half), uimm=WINDOW), half)


@settings(max_examples=examples(40))
@given(st.integers(0, (1 << 900) - 1), st.lists(st.integers(0, 0xFFFF_FFFF), min_size=31, max_size=31))
def test_unicorn_agrees(bits: int, values: list[int]) -> None:
    b = Bits(bits * 0x9E37_79B9_7F4A_7C15**12 + 1)
    parts = [one(STRAIGHT[b.take(len(STRAIGHT))], b) for _ in range(120)]
    code = b"".join(parts)
    registers = values
    made = machine("native", code, RAM, isa=ISA)
    made.x[1:] = registers
    oracle = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
    oracle.mem_map(RAM_BASE, RAM)
    oracle.mem_write(RAM_BASE, code)
    for number, value in enumerate(registers, 1):
        oracle.reg_write(uc.UC_RISCV_REG_X0 + number, value)
    count = sum(len(part) // 2 - (len(part) > 2) for part in parts)
    made.run(count)
    oracle.emu_start(RAM_BASE, RAM_BASE + RAM - 4, count=count)
    after = [oracle.reg_read(uc.UC_RISCV_REG_X0 + number) & 0xFFFF_FFFF for number in range(32)]
    assert [hex(v) for v in made.x] == [hex(v) for v in after]
    assert (made.pc, made.retired) == (RAM_BASE + len(code), count)
    memory = np.frombuffer(bytes(oracle.mem_read(RAM_BASE, RAM)), np.uint8)
    assert np.array_equal(made.core.ram, memory)
