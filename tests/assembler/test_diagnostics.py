"""Each fault in source text is told at its place, in a sentence that says what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from assembler import AssemblyError, assemble
from assembler.diagnostics import MAX_ERRORS

# (source, part of the message). A vertical bar in the source marks the place of the fault and is taken out.
FAULTS = [
    ("|addd a0, a0, a1", "there is no instruction or macro 'addd'; did you mean 'add'?"),
    ("|ADDI a0, a0, 1", "did you mean 'addi'?"),
    ("add a0, a1, |b5", "did you mean the register"),
    ("sub a0, |q1, a2", "expected a register, found 'q1'"),
    ("mv a0, |4(a1)", "expected a register, found '4(a1)'"),
    ("|addi a0, a1", "addi with 2 operands; expected 'addi rd, rs1, imm'"),
    ("|ret a0", "ret with 1 operand; expected 'ret' alone"),
    ("|jalr a0, a1, 0, 4", "jalr with 4 operands"),
    ("addi a0, a1, |2048", "2048 is out of range, expected a constant from -2048 to 2047"),
    ("addi a0, a1, |-2049", "-2049 is out of range"),
    ("slli a0, a1, |32", "expected a constant from 0 to 31"),
    ("lui a0, |0x100000", "expected a constant from 0 to 1048575"),
    ("csrwi mstatus, |32", "expected a constant from 0 to 31"),
    ("li a0, |0x100000000", "expected a constant from -2147483648 to 4294967295"),
    ("li a0, |later", "li needs a value that is known here, 'later' is not"),
    ("li a0, |a1", "expected a constant"),
    ("x: addi a0, a1, |x", "but 'x' is an address; take it apart with %hi and %lo, or use la"),
    ("addi a0, a1, |never", "a constant is needed here, but 'never' is not defined in this source"),
    ("addi a0, a1, |f\n.set f, 5000", "5000 is out of range"),
    ("lw a0, 4(|q0)", "expected a register, found 'q0'"),
    ("lw a0, a5+4|(a0", "'(a0' does not fit into an expression here"),
    ("lw a0, |12", "expected an address such as 12(a0) or a symbol"),
    ("lr.w a0, |4(a1)", "this instruction takes no displacement"),
    ("lw a0, |%hi(x)(a1)", "%hi cannot stand here; expected %lo or %pcrel_lo"),
    ("addi a0, a0, |%high(x)", "there is no modifier '%high'; expected %hi, %lo, %pcrel_hi, %pcrel_lo"),
    ("addi a0, a0, 1 + |%lo(5)", "%lo can only stand for a whole immediate operand"),
    ("beq a0, a1, |a2", "expected a label, found 'a2'"),
    ("j |1b", "there is no label 1: before this line"),
    ("j |1f", "there is no label 1: after this line"),
    ("j |x - y", "a jump needs one target"),
    ("csrr a0, |mstats", "did you mean 'mstatus'?"),
    ("csrr a0, |4096", "a number from 0 to 4095"),
    ("fence |wr, r", "expected some of the letters i, o, r, w in this order"),
    ("a: nop\n|a: nop", "symbol 'a' is already defined"),
    ("a: nop\n.set |a, 5", "symbol 'a' is already defined as a label"),
    (".set a, 5\n|a: nop", "symbol 'a' is already defined"),
    (".set |a, b\n.set b, a", "is defined by itself"),
    (".data\n|nop", "an instruction cannot stand in section .data; expected .text"),
    ("nop\n.byte 1\n|nop", "no multiple of 4; put .balign 4 before it"),
    (".byte 1\n|nop", "no multiple of 4; put .balign 4 before it"),
    ("|.wrod 1", "there is no directive '.wrod'; did you mean '.word'?"),
    (".word |1 +", "the expression ends too early"),
    (".word 1 |2", "'2' does not fit into an expression here"),
    ("|.word 1,,2", "expected a value between the commas"),
    (".word |089", "'089' is no octal number"),
    ("|.word 1/0", "division by zero"),
    (".data\nx: .text\n.word |x*2", "operator * needs constants, 'x' is an address"),
    (".word ~|nothing", "operator ~ needs a constant"),
    (".word |a + b", "an expression can hold one address, or the difference of two"),
    (".ascii |abc", "expected a string in double quotes, found 'abc'"),
    ('.ascii |"abc', "the string is not closed"),
    ('.ascii "abc" |def', "'def' follows a string"),
    ('.ascii "|\\q"', "unknown escape '\\q'"),
    (".align |17", "expected 0 to 16"),
    ("|.balign 3", "cannot align to 3; expected a power of two"),
    ("|.space -1", "cannot skip -1 bytes"),
    (".space |forward", "the number of bytes must be a number that is known here, 'forward' is not"),
    (".fill |-1, 4", "cannot fill with -1 items"),
    ("nop\n.org |0", "cannot go back from offset 0x4 to 0x0"),
    ("|.space 0x20000000", "would hold more than 256 MiB"),
    (".bss\n|.word 1", "can hold zeros only"),
    (".section |.strange", "a.out has no section '.strange'"),
    (".text |1", "a.out has no subsections"),
    ("|.popsection", ".popsection without a .pushsection"),
    (".globl |5a", "expected the name of a symbol, found '5a'"),
    (".set |5", "expected a name, a comma and a value"),
    (".type |f", "expected a symbol and its type"),
    (".comm |f", "expected a name, a size and perhaps an alignment"),
    (".uleb128 |-1", "-1 is negative"),
    (".float |x", "expected a decimal number, found 'x'"),
    ('.include "|no.inc"', "file 'no.inc' is in none of the include folders"),
    ('.incbin "|no.bin"', "is in none of the include folders"),
    (".insn |q 1", "there is no instruction format 'q'"),
    (".insn r |OPP, 0, 0, a0, a1, a2", "did you mean 'OP'?"),
    (".insn r OP, |8, 0, a0, a1, a2", "the funct3 is 8, expected 0 to 7"),
    ("|.insn r OP, 0", ".insn r with 2 operands"),
    (".insn |0x10000", "is no 32-bit instruction"),
    (".insn b BRANCH, 0, a0, a1, |far", "must be in this section and in reach"),
    (".option |rvc", "this machine has no compressed instructions"),
    (".option |sideways", "unknown option 'sideways'"),
    (".loc |7 1", "file number 7 has not been named by .file"),
    ("|.err", ".err is reached"),
    ('|.error "stop here"', "stop here"),
    (".if |x\n.endif", "the condition must be a number that is known here, 'x' is not"),
    ("|.if 1\nnop", ".if without its .endif"),
    ("nop\n|.ifdef x\n.word 1\n.if 1\n.endif", ".ifdef without its .endif"),
    (".if 0\nbad\n.elseif |x\nbad\n.else\nnop\n.endif", "the condition must be a number that is known here"),
    ("|.endif", ".endif without an .if"),
    ("|.else", ".else without an .if"),
    (".if 1\n.else\n|.else\n.endif", ".else after .else; expected .endif"),
    ("|.macro m\nnop", ".macro without its .endm"),
    ("|.rept 2\nnop", ".rept without its .endr"),
    ("|.endm", ".endm without a .macro"),
    ("|.endr", ".endr without .rept"),
    (".rept |x\n.endr", "the number of repetitions must be a number"),
    (".macro |5\n.endm", "expected the name of a macro"),
    (".macro m\n.endm\n.macro |m\n.endm", "macro 'm' is already defined"),
    (".macro m a\n.endm\nm 1, |2", "too many arguments for macro 'm'; expected at most 1"),
    (".macro m a:req\n.endm\n|m", "macro 'm' needs its argument 'a'"),
    (".purgem |m", "there is no macro 'm'"),
    ("|/* never closed", "opens a comment that is not closed"),
    (".equ a, 1\n.equ |5b, 2", "expected the name of a symbol"),
]


@pytest.mark.parametrize("marked, message", FAULTS, ids=[source.replace("\n", ";") for source, _ in FAULTS])
def test_fault(marked: str, message: str) -> None:
    before = marked[: marked.index("|")]
    source = marked.replace("|", "", 1) + "\n"
    with pytest.raises(AssemblyError) as caught:
        assemble(source, filename="f.s")
    first = caught.value.diagnostics[0]
    assert message in first.message
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert (first.place.line, first.column) == (line, column), str(caught.value)
    shown = str(caught.value).splitlines()
    assert shown[0] == f"f.s:{line}:{column}: error: {first.message}"
    assert shown[1].endswith("| " + source.split("\n")[line - 1])
    assert shown[2].index("^") == shown[1].index("|") + 1 + column


def test_all_faults_are_told_at_once_in_order() -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble("j 1f\nnop\nbad\n.word )\nadd a0\n")
    assert [each.place.line for each in caught.value.diagnostics] == [1, 3, 4, 5]


def test_too_many_faults_end_the_run() -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble("bad\n" * 1000)
    assert len(caught.value.diagnostics) == MAX_ERRORS


def test_a_fault_in_a_macro_names_its_uses() -> None:
    inner = "        .macro inner x\n        addi a0, a0, \\x\n        .endm\n"
    source = inner + "        .macro outer\n        inner 9999\n        .endm\n        outer\n"
    with pytest.raises(AssemblyError) as caught:
        assemble(source, filename="m.s")
    assert str(caught.value).splitlines() == [
        "m.s:2:22: error: 9999 is out of range, expected a constant from -2048 to 2047",
        "    2 |         addi a0, a0, 9999",
        "      |                      ^~~~",
        "m.s:5: note: in the use of macro 'inner' here",
        "m.s:7: note: in the use of macro 'outer' here",
    ]


def test_a_fault_in_an_include_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "part.inc").write_text("nop\nbad\n")
    with pytest.raises(AssemblyError) as caught:
        assemble('\n.include "part.inc"\n', filename="main.s", include=[tmp_path])
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"{tmp_path}/part.inc:2:1: error: there is no instruction or macro 'bad'")
    assert lines[-1] == "main.s:2: note: included here"


def test_line_markers_of_a_preprocessor_name_the_original(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble('# 40 "original.S"\nnop\nbad\n', filename="made.s")
    assert str(caught.value).startswith("original.S:41:1: error")


def test_a_macro_that_uses_itself_for_ever_ends() -> None:
    with pytest.raises(AssemblyError, match="nested more than"):
        assemble(".macro again\nagain\n.endm\nagain\n")


def test_tabs_before_the_caret_stay_tabs() -> None:
    with pytest.raises(AssemblyError) as caught:
        assemble("\tadd\ta0, a0, 5000\n")
    assert str(caught.value).splitlines()[2] == "      | \t   \t        ^~~~"
