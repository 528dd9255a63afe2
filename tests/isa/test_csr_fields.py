"""Every field of every CSR behaves as its row in vm/isa/csr_table.py says, and documents and text follow the rows.

The rows themselves are held against the manual's values in test_csrs.py, and against QEMU in
tests/differential/test_qemu_csrs.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.engine.rig import EXECUTORS, machine, word, words
from vm.arch import CSR, CSR_OF_MODE, INTERRUPT_FLAG, NWIN_MOST, RAM_BASE
from vm.isa.csr_manual import manual
from vm.isa.csr_table import ANY, FIXED, LEGAL, LIVE, VIEW, Field, Register, table
from vm.isa.csrs import decoded
from vm.machine import Machine
from vm.micro.target import target

MODES = ("risc", *CSR_OF_MODE)
DOCUMENT = Path(__file__).parents[2] / "docs" / "csrs.md"
ALL = 0xFFFF_FFFF
VIEWED = {"sstatus": "mstatus", "sie": "mie", "sip": "mip"}
MANY = ("pmpcfg", "pmpaddr", "mhpmevent", "mhpmcounter")  # of a kind: one of them is tried
HERE = ("pmpcfg3", "pmpaddr15", "mhpmevent3", "mhpmcounter31", "mhpmcounter3h")


class Case(NamedTuple):
    """A field of a mode's register, as a parameter of a test."""

    mode: str
    row: Register
    field: Field

    def __str__(self) -> str:
        return f"{self.mode}-{self.row.name}-{self.field.name}"


def cases(*rules: str) -> list[Case]:
    """-> the fields with these rules that software can write at, of risc mode and of the others' own rows."""
    return [
        Case(mode, row, field)
        for mode in MODES
        for name, row in table(mode).items()
        if (mode == "risc" or table().get(name) is not row) and not row.read_only
        if not name.startswith(MANY) or name in HERE
        for field in row.fields
        if field.rule in rules
    ]


def made(executor: str, mode: str) -> Machine:
    return machine(executor, ram=1 << 14, mode=mode, nwin=NWIN_MOST if mode == "window" else None)


def written(on: Machine, row: Register, value: int) -> int:
    """Writes a register in M-mode -> what the next instruction reads from it. cisc mode: no instructions, but the
    semantics behind them."""
    if on.mode == "cisc":
        context = on.core.context()
        on.core.target.csr_rows[row.number].set(context, context.word(value))
        return on.csr(row.name)
    on.write(RAM_BASE, words([word("csrrw", rd=0, csr=row.number, rs1=5), word("csrrs", rd=7, csr=row.number)]))
    on.core.state["pc"] = RAM_BASE
    on.x[5] = value
    on.run(2)
    assert on.pc == RAM_BASE + 8, "no trap"
    return int(on.x[7])


def test_the_rows_are_those_of_the_engine() -> None:
    for mode in MODES:
        assert {row.number: row.name for row in table(mode).values()} == {
            number: row.name for number, row in target(mode).csr_rows.items()
        }
        assert {name: row.number for name, row in table(mode).items()} == {**CSR, **CSR_OF_MODE.get(mode, {})}


def test_fields_do_not_overlap() -> None:
    for mode in MODES:
        for row in table(mode).values():
            assert sum(field.mask for field in row.fields) < 1 << 32
            assert len({bit for field in row.fields for bit in range(32) if field.mask >> bit & 1}) == sum(
                field.width for field in row.fields
            ), row.name


@pytest.mark.parametrize("mode", MODES)
def test_reset(mode: str) -> None:
    fresh = machine("reference", ram=1 << 14, mode=mode)
    moving = {name for name, row in table(mode).items() if any(field.rule in (LIVE, VIEW) for field in row.fields)}
    assert {name: fresh.csr(name) for name in table(mode) if name not in moving} == {
        name: row.reset for name, row in table(mode).items() if name not in moving
    }


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", cases(ANY), ids=str)
def test_a_field_holds_any_value_and_leaves_the_others(case: Case, executor: str) -> None:
    on, (_, row, field) = made(executor, case.mode), case
    fixed = sum(each.reset << each.lsb for each in row.fields if each.rule == FIXED)
    moving = sum(each.mask for each in row.fields if each.rule == LIVE)
    ones = (1 << field.width) - 1
    for value in {0, 1, ones, 0x5555_5555 & ones, 0xAAAA_AAAA & ones}:
        assert written(on, row, value << field.lsb) & ~moving == value << field.lsb | fixed, hex(value)
        others = row.writable & ~field.mask
        assert written(on, row, value << field.lsb | ALL & ~field.mask) & ~moving == value << field.lsb | others | fixed


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", cases(FIXED), ids=str)
def test_a_fixed_field_ignores_writes(case: Case, executor: str) -> None:
    on, (_, row, field) = made(executor, case.mode), case
    for value in (ALL, 0, field.mask):
        assert field.of(written(on, row, value)) == field.reset


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", cases(LEGAL), ids=str)
def test_a_field_keeps_its_value_when_it_is_given_an_illegal_one(case: Case, executor: str) -> None:
    on, (_, row, field) = made(executor, case.mode), case
    illegal = set(range(1 << field.width)) - set(field.legal)
    assert illegal
    for before in field.legal:
        assert field.of(written(on, row, before << field.lsb)) == before
        for value in illegal:
            assert written(on, row, value << field.lsb | row.writable & ~field.mask) == (
                before << field.lsb | row.writable & ~field.mask
            ), "the other fields take what they are given"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", cases(VIEW), ids=str)
def test_a_view_writes_the_machines_register_where_it_may(case: Case, executor: str) -> None:
    on, (_, row, field) = made(executor, case.mode), case
    whole = table(case.mode)[VIEWED[row.name]]
    under = whole.field(field.name)
    writable = under.rule == ANY and (row.name != "sip" or field.name == "SSIP")
    for delegated in (0, under.mask, ALL):
        written(on, table(case.mode)["mideleg"], delegated)
        seen = row.name == "sstatus" or bool(on.csr("mideleg") & under.mask)
        written(on, whole, whole.reset)
        before = on.csr(whole.name)
        expected = before & ~under.mask | (under.mask if seen and writable else before & under.mask)
        shown = written(on, row, on.csr(row.name) | under.mask)
        assert shown & under.mask == (on.csr(whole.name) & under.mask if seen else 0)
        assert on.csr(whole.name) == expected, hex(delegated)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", cases(LIVE), ids=str)
def test_a_live_field_is_the_machines_or_counts_on_from_what_is_written(case: Case, executor: str) -> None:
    on, (_, row, field) = made(executor, case.mode), case
    before = field.of(written(on, row, 0))
    for value in (ALL, 0, 0x1234_5678):
        expected = before if row.name == "mip" else field.of(value)
        assert field.of(written(on, row, value)) == expected


def test_values_are_decoded() -> None:
    assert decoded("mstatus", 0x2_1880) == "MPRV MPP=machine MPIE"
    assert decoded("mstatus", 0) == "MPP=user"
    assert decoded("satp", 0x8008_0123) == "MODE=Sv32 PPN=0x80123"
    assert decoded("stvec", 0x8000_0401) == "BASE=0x20000100 MODE=vectored"
    assert decoded("medeleg", 0x101) == "cause8 cause0"
    assert decoded("scause", INTERRUPT_FLAG | 5) == "supervisor timer interrupt"
    assert decoded("mcause", 8) == "ecall from user mode"
    assert decoded("mcause", 8, "cisc") == "chmk from user mode"
    assert decoded("mscratch", 1) == decoded("fcsr", 1) == ""


def test_the_document_is_what_the_rows_say() -> None:
    assert DOCUMENT.read_text() == manual(), "run: python -m vm.isa.csr_manual > docs/csrs.md"
