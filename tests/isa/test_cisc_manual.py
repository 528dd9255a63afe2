"""docs/cisc.md says what the rows say, and its programs assemble."""

import re
from pathlib import Path

import pytest

from assembler import assemble
from assembler.cisc_manual import COSTS, FAMILIES, REGIONS, refreshed
from assembler.common import table
from vm.isa.cisc import ROWS
from vm.isa.specifiers import MODES
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
