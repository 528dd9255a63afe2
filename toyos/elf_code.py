"""ELF file -> the code in it, for the disassembler: what gcc and GNU as made for RISC-V."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vm.aout import Object, Symbol
from vm.isa.sets import DEFAULT_ISA, ISAS
from vm.loader import ELF_COMPRESSED, LoadError, open_elf, read_file

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import Symbol as ElfSymbol

_EXECUTABLE = 4  # SHF_EXECINSTR in sh_flags
_TYPES = {"STT_NOTYPE": "", "STT_OBJECT": "object", "STT_FUNC": "func"}
_BINDINGS = {"STB_LOCAL": "local", "STB_WEAK": "weak", "STB_GLOBAL": "global"}
_MAPPING = ("$x", "$d")  # what may follow in the name of a mapping symbol is of no interest here


class Code(Object):
    """A section of code as the text of an Object, at its own address."""

    __slots__ = ()

    @property
    def text_address(self) -> int:
        return self.entry


class Content(NamedTuple):
    """The instruction set that a file's header asks for, and its sections of code; each has its name."""

    isa: str
    sections: list[Code]


def read(path: Path) -> Content:
    """Path of an ELF for RISC-V -> its code. Raises vm.loader.LoadError."""
    from elftools.common.exceptions import ELFError

    elf = open_elf(read_file(path), str(path))
    compressed = bool(elf["e_flags"] & ELF_COMPRESSED)
    isa = next((name for name, isa in ISAS.items() if isa.compressed == compressed), DEFAULT_ISA)
    try:
        return Content(isa, list(_sections(elf)))
    except (ELFError, ValueError, KeyError, AttributeError, TypeError, IndexError) as fault:
        raise LoadError(f"{path}: damaged ELF: {fault}") from fault


def _sections(elf: ELFFile) -> Iterator[Code]:
    table: Any = elf.get_section_by_name(".symtab")
    symbols: dict[int, list[Symbol]] = {}
    for symbol in table.iter_symbols() if table else ():
        info = symbol["st_info"]
        if symbol.name and info["type"] in _TYPES and info["bind"] in _BINDINGS:
            symbols.setdefault(symbol["st_shndx"], []).append(_symbol(symbol))
    relocatable = elf["e_type"] == "ET_REL"
    for number, section in enumerate(elf.iter_sections()):
        if section["sh_flags"] & _EXECUTABLE and section["sh_size"] and section["sh_type"] != "SHT_NOBITS":
            found = symbols.get(number, [])
            code = Code(relocatable=relocatable, entry=section["sh_addr"], text=section.data(), symbols=found)
            code.name = section.name
            yield code


def _symbol(symbol: ElfSymbol) -> Symbol:
    name, info = symbol.name, symbol["st_info"]
    if name.startswith(_MAPPING):
        name = name[:2]
    return Symbol(name, "text", symbol["st_value"], _BINDINGS[info["bind"]], _TYPES[info["type"]])
