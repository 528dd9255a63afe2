"""What an object holds beside its bytes: symbols, relocations, alignments, line records."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assembler import assemble
from vm.aout import Line, Object, Relocation, Symbol


def symbol(made: Object, name: str) -> Symbol:
    [found] = [each for each in made.symbols if each.name == name]
    return found


def relocations(made: Object, section: str = "text") -> list[tuple[int, str, str, int]]:
    """-> (address, kind, target's name, addend) of each relocation."""
    records: list[Relocation] = getattr(made, f"{section}_relocations")
    return [
        (each.address, each.kind, each.target if isinstance(each.target, str) else each.target.name, each.addend)
        for each in records
    ]


def test_bindings_kinds_and_places_of_symbols() -> None:
    made = assemble(
        """
        .globl  main, never
        .type   main, @function
        .weak   maybe, absent
main:   nop
        call    absent
maybe:  nop
.Llocal: j      .Llocal
1:      j       1b
        .data
        .type   item, %object
item:   .word   5
        .bss
        .space  8
room:   .space  4
        .equ    CONSTANT, -2
        .comm   shared, 12, 8
        .local  own
        .comm   own, 4, 4
        .lcomm  mine, 8
        .set    alias, item + 2
        """
    )
    assert symbol(made, "main") == Symbol("main", "text", 0, "global", "func")
    assert symbol(made, "maybe") == Symbol("maybe", "text", 12, "weak")
    assert symbol(made, "absent") == Symbol("absent", "undef", 0, "weak")
    assert symbol(made, "item") == Symbol("item", "data", 0, "local", "object")
    assert symbol(made, "room") == Symbol("room", "bss", 8, "local")
    assert symbol(made, "CONSTANT") == Symbol("CONSTANT", "abs", 0xFFFF_FFFE, "local")
    assert symbol(made, "shared") == Symbol("shared", "common", 12, "global", align=8)
    assert symbol(made, "own") == Symbol("own", "bss", 12, "local")
    assert symbol(made, "mine") == Symbol("mine", "bss", 16, "local")
    assert symbol(made, "alias") == Symbol("alias", "data", 2, "local")
    assert made.bss == 24
    assert {each.name for each in made.symbols} == {
        "main", "maybe", "absent", "item", "room", "CONSTANT", "shared", "own", "mine", "alias",
    }  # fmt: skip


def test_what_is_near_needs_no_relocation_unless_weak() -> None:
    made = assemble(
        """
        .globl  known
        .weak   loose
known:  j       known
        beqz    a0, known
        call    known
loose:  j       loose
        call    outside
        .data
here:   .word   there - here
there:
        """
    )
    assert relocations(made) == [(16, "JAL", "loose", 0), (20, "CALL", "outside", 0)]
    assert relocations(made, "data") == []
    assert made.data == (4).to_bytes(4, "little")


def test_addresses_are_relocated_against_sections_or_symbols() -> None:
    made = assemble(
        """
        .globl  open
        la      a0, hidden+4
        lui     a1, %hi(open)
        lw      a1, %lo(open-4)(a1)
        sw      a1, outside, t0
        .data
        .word   hidden, open + 8, outside, 3, hidden - outside
open:   .word   0
hidden: .half   hidden
        .byte   constant
        .set    constant, 9
        """
    )
    assert relocations(made) == [
        (0, "PCREL_HI20", "data", 28),
        (4, "PCREL_LO12_I", "text", 0),
        (8, "HI20", "open", 0),
        (12, "LO12_I", "open", -4),
        (16, "PCREL_HI20", "outside", 0),
        (20, "PCREL_LO12_S", "text", 16),
    ]
    assert relocations(made, "data") == [
        (0, "ABS32", "data", 24),
        (4, "ABS32", "open", 8),
        (8, "ABS32", "outside", 0),
        (16, "ADD32", "data", 24),
        (16, "SUB32", "outside", 0),
        (24, "ABS16", "data", 24),
    ]
    assert made.data[26] == 9


def test_read_only_data_stands_behind_the_code_and_is_marked() -> None:
    made = assemble(
        """
        .section .rodata
        .balign 8
table:  .word   1, there
        .text
        nop
there:  nop
        .section .text.more, "ax", @progbits
        nop
        .section .rodata.str1.4, "aMS", @progbits, 1
        .asciz  "x"
        """
    )
    nop = b"\x13\0\0\0"
    assert made.text == nop * 3 + bytes(4) + b"\x01\0\0\0" + bytes(4) + b"x\0"
    assert made.text_align == 8
    assert symbol(made, "table").value == 16
    assert [(each.name, each.value) for each in made.symbols if each.name.startswith("$")] == [("$x", 0), ("$d", 16)]
    assert relocations(made) == [(20, "ABS32", "text", 4)]


def test_alignments_are_those_of_the_source() -> None:
    made = assemble(".balign 64\nnop\n.data\n.align 4\n.byte 1\n.bss\n.p2align 5\n.space 1\n")
    assert (made.text_align, made.data_align, made.bss_align) == (64, 16, 32)


def test_line_records_follow_the_source(tmp_path: Path) -> None:
    (tmp_path / "part.inc").write_text("nop\n.macro two\nnop\nnop\n.endm\n")
    made = assemble(
        'nop\n.include "part.inc"\ntwo\nnop; nop\n.rept 2\nnop\n.endr\n', filename="main.s", include=[tmp_path]
    )
    part = str(tmp_path / "part.inc")
    assert made.lines == [
        Line(0, "main.s", 1),
        Line(4, part, 1),
        Line(8, "main.s", 3),
        Line(16, "main.s", 4),
        Line(24, "main.s", 6),
    ]


def test_line_records_of_a_compiler_win() -> None:
    made = assemble('.file 1 "src" "prog.c"\nnop\n.loc 1 7 3\nnop\nnop\n.loc 1 9 0\nnop\n', filename="prog.s")
    assert made.lines == [Line(0, "prog.s", 2), Line(4, "src/prog.c", 7), Line(12, "src/prog.c", 9)]


def test_defines_are_set_before_the_first_line() -> None:
    made = assemble(".ifdef DEBUG\nli a0, LEVEL\n.endif\n", defines={"DEBUG": 1, "LEVEL": 3})
    assert made.text == (0x0030_0513).to_bytes(4, "little")


def test_incbin_takes_a_part_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(bytes(range(100)))
    made = assemble('.data\n.incbin "blob", 10, 5\n.incbin "blob", 98\n', include=[tmp_path])
    assert made.data == bytes([10, 11, 12, 13, 14, 98, 99])


def test_a_condition_may_depend_on_branches_that_grow() -> None:
    """The size that an .if sees is that of the final code."""
    body = "".join("nop\n" for _ in range(1100))
    made = assemble(
        f"start: beqz a0, far\nsize = . - start\n{body}far: nop\n.if size == 8\n.word 1\n.else\n.word 2\n.endif\n"
    )
    assert made.text[-4:] == b"\x01\0\0\0"


def test_the_grammar_is_loaded_only_when_it_is_needed() -> None:
    program = "import sys; from assembler import assemble; assemble({!r}); print('lark' in sys.modules)"
    plain = "start: li a0, 5\nlw a0, 4(sp)\nla a1, start+4\nbeqz a0, start\n.word start-4, 7\nlui a0, %hi(start)\n"
    for source, expected in ((plain, "False"), ("li a0, 1+2*3\n", "True")):
        done = subprocess.run(
            [sys.executable, "-c", program.format(source)], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


def test_same_source_same_object() -> None:
    source = ".globl a\na: call b\nla a0, c\n.data\nc: .word a, b\n"
    assert assemble(source) == assemble(source)


def test_unknown_mode() -> None:
    with pytest.raises(ValueError, match="no instruction set for mode 'vax'"):
        assemble("nop\n", mode="vax")


def test_a_byte_order_mark_is_no_text() -> None:
    assert assemble("\ufeffnop\n") == assemble("nop\n")
