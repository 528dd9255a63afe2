"""The assembler in mode cisc: what the common assembly becomes, how sizes are chosen, what is refused and how."""

import subprocess
import sys
from pathlib import Path

import pytest

from assembler import AssemblyError, Options, assemble
from assembler.assembly import assemble_sources
from assembler.common import LETTERS, table
from tests.test_common_assembly import ALLOWED, INDIRECT
from vm.aout import Line
from vm.isa.aliases import ALIASES
from vm.isa.codec import by_name
from vm.isa.specifiers import REGISTER_NAMES

ROOT = Path(__file__).resolve().parent.parent.parent


def code(source: str) -> bytes:
    """Cisc source -> its bytes; the label `away` is in another object."""
    return assemble(source + "\n", mode="cisc").text


# Common assembly, and the native instruction that it becomes.
SAME = """
    add a0, a1, a2           | addl3 a1, a2, a0
    add a0, a0, a2           | addl2 a2, a0
    add a0, a2, a0           | addl2 a2, a0
    add a0, a0, a0           | addl2 a0, a0
    addi a0, a0, 1           | incl a0
    addi a0, a0, -1          | decl a0
    addi sp, sp, -16         | subl2 $16, sp
    addi a0, a1, -63         | subl3 a1, $63, a0
    addi a0, a1, -64         | addl3 a1, $-64, a0
    addi a0, a1, 0           | movl a1, a0
    addi a0, zero, 5         | movl $5, a0
    addi a0, a0, 2047        | addl2 $2047, a0
    add a0, a1, zero         | addl3 a1, $0, a0
    sub a0, a0, a1           | subl2 a1, a0
    sub a0, a1, a0           | subl3 a1, a0, a0
    sub a0, zero, a1         | mnegl a1, a0
    and a0, a1, a2           | andl3 a1, a2, a0
    andi a0, a1, 255         | movzbl a1, a0
    andi a0, a0, 15          | andl2 $15, a0
    ori a0, a1, 64           | orl3 a1, $64, a0
    xori a0, a1, -1          | mcoml a1, a0
    xor a0, a1, a0           | xorl2 a1, a0
    slli a0, a0, 4           | slll2 $4, a0
    srl a0, a1, a2           | srll3 a1, a2, a0
    srai a0, a1, 31          | sral3 a1, $31, a0
    mul a0, a1, a2           | mull3 a1, a2, a0
    mulhu a0, a0, a1         | mulhul2 a1, a0
    div a0, a1, a0           | divl3 a1, a0, a0
    divu a0, a1, a2          | divul3 a1, a2, a0
    rem a0, a0, a1           | reml2 a1, a0
    remu a0, a1, a2          | remul3 a1, a2, a0
    slt a0, a1, a2           | sltl3 a1, a2, a0
    sltiu a0, a1, 1          | sltul3 a1, $1, a0
    slti a0, a0, -5          | sltl2 $-5, a0
    li a0, 0                 | clrl a0
    li a0, 63                | movl $63, a0
    li a0, -1                | movl $-1, a0
    li a0, 0xffffffff        | movl $-1, a0
    li a0, 0x12345678        | movl $0x12345678, a0
    la a0, here; here:       | moval here, a0; here:
    la a0, 0x1000            | movl $0x1000, a0
    mv a0, a1                | movl a1, a0
    mv a0, zero              | clrl a0
    not a0, a1               | mcoml a1, a0
    neg a0, a0               | mnegl a0, a0
    seqz a0, a1              | sltul3 a1, $1, a0
    seqz a0, a0              | sltul2 $1, a0
    snez a0, a1              | sltul3 $0, a1, a0
    sltz a0, a1              | sltl3 a1, $0, a0
    sgtz a0, a1              | sltl3 $0, a1, a0
    sgtu a0, a1, a2          | sltul3 a2, a1, a0
    zext.b a0, a1            | movzbl a1, a0
    sext.h a0, a1            | cvthl a1, a0
    lw a0, 4(a1)             | movl 4(a1), a0
    lw a0, (a1)              | movl (a1), a0
    lw a0, 0(a1)             | movl (a1), a0
    lw a0, here; here:       | movl here, a0; here:
    lw a0, 8(zero)           | movl *$8, a0
    lb a0, -1(a1)            | cvtbl -1(a1), a0
    lbu a0, 200(a1)          | movzbl 200(a1), a0
    lh a0, (sp)              | cvthl (sp), a0
    lhu a0, 2(s0)            | movzhl 2(s0), a0
    sw a0, 4(a1)             | movl a0, 4(a1)
    sw zero, 4(a1)           | clrl 4(a1)
    sb a0, (a1)              | movb a0, (a1)
    sb zero, (a1)            | clrb (a1)
    sh a0, 2(a1)             | movh a0, 2(a1)
    sw a0, here, t0; here:   | movl a0, here; here:
    1: beq a0, a1, 1b        | 1: beql a0, a1, 1b
    1: beq a0, zero, 1b      | 1: beql a0, $0, 1b
    1: bnez a0, 1b           | 1: bnel a0, $0, 1b
    1: bgt a0, a1, 1b        | 1: bltl a1, a0, 1b
    1: bleu a0, a1, 1b       | 1: bgeul a1, a0, 1b
    1: blez a0, 1b           | 1: bgel $0, a0, 1b
    1: bgtz a0, 1b           | 1: bltl $0, a0, 1b
    1: bltz a0, 1b           | 1: bltl a0, $0, 1b
    1: bgez a0, 1b           | 1: bgel a0, $0, 1b
    1: j 1b                  | 1: br 1b
    1: call 1b               | 1: bsr 1b
    ret                      | rsb
    jr a0                    | jmp (a0)
    jalr t0                  | jsr (t0)
    jr 4(a0)                 | jmp 4(a0)
    csrr a0, sstatus         | csrr a0, 0x100
    csrw sscratch, a0        | csrw $0x140, a0
    csrw sscratch, zero      | csrw sscratch, $0
    csrw sie, 5              | csrw sie, $5
    csrsi sstatus, 2         | csrs sstatus, $2
    csrrw a0, sscratch, a0   | csrrw a0, sscratch, a0
    ebreak                   | bpt
    nop                      | .byte 1
"""
PAIRS = [tuple(part.strip() for part in line.split("|")) for line in SAME.strip().splitlines()]


@pytest.mark.parametrize(("common", "native"), PAIRS, ids=[common for common, _ in PAIRS])
def test_common_assembly_becomes_native_instructions(common: str, native: str) -> None:
    assert code(common) == code(native)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in table()} - INDIRECT))
def test_names_and_symbols_work_where_numbers_do(name: str) -> None:
    """Constants with names mean what the numbers mean, also when they are defined further down."""
    for mnemonic, shapes, _ in table():
        if mnemonic == name and "i" in shapes.split(", "):
            operands = [
                "a1" if shape in ("d", "s", "t", "x") else "sie" if shape == "c" else shape
                for shape in shapes.split(", ")
            ]
            statement = f"{name} " + ", ".join("{0}" if shape == "i" else shape for shape in operands)
            assert code(".equ FIVE, 5\n" + statement.format("FIVE")) == code(statement.format(5))


def samples(name: str) -> list[str]:
    """Name in the common assembly -> statements that use it, by the operand templates of the RISC modes."""
    templates = [alias.syntax for alias in ALIASES if alias.name == name]
    if name in by_name():
        templates.append(by_name()[name].syntax)
    fillings = {"rd": "a0", "rs1": "s1", "rs2": "sp", "imm": "8", "shamt": "3", "target": "1b"}
    made = []
    for template in templates:
        text = template
        for word, filling in fillings.items():
            text = text.replace(word, filling)
        made.append(f"1: {name} {text}")
    return made or [{"la": "1: la a0, 1b", "li": "li a0, 1", "call": "1: call 1b"}[name]]


@pytest.mark.parametrize("name", sorted(ALLOWED - INDIRECT))
def test_all_of_the_common_assembly_is_there(name: str) -> None:
    for statement in samples(name):
        assert code(statement)


def test_every_letter_of_the_table_is_explained() -> None:
    letters = {shape for _, shapes, _ in table() for shape in shapes.split(", ") if shapes}
    assert letters - {"-i", "0", "1", "-1", "255"} == set(LETTERS)


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("movl $63, a0", 3), ("movl $64, a0", 4), ("movl $-1, a0", 4), ("movl $-128, a0", 4), ("movl $-129, a0", 5),
        ("movl $32767, a0", 5), ("movl $32768, a0", 7), ("movl 0(a0), a1", 3), ("movl 127(a0), a1", 4),
        ("movl 128(a0), a1", 7), ("movl -128(a0), a1", 4), ("movl -129(a0), a1", 7), ("movl $5:32, a0", 7),
        ("movl 0:8(a0), a1", 4), ("movb $200, a0", 4), ("movb $0xff, a0", 4), ("movzbl $200, a0", 5),
        ("movh $40000, a0", 5), ("x: movl x, a0", 4), ("x: movl x:32, a0", 7), ("movl away, a0", 7),
        ("jmp away", 6), ("br away", 5),
    ],
)  # fmt: skip
def test_the_shortest_specifier_is_chosen(source: str, size: int) -> None:
    assert len(code(source)) == size


@pytest.mark.parametrize(
    ("source", "space", "size"),
    [
        ("beql a0, a1, y\n.space {}\ny:", 127, 4), ("beql a0, a1, y\n.space {}\ny:", 128, 7),
        ("y: .space {}\nbeql a0, a1, y", 124, 4), ("y: .space {}\nbeql a0, a1, y", 125, 7),
        ("moval y, a0\n.space {}\ny:", 126, 4), ("moval y, a0\n.space {}\ny:", 127, 7),
        ("y: .space {}\nmoval y, a0", 125, 4), ("y: .space {}\nmoval y, a0", 126, 7),
    ],
)  # fmt: skip
def test_reach(source: str, space: int, size: int) -> None:
    assert len(code(source.format(space))) == space + size


def test_one_branch_that_grows_makes_others_grow() -> None:
    # Each branch reaches only as long as the next one is short.
    source = "br L0\n" + "".join(f".space 122\nbr L{n + 1}\n.space 1\nL{n}:\n" for n in range(5)) + ".space 130\nL5:\n"
    made = code(source)
    assert len(made) == 5 + 5 * (122 + 5 + 1) + 130


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lui a0, 5", "lui is an instruction of"),
        ("jal away", "jal is an instruction of"),
        ("ecall", "ecall is an instruction of"),
        ("add a0, a0, a5", "a5 does not exist in cisc mode, which has a0-a3 t0 t1 s0 s1 sp"),
        ("lw a0, 4(ra)", "ra does not exist in cisc mode"),
        ("movl 4(isp), a0", "isp does not exist in cisc mode"),
        ("csrr a0, cwp", "cwp is a CSR of window mode; this source is assembled for cisc"),
        ("wsave", "wsave is an instruction of window mode"),
        ("movl x10, a0", "x10 does not exist in cisc mode"),
        ("movl 4(a0)[gp], a0", "gp does not exist in cisc mode"),
        ("addl2 a9, a0", "expected a register, one of a0-a3 t0 t1 s0 s1 sp, found 'a9'"),
        ("lw a0, %lo(x)(a1)", "%lo takes an address apart for the instructions of the risc modes"),
        ("addi a0, a0, %lo(x)", "%lo takes an address apart"),
        ("la a0, %hi(x)", "%hi takes an address apart"),
        ("call %hi(x)", "%hi takes an address apart"),
        ("movl $5, $6", "$6 is a number; expected a place for the result"),
        ("moval $6, a0", "$6 is a number; expected an address"),
        ("moval a1, a0", "a1 is a register and has no address; expected one such as (a1)"),
        ("movl a0[a1], a2", "'a0' has no address, so it cannot be indexed"),
        ("movl zero, a0", "zero is no register in cisc mode; expected a place for a result, or $0"),
        ("add zero, a0, a1", "zero cannot be written in cisc mode"),
        ("add a0, 4(a1), a2", "expected a register or zero, found '4(a1)'"),
        ("lw a0, 4", "expected an address such as 4(a0) or a label, found '4'"),
        ("lw a0", "lw with 1 operand; expected 'lw rd, imm(rs)'"),
        ("li a0, x", "li needs a value that is known here, 'x' is not"),
        ("addi a0, a0, x\nx:", ""),
        ("x: addi a0, a0, x", "addi needs a value that is known here, 'x' is not"),
        ("beq a0, a1, 4(a0)", "expected a label, found '4(a0)'"),
        ("beq a0, a1, $5", "expected a label, found '$5'"),
        ("beql.s a0, a1, x\n.space 200\nx:", "a branch cannot go 200 bytes, expected -128 to 127"),
        ("movb $300, (a0)", "300 is out of range, expected -128 to 255"),
        ("movl $0x123456789, a0", "4886718345 does not fit in 32 bits"),
        ("movl $-0x80000001, a0", "-2147483649 does not fit in 32 bits"),
        ("movl $200:8, a0", "200 does not fit in the 8 bits of mode immediate8"),
        ("movl 4:16(a0), a1", "a displacement has 8 or 32 bits"),
        ("movl x:16, a1\nx:", "a relative address has 8 or 32 bits"),
        ("movl $x:8, a1\nx:", "the value is not known here; expected :32 or nothing"),
        ("movl 4(a0)+, a1", "only (r)+ steps its register"),
        ("movl , a1", "an operand is missing here"),
        ("movl $, a1", "'$' is no operand"),
        ("pushr a3-a0", "'a3-a0' is an empty range"),
        ("pushr a1-a0", "'a1-a0' is an empty range"),
        ("pushr sp", "sp cannot be in a mask"),
        ("pushr a0/a7", "a7 does not exist in cisc mode"),
        ("pushr 256", "256 is out of range, expected 0 to 255"),
        ("chmk 65536", "65536 is out of range, expected -32768 to 65535"),
        ("chmk x\nx:", "the code must be a number that is known here, 'x' is not"),
        ("csrr a0, mstatsu", "the name of a CSR or a number from 0 to 4095, found 'mstatsu'; did you mean 'mstatus'"),
        ("mvol a0, a1", "there is no instruction or macro 'mvol'; did you mean 'movl'?"),
        ("csrw 4096, a0", "4096 is out of range, expected 0 to 4095"),
        (".equ FAR, 5000\ncsrw FAR, a0", "a number from 0 to 4095, found 'FAR'"),
        ("csrw 65536:16, a0", "a number from 0 to 4095, found '65536:16'"),
        ("movl #5, a0", "a comment begins with #; expected the number to be written $5"),
        ("movl a0, #-5", "expected the number to be written $-5"),
        ("addl3 $1, #2, a0", "expected the number to be written $2"),
        ("movl a0, # five", "an operand is missing here"),
        ("movl (pc), a0", "pc is no register in cisc mode; a label alone"),
        ("lw a0, 4(pc)", "pc is no register in cisc mode; a label alone"),
        ("movl *(a0), a1", "there is no deferred mode *...; load the address into a register and write (r)"),
        ("movl a0, @4(a1)", "there is no deferred mode @...;"),
        ("jmp *a0", "there is no deferred mode *...;"),
        (".insn r 0x33, 0, 0, a0, a0, a0", ".insn knows the instruction formats of the risc modes"),
    ],
)
def test_what_is_refused(source: str, expected: str) -> None:
    if not expected:
        assert code(source)
        return
    with pytest.raises(AssemblyError) as error:
        code(source)
    assert expected in error.value.diagnostics[0].message
    assert len(error.value.diagnostics) == 1


@pytest.mark.parametrize("mode", ["risc"])
def test_cisc_text_is_refused_elsewhere(mode: str) -> None:
    with pytest.raises(
        AssemblyError, match=f"movl is an instruction of cisc mode; this source is assembled for {mode}"
    ):
        assemble("movl $5, a0\n", mode=mode)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("movl 5, a0", "5 is an address here; write $5 for the number, *$5 if the address is meant"),
        (".equ SIZE, 8\naddl2 SIZE, a0", "SIZE is an address here"),
        ("jmp 0x80000000", ""), ("movl *$5, a0", ""), ("movl 5(a0), a0", ""), ("x: movl x, a0", ""),
    ],
)  # fmt: skip
def test_a_forgotten_dollar_is_told(source: str, expected: str) -> None:
    warnings = assemble_sources([(source, "a.s")], Options("cisc")).warnings
    assert len(warnings) == bool(expected)
    assert all(expected in warning.message for warning in warnings)


def test_a_macro_may_have_the_name_of_an_instruction_of_another_mode() -> None:
    assert code(".macro lui r, n\nmovl $\\n << 12, \\r\n.endm\nlui a0, 5") == code("movl $0x5000, a0")


def test_code_is_padded_with_nops_and_needs_no_alignment() -> None:
    assert code("rsb\n.balign 4\nrsb\n.byte 0\nrsb") == bytes.fromhex("ae 01 01 01 ae 00 ae")


def test_here_is_the_beginning_of_the_instruction() -> None:
    assert code("movl $5, a0\nmoval ., a0") == code("movl $5, a0\nx: moval x, a0")
    assert code("movl a0, *$end - .\nend:")[3] == 7


def test_lines_and_marks() -> None:
    made = assemble("rsb\nmovl $70, a0\n.byte 1\nrsb\n", mode="cisc", filename="a.s")
    assert made.lines == [Line(0, "a.s", 1), Line(1, "a.s", 2), Line(6, "a.s", 4)]
    assert [(symbol.name, symbol.value) for symbol in made.symbols] == [("$x", 0), ("$d", 5), ("$x", 6)]


def test_masks() -> None:
    assert code("pushr a0-a3/s0")[1] == 0x4F
    assert code("popr a0")[1] == 1
    assert code("pushr $0xc0") == code("pushr s0-s1") == code(".equ SAVED, 0xc0\npushr SAVED")
    for number, name in enumerate(REGISTER_NAMES[:8]):
        assert code(f"pushr {name}")[1] == 1 << number


def test_other_modes_do_not_load_the_tables_of_cisc() -> None:
    program = (
        "import sys; from assembler import assemble; assemble('add a0, a0, a1')\n"
        "print([name for name in sys.modules if 'cisc' in name or 'specif' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_csr_that_cannot_be_is_written_with_its_size() -> None:
    assert code("csrw 5000:16, a0\ncsrr a0, 0xffff:16") == bytes.fromhex("c1 88 13 50 c0 50 ff ff")
    assert code("csrw 4095, a0\nnop #5\nret #5") == code("csrw 4095:16, a0\nnop\nret")
