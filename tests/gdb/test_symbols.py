"""Our programs as ELF and DWARF, read by pyelftools: the same bytes, symbols and lines that the a.out has."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from tests.gdb.rig import COUNTING
from tests.images import program
from toyos import build
from toyos.gdb import dwarf
from toyos.gdb.symbols import programs
from toyos.symbols import Symbols, Table


def read(tables: list[Table]) -> ELFFile:
    return ELFFile(io.BytesIO(programs(tables)))


def lines(elf: ELFFile) -> Mapping[int, tuple[str, int]]:
    """-> address -> (file, line) of every row of every line program."""
    found = {}
    information = elf.get_dwarf_info()
    for unit in information.iter_CUs():
        made = information.line_program_for_CU(unit)
        for entry in made.get_entries():
            if entry.state is not None and not entry.state.end_sequence:
                name = made["file_entry"][entry.state.file - 1].name.decode()
                found[entry.state.address] = name, entry.state.line
    return found


def children(unit: CompileUnit, tag: str) -> Iterator[DIE]:
    """-> the entries of this kind."""
    return (entry for entry in unit.get_top_DIE().iter_children() if entry.tag == tag)


def variables(elf: ELFFile) -> Mapping[str, str]:
    """-> name -> type, as gdb would write it."""
    found = {}
    for unit in elf.get_dwarf_info().iter_CUs():
        for entry in children(unit, "DW_TAG_variable"):
            kind = entry.get_DIE_from_attribute("DW_AT_type")
            size = ""
            if kind.tag == "DW_TAG_array_type":
                size = f" [{next(kind.iter_children()).attributes['DW_AT_count'].value}]"
                kind = kind.get_DIE_from_attribute("DW_AT_type")
            name, base = (each.attributes["DW_AT_name"].value.decode() for each in (entry, kind))
            found[name] = base + size
    return found


def procedures(elf: ELFFile) -> Mapping[str, tuple[int, int, list[str]]]:
    """-> name -> (first address, size, labels inside)."""
    found = {}
    for unit in elf.get_dwarf_info().iter_CUs():
        for entry in children(unit, "DW_TAG_subprogram"):
            labels = [each.attributes["DW_AT_name"].value.decode() for each in entry.iter_children()]
            about = entry.attributes
            name = about["DW_AT_name"].value.decode()
            found[name] = about["DW_AT_low_pc"].value, about["DW_AT_high_pc"].value, labels
    return found


@pytest.mark.parametrize("mode", ["risc", "window"])
def test_kernel_and_program_in_one_file(mode: str) -> None:
    symbols = Symbols(build.system(mode))
    tables = [symbols.kernel, symbols.program("bin/sh")]
    assert tables[1] is not None
    elf = read([table for table in tables if table is not None])
    assert elf.header["e_machine"] == "EM_RISCV" and elf.header["e_entry"] == tables[0].object.entry
    for table, suffix in zip(tables, ("", ".sh"), strict=True):
        assert table is not None
        text = elf.get_section_by_name(".text" + suffix)
        assert (text["sh_addr"], text.data()) == (table.start, table.object.text)
        bss = elf.get_section_by_name(".bss" + suffix)
        assert bss["sh_addr"] + bss["sh_size"] == table.end and bss["sh_type"] == "SHT_NOBITS"
        found = lines(elf)
        for line in table.object.lines:
            assert found[line.address][0].endswith(line.file) and Path(found[line.address][0]).is_file()
            assert found[line.address][1] == next(
                each.line for each in reversed(table.object.lines) if each.address == line.address
            )
    named = procedures(elf)
    assert named["trap"][0] == symbols.address("trap") and "system_call" in named
    start, size, _ = named["dispatch"]
    assert start == symbols.address("dispatch") and 0 < size < 4096
    table = elf.get_section_by_name(".symtab")
    functions = [each for each in table.iter_symbols() if each["st_info"]["type"] == "STT_FUNC"]
    assert {"trap", "dispatch", "_start"} <= {each.name for each in functions}
    assert all(each["st_size"] > 0 for each in functions)
    binding = [each["st_info"]["bind"] for each in table.iter_symbols()]
    assert binding == sorted(binding, key=lambda each: each != "STB_LOCAL") and table["sh_info"] == binding.index(
        "STB_GLOBAL"
    )


def test_labels_are_parts_of_procedures_and_what_is_called_is_one() -> None:
    source = """
        .globl  _start
_start: jal     ra, inner
loop:   j       loop
inner:  ret
table:  .word   1, 2, 3
    """
    elf = read([Table(program(source), "program")])
    named = procedures(elf)
    assert set(named) == {"_start", "inner"} and named["_start"][2] == ["loop"]
    assert named["inner"][1] == 4, "it ends where the table begins"
    kinds = {each.name: each["st_info"]["type"] for each in elf.get_section_by_name(".symtab").iter_symbols()}
    assert kinds["table"] == "STT_OBJECT" and kinds["inner"] == "STT_FUNC" and "loop" not in kinds


def test_data_are_words_texts_or_bytes() -> None:
    source = """
        .globl  _start
_start: ret
        .rodata
title:  .asciz  "two\\nlines"
        .data
word:   .word   3
many:   .word   1, 2, 3, 4
byte:   .byte   7
odd:    .byte   1
        .bss
        .balign 4
later:  .space  100
end:
    """
    found = variables(read([Table(program(source), "program")]))
    assert {name: kind for name, kind in found.items() if not name.startswith("_")} == {
        "title": "char [10]", "word": "int", "many": "int", "byte": "char", "odd": "char", "later": "int",
    }  # fmt: skip


def test_a_program_without_lines_has_symbols_all_the_same() -> None:
    made = program(COUNTING)
    made.lines = []
    elf = read([Table(made, "program")])
    assert lines(elf) == {} and {"_start", "beat"} <= set(procedures(elf))


@given(st.integers(0, 1 << 40))
def test_unsigned_numbers(value: int) -> None:
    from elftools.common.construct_utils import ULEB128

    assert ULEB128("").parse(dwarf.uleb(value)) == value


@given(st.integers(-(1 << 40), 1 << 40))
def test_signed_numbers(value: int) -> None:
    from elftools.common.construct_utils import SLEB128

    assert SLEB128("").parse(dwarf.sleb(value)) == value
