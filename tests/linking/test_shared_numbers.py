"""The kernel's loader and vm/aout.py mean the same file format: their numbers are compared."""

from pathlib import Path

from assembler import assemble
from toyos.paths import source_folder
from vm import aout


def test_the_header_in_assembly_is_the_header_in_python() -> None:
    include = Path(source_folder("include"))
    symbols = assemble('.include "aout.inc"\n', filename="numbers.s", include=[include]).symbols
    numbers = {symbol.name: symbol.value for symbol in symbols}
    fields = ("MIDMAG", "TEXT", "DATA", "BSS", "SYMS", "ENTRY", "TRSIZE", "DRSIZE")
    assert [numbers[f"AOUT_{name}"] for name in fields] == list(range(0, aout.HEADER.size, 4))
    assert numbers["AOUT_HEADER"] == aout.HEADER.size
    assert {name: numbers[name] for name in aout.MAGICS} == aout.MAGICS
    assert {mode: numbers[f"MID_{mode.upper()}"] for mode in aout.MACHINE_IDS} == aout.MACHINE_IDS
    assert numbers["ZMAGIC_TEXT_OFFSET"] == aout.PAGE
