"""Unicorn, an independent emulator, as oracle: random RV32IMA programs leave the same registers and the same memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.random_programs import Bits
from tests.engine.rig import EXECUTORS, examples, machine, word, words
from vm.arch import RAM_BASE
from vm.isa.codec import rows

unicorn = pytest.importorskip("unicorn", reason="unicorn is not installed")
from unicorn import riscv_const as uc  # noqa: E402

RAM = 1 << 15
WINDOW = RAM_BASE + 0x4000  # what x16, x17 and x19 point into; x18 is the program's start
POINTERS = {16: WINDOW, 17: WINDOW + 0x1000, 18: RAM_BASE, 19: WINDOW}
_ROWS = {row.name: row for row in rows()}
PLAIN = [name for name, row in _ROWS.items() if row.cost not in ("system", "csr", "fence", "amo", "dump")]
ATOMIC = [name for name, row in _ROWS.items() if row.cost == "amo" and name not in ("lr.w", "sc.w")]


def instruction(name: str, bits: int, at: int, last: int) -> Iterator[int]:
    """Mnemonic, 32 bits that choose its operands, its place and the last place -> its words; nothing can trap."""
    b, row = Bits(bits), _ROWS[name]
    values = {field: b.reg() for field in ("rd", "rs1", "rs2") if field in row.operands}
    if row.cost in ("load", "store"):
        values |= {"rs1": b.pick((16, 17)), "imm": b.take(2048) - 1024}
    elif row.cost == "amo":
        yield word("addi", rd=19, rs1=16, imm=b.take(8) * 4)
        values["rs1"] = 19
        if b.take(4) == 0:  # a reservation, used at once; then the same without one
            yield word("lr.w", rd=b.reg(), rs1=19)
            yield word("sc.w", rd=b.reg(), rs1=19, rs2=b.reg())
            yield word("sc.w", rd=b.reg(), rs1=19, rs2=b.reg())
    elif name == "jalr":
        values |= {"rs1": 18, "imm": 4 * b.take(min(last, 500)) + b.take(2)}
    elif "target" in row.operands:
        values["target"] = 4 * (b.take(last) - at)
    elif "uimm" in row.operands:
        values["uimm"] = b.take(1 << 20) << 12
    elif "shamt" in row.operands:
        values["shamt"] = b.take(32)
    elif "imm" in row.operands:
        values["imm"] = b.take(4096) - 2048
    yield word(name, **values)


PARTS = st.lists(
    st.tuples(st.sampled_from(PLAIN + ATOMIC), st.integers(0, (1 << 40) - 1)), min_size=10, max_size=50
)  # fmt: skip
EDGES = (0, 1, 2, 31, 32, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x8000, 0xFFFF_8000)
VALUES = st.lists(st.one_of(st.sampled_from(EDGES), st.integers(0, 0xFFFF_FFFF)), min_size=15, max_size=15)


def expected(content: bytes, registers: list[int], data: bytes, count: int) -> tuple[list[int], int, bytes]:
    """-> registers, pc and RAM after `count` instructions, as unicorn has them."""
    oracle = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
    oracle.mem_map(RAM_BASE, RAM)
    oracle.mem_write(RAM_BASE, content)
    oracle.mem_write(WINDOW, data)
    for number, value in enumerate(registers, 1):
        oracle.reg_write(uc.UC_RISCV_REG_X0 + number, value)
    oracle.emu_start(RAM_BASE, RAM_BASE + RAM - 4, count=count)
    after = [oracle.reg_read(uc.UC_RISCV_REG_X0 + number) & 0xFFFF_FFFF for number in range(32)]
    return after, oracle.reg_read(uc.UC_RISCV_REG_PC) & 0xFFFF_FFFF, bytes(oracle.mem_read(RAM_BASE, RAM))


def agree(executor: str, parts: list[tuple[str, int]], values: list[int], count: int) -> None:
    body: list[int] = []
    for name, bits in parts:
        body += instruction(name, bits, len(body), len(parts))
    content = words([*body, word("jal", rd=0, target=-4 * len(body))])
    registers = [*values, *(POINTERS.get(number, 0) for number in range(16, 32))]
    data = words(values) * 20
    made = machine(executor, content, RAM)
    made.write(WINDOW, data)
    made.x[1:] = registers
    assert made.run(count).reason == "limit"
    after, pc, memory = expected(content, registers, data, count)
    assert [hex(v) for v in made.x] == [hex(v) for v in after]
    assert (hex(made.pc), made.retired) == (hex(pc), count)
    assert np.array_equal(made.core.ram, np.frombuffer(memory, np.uint8))


@settings(max_examples=examples(600))
@given(PARTS, VALUES, st.integers(1, 400))
def test_native_agrees_with_unicorn(parts: list[tuple[str, int]], values: list[int], count: int) -> None:
    agree("native", parts, values, count)


@settings(max_examples=examples(100))
@given(PARTS, VALUES, st.integers(1, 100))
def test_reference_agrees_with_unicorn(parts: list[tuple[str, int]], values: list[int], count: int) -> None:
    agree("reference", parts, values, count)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", [n for n in PLAIN if "rs2" in _ROWS[n].operands and "rd" in _ROWS[n].operands])
def test_edge_values_agree_with_unicorn(executor: str, name: str) -> None:
    """Every two-operand instruction on every pair of edge values, into another register and into its own operands."""
    pairs = [(a, b) for a in EDGES for b in EDGES]
    content = words([word(name, rd=rd, rs1=1, rs2=2) for rd in (3, 0, 2)] + [word(name, rd=1, rs1=1, rs2=1)])
    made = machine(executor, content, RAM)
    for a, b in pairs:
        registers = [a, b, *[0] * 29]
        made.core.state["pc"], made.x[1:] = RAM_BASE, registers
        made.run(4)
        assert list(made.x) == expected_of_edges(content, a, b), (hex(a), hex(b))


def expected_of_edges(content: bytes, a: int, b: int) -> list[int]:
    return expected(content, [a, b, *[0] * 29], b"", 4)[0]
