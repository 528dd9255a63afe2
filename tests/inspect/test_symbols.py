"""Names, lines and sources of the kernel and of the programs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toyos import build
from toyos.boot import observed_program, own_program
from toyos.symbols import SymbolError, Symbols
from vm import aout

ROOT = Path(__file__).resolve().parents[2]
READERS = [*(ROOT / "toyos" / "inspect").glob("*.py"), ROOT / "toyos" / "core_machine.py"]


def line_of(path: Path, text: str) -> int:
    """A source and a text -> number of the only line that contains it."""
    (number,) = (number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)
    return number


def test_the_host_has_every_program_with_its_symbols_and_it_is_the_same_program(mode: str) -> None:
    parts = build.system(mode)
    symbols = Symbols(parts)
    for path, content in parts.programs.items():
        table, stripped = symbols.program(path), aout.read(content)
        assert table is not None and table.object.lines and "_start" in table.places
        found = table.object
        assert (found.text, found.data, found.bss, found.entry) == (
            stripped.text, stripped.data, stripped.bss, stripped.entry
        )  # fmt: skip


def test_names_lines_and_sources_of_the_kernel(mode: str) -> None:
    symbols = Symbols(build.system(mode))
    source = ROOT / "toyos" / "kernel" / "trap.s"
    number = line_of(source, "call    system_call")
    (address,) = symbols.addresses_of_line("kernel/trap.s", number)
    line = symbols.line(address)
    assert line is not None and (line.file, line.line) == ("toyos/kernel/trap.s", number)
    assert symbols.text(line).strip() == "call    system_call"
    trap = symbols.address("trap")
    assert symbols.name(trap) == "trap"
    assert symbols.name(address) == f"trap+{address - trap:#x}"
    assert symbols.addresses_of_line("trap.s", line_of(source, ".globl trap")) == [trap], "the next line with code"
    assert symbols.value("P_PID") == symbols.parts.symbols["P_PID"]
    assert symbols.name(0) == "" and symbols.line(0) is None and symbols.name(0xFFFF_FFFF) == ""


def test_names_of_a_users_program(mode: str, tmp_path: Path) -> None:
    source = tmp_path / "mine.s"
    source.write_text('.include "common.inc"\n.text\nproc main\n        li a0, 3\nendp\n.data\nhere: .word 7\n')
    parts = build.system(mode)
    name, guest, own = observed_program([source], parts)
    assert (name, guest) == own_program([source], parts), "the guest's copy knows no lines"
    symbols = Symbols(parts, own)
    main = symbols.address("main")
    assert symbols.name(main) == symbols.name(main, "mine") == symbols.name(main, "run/mine") == "main"
    assert symbols.name(symbols.address("here")) == "here"
    (body,) = symbols.addresses_of_line("mine.s", 4)
    line = symbols.line(body)
    assert line is not None and symbols.text(line).strip() == "li a0, 3" and Path(line.file) == source
    here = symbols.address("here")
    assert not symbols.name(here, "fork_sum").startswith("here"), "another process has another program there"


def test_a_user_may_call_a_program_as_the_system_calls_one(mode: str, tmp_path: Path) -> None:
    source = tmp_path / "ls.s"
    source.write_text('.include "common.inc"\n.text\nproc main\nonly_here: li a0, 0\nendp\n')
    parts = build.system(mode)
    symbols = Symbols(parts, observed_program([source], parts)[2])
    assert symbols.candidates("ls") == ["run/ls", "bin/ls"]
    assert "only_here" in (symbols.program("run/ls") or symbols.kernel).places
    assert "only_here" not in (symbols.program("bin/ls") or symbols.kernel).places


def test_what_nobody_has_is_told_with_what_may_be_meant() -> None:
    symbols = Symbols(build.system())
    with pytest.raises(SymbolError, match=r"no symbol 'system_cal' in kernel; did you mean 'system_call'\?"):
        symbols.address("system_cal")
    with pytest.raises(SymbolError, match=r"no symbol 'reed' in bin/cat or kernel; did you mean 'read'\?"):
        symbols.address("reed", "cat")
    with pytest.raises(SymbolError, match=r"from a file 'tarp.s'; did you mean 'trap.s'\?"):
        symbols.addresses_of_line("tarp.s", 3)
    with pytest.raises(SymbolError, match=r"toyos/kernel/trap.s has no code from line 100000 on"):
        symbols.addresses_of_line("trap.s", 100_000)


def test_a_source_that_is_gone_has_no_text() -> None:
    symbols = Symbols(build.system())
    assert symbols.source("no/such/file.s") is None
    assert symbols.text(None) == ""


def test_every_name_that_is_read_means_one_thing_in_the_kernel(system: tuple[str, str]) -> None:
    """Sources of the kernel have local names of their own; none of them may be one that the inspector goes by."""
    names = {name for path in READERS for name in re.findall(r'"([A-Z]+_[A-Z0-9_]+)"', path.read_text())}
    kernel = aout.read(build.system(system[0], None, system[1]).kernel)
    values: dict[str, set[int]] = {}
    for symbol in kernel.symbols:
        if symbol.name in names:
            values.setdefault(symbol.name, set()).add(symbol.value)
    assert len(values) > 50
    assert {name: found for name, found in values.items() if len(found) > 1} == {}
