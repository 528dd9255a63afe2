"""docs/cisc.md says what the rows say, and its programs assemble."""

import re
from pathlib import Path

import pytest

from assembler import assemble, link
from assembler.cisc_manual import COSTS, FAMILIES, REGIONS, refreshed
from assembler.common import table
from vm import aout
from vm.arch import FINISHER_BASE, RAM_BASE
from vm.isa.cisc import ROWS
from vm.isa.specifiers import MODES
from vm.machine import Machine
from vm.micro import templates

DOCUMENT = Path(__file__).parents[2] / "docs" / "cisc.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```asm\n(.*?)```", TEXT, re.DOTALL)


def test_the_tables_are_fresh() -> None:
    assert refreshed(TEXT) == TEXT, "run: python -m assembler.cisc_manual docs/cisc.md"


def test_every_table_stands_in_the_document_once() -> None:
    assert re.findall(r"<!-- (\w+) -->", TEXT).count("end") == len(REGIONS)
    for name in REGIONS:
        assert TEXT.count(f"<!-- {name} -->") == 1, name


def test_nothing_is_left_out() -> None:
    for row in ROWS:
        assert TEXT.count(f"`{row.name}` ") >= 1 and f" {row.opcode:02X} " in TEXT, row.name
    for mode in MODES:
        assert f"| {mode.doc} |" in TEXT
    for name, shapes, native in table():
        assert f"| `{f'{name} {shapes}'.strip()}` | `{native}` |" in TEXT
    assert tuple(FAMILIES) == COSTS


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.strip().splitlines()[0] for program in PROGRAMS])
def test_programs_assemble(program: str) -> None:
    assert assemble(program, mode="cisc").text


def test_the_context_is_what_the_engine_stores() -> None:
    offsets = re.search(r"\| \*\*word\*\* \| (.*?) \|\n", TEXT)
    assert offsets is not None
    words = offsets[1].split(" | ")
    saved = re.findall(r"store (\w+) T0 (\d+)", templates._save_context())
    assert [int(place) for _, place in saved] == [4 * number for number in range(len(words))]
    assert words[-3:] == ["sp", "pc", "psw"]


FRAME = f"""
        .globl  _start
_start: moval   stack, sp
        {{0}}
        movl    $0x5555, *${FINISHER_BASE:#x}
{{1}}
        .data
        .balign 4
        .zero   64
stack:
result: .zero   16
words:  .long   7, -2, 40
"""
RUNS = [
    ("moval words, a0; movl $3, a1; bsr sum; movl a0, result", "sum:", [45]),
    ("moval result, a0; moval words, a1; bsr copy", "copy:", [7, -2 % (1 << 32), 40]),
    (
        "moval words, a0; bsr enqueue; moval words + 8, a0; bsr enqueue; subl3 queue, $words, result; "
        "subl3 queue + 4, $words, result + 4; subl3 words, $words, result + 8",
        "enqueue:",
        [0, 8, 8],  # the first, the last, and what follows the first
    ),
]


@pytest.mark.parametrize(("calls", "name", "expected"), RUNS, ids=[name for _, name, _ in RUNS])
def test_programs_do_what_they_say(calls: str, name: str, expected: list[int]) -> None:
    text = FRAME.format(calls, next(program for program in PROGRAMS if f"\n{name}" in program) + "\n")
    program = link([assemble(text, mode="cisc")], text=RAM_BASE)
    machine = Machine("cisc", ram=1 << 16)
    machine.load(aout.write(program))
    assert machine.run(10_000).reason == "halt"
    place = next(symbol.value for symbol in program.symbols if symbol.name == "result")
    found = machine.read(place, 4 * len(expected))
    assert [int.from_bytes(found[at : at + 4], "little") for at in range(0, len(found), 4)] == expected
