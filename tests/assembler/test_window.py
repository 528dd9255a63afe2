"""The assembler in window mode: names that only it has, and what the other modes say to them."""

from __future__ import annotations

import pytest

from assembler import AssemblyError, assemble
from assembler.disassemble import listing
from vm.aout import read, write
from vm.isa.registers import WINDOW_NUMBERS

SAME = [
    ("mv l0, l1", "mv s0, s1"), ("li l2, 5", "li s2, 5"), ("lw l7, -4(isp)", "lw s7, -4(s8)"),
    ("sw ira, 36(sp)", "sw s9, 36(sp)"), ("add i0, i1, i5", "add s10, s11, t6"), ("la i2, .", "la t3, ."),
    ("call i3, 0x100", "call t4, 0x100"), ("sw i4, ., l5", "sw t5, ., s5"), ("seqz l3, l4", "seqz s3, s4"),
    ("bnez l6, .", "bnez s6, ."), ("csrw cwp, i0", "csrw 0x5c0, s10"), ("csrr l0, wim", "csrr s0, 0x5c1"),
    ("csrr i0, nwin", "csrr s10, 0xdc0"), ("wsave -64", ".word 0xfc00000b"), ("wrest", ".word 0x0000100b"),
    ("wret", ".word 0x0000200b"), ("xdump (ira)", "xdump (s9)"), ("xload (l0)", ".insn i 0x0b, 5, x0, 0(s0)"),
    ("sext.b l0, i0", "sext.b s0, s10"), (".insn r 0x33, 0, 0, l0, i0, i1", "add s0, s10, s11"),
]  # fmt: skip


@pytest.mark.parametrize(("named", "numbered"), SAME)
def test_names_of_window_mode(named: str, numbered: str) -> None:
    assert assemble(named + "\n", mode="window").text == assemble(numbered + "\n", mode="window").text


def test_every_name_is_the_register_that_the_document_says() -> None:
    assert WINDOW_NUMBERS == {
        "l0": 8, "l1": 9, "l2": 18, "l3": 19, "l4": 20, "l5": 21, "l6": 22, "l7": 23,
        "isp": 24, "ira": 25, "i0": 26, "i1": 27, "i2": 28, "i3": 29, "i4": 30, "i5": 31,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("wsave -64", "wsave is an instruction of window mode; this source is assembled for {}"),
        ("wrest", "wrest is an instruction of window mode; this source is assembled for {}"),
        ("wret", "wret is an instruction of window mode; this source is assembled for {}"),
    ],
)
@pytest.mark.parametrize("mode", ["risc", "cisc"])
def test_instructions_are_refused_elsewhere(source: str, sentence: str, mode: str) -> None:
    with pytest.raises(AssemblyError, match=sentence.format(mode)):
        assemble(source + "\n", mode=mode)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("mv l0, a0", "l0 is a register of window mode; this source is assembled for risc"),
        ("lw a0, 4(isp)", "isp is a register of window mode; this source is assembled for risc"),
        ("addi a0, i5, 1", "i5 is a register of window mode; this source is assembled for risc"),
        ("csrr a0, cwp", "cwp is a CSR of window mode; this source is assembled for risc"),
        ("csrwi wim, 1", "wim is a CSR of window mode; this source is assembled for risc"),
        ("csrr a0, usp", "usp is a CSR of cisc mode; this source is assembled for risc"),
    ],
)
def test_registers_are_refused_elsewhere(source: str, sentence: str) -> None:
    with pytest.raises(AssemblyError, match=sentence):
        assemble(source + "\n")


def test_these_names_are_free_elsewhere() -> None:
    """A program for risc may call its own things so."""
    source = "i0: .word 1\n.equ l7, 12\n la a0, i0\n lw a1, i0\n addi a2, a2, l7\n"
    assert assemble(source).symbols[0].name == "i0"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("wsave 2048", "2048 is out of range, expected a constant from -2048 to 2047"),
        ("wsave", "wsave with 0 operands; expected 'wsave imm'"),
        ("wret a0", "wret with 1 operand; expected 'wret' alone"),
        ("xdump 4(a0)", "this instruction takes no displacement"),
        ("xdump a0", r"expected an address such as \(a0\), found 'a0'"),
        ("mv il0, a0", "expected a register, found 'il0'; did you mean 'i0'"),
    ],
)
def test_what_is_wrong_is_said(source: str, sentence: str) -> None:
    with pytest.raises(AssemblyError, match=sentence):
        assemble(source + "\n", mode="window")


def test_the_disassembler_uses_the_names() -> None:
    """But for s0 and s1, which text for all modes uses."""
    source = " wsave -96\n mv s1, i0\n sw l7, 4(isp)\n csrw cwp, l2\n wret\n"
    made = read(write(assemble(source, mode="window")), "made.o")
    assert made.mode == "window"
    text = [line.split("\t", 2)[2] for line in listing(made) if line.startswith(" ")]
    assert text == ["wsave\t-96", "mv\ts1,i0", "sw\tl7,4(isp)", "csrw\tcwp,l2", "wret"]
