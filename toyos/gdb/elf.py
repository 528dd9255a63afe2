"""Sections and symbols -> a 32-bit RISC-V ELF executable, for gdb: our own executables are a.out, which it cannot read.

Source: System V ABI, edition 4.1, chapters "Object Files" and "Program Loading"; RISC-V ELF psABI, section "ELF Object
Files".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
PROGRAM_HEADER = struct.Struct("<8I")
SECTION_HEADER = struct.Struct("<10I")
SYMBOL = struct.Struct("<IIIBBH")
IDENT = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")  # 32 bits, little-endian, version 1
ET_EXEC, EM_RISCV, VERSION = 2, 243, 1
PT_LOAD = 1
PROGBITS, SYMTAB, STRTAB, NOBITS = 1, 2, 3, 8
WRITE, ALLOC, EXECINSTR = 1, 2, 4
READABLE = 4
NOTYPE, OBJECT, FUNC = 0, 1, 2
BINDINGS = {"local": 0, "global": 1, "weak": 2}
ABSOLUTE = 0xFFF1
ALIGN = 4


class Section(NamedTuple):
    """Bytes at an address (kind PROGBITS), or room for them (NOBITS); with flags 0 they are for debuggers alone."""

    name: str
    content: bytes = b""
    address: int = 0
    flags: int = 0
    kind: int = PROGBITS
    size: int = 0  # of NOBITS
    link: int = 0
    info: int = 0
    entry_size: int = 0

    @property
    def extent(self) -> int:
        return self.size if self.kind == NOBITS else len(self.content)


class Symbol(NamedTuple):
    """section: name of the section that it is in. kind: NOTYPE, OBJECT or FUNC; binding: one of BINDINGS."""

    name: str
    value: int
    section: str
    kind: int = NOTYPE
    binding: str = "local"
    size: int = 0


class Strings:
    """A string table in the making."""

    def __init__(self) -> None:
        self.content = bytearray(1)
        self._at = {"": 0}

    def add(self, text: str) -> int:
        """-> where in the table the text is."""
        if text not in self._at:
            self._at[text] = len(self.content)
            self.content += text.encode("utf-8", "surrogateescape") + b"\0"
        return self._at[text]


def executable(sections: Sequence[Section], symbols: Iterable[Symbol], entry: int) -> bytes:
    """-> the file. Sections are numbered as given, from 1; loaded ones get a program header each."""
    numbers = {section.name: number for number, section in enumerate(sections, 1)}
    table, first_global, names = _symbol_table(symbols, numbers)
    strings_number = len(sections) + 2
    everything = [
        *sections,
        Section(".symtab", table, kind=SYMTAB, link=strings_number, info=first_global, entry_size=SYMBOL.size),
        Section(".strtab", names, kind=STRTAB),
    ]
    headings = Strings()
    name_offsets = [headings.add(section.name) for section in (*everything, Section(".shstrtab"))]
    everything.append(Section(".shstrtab", bytes(headings.content), kind=STRTAB))

    loaded = [section for section in sections if section.flags & ALLOC]
    at = HEADER.size + len(loaded) * PROGRAM_HEADER.size
    body, offsets = bytearray(), []
    for section in everything:
        body += bytes(-(at + len(body)) % ALIGN)
        offsets.append(at + len(body))
        body += section.content
    body += bytes(-(at + len(body)) % ALIGN)
    header = HEADER.pack(
        IDENT, ET_EXEC, EM_RISCV, VERSION, entry, HEADER.size, at + len(body), 0, HEADER.size,
        PROGRAM_HEADER.size, len(loaded), SECTION_HEADER.size, len(everything) + 1, len(everything),
    )  # fmt: skip
    programs = [
        PROGRAM_HEADER.pack(
            PT_LOAD, offset, section.address, section.address, len(section.content), section.extent,
            READABLE | (section.flags & WRITE and 2) | (section.flags & EXECINSTR and 1), ALIGN,
        )
        for section, offset in zip(everything, offsets, strict=True) if section.flags & ALLOC
    ]  # fmt: skip
    rows = [bytes(SECTION_HEADER.size)] + [
        SECTION_HEADER.pack(
            name, section.kind, section.flags, section.address, offset, section.extent, section.link, section.info,
            ALIGN if section.kind != STRTAB else 1, section.entry_size,
        )
        for section, offset, name in zip(everything, offsets, name_offsets, strict=True)
    ]  # fmt: skip
    return b"".join((header, *programs, bytes(body), *rows))


def _symbol_table(symbols: Iterable[Symbol], numbers: dict[str, int]) -> tuple[bytes, int, bytes]:
    """-> (records, number of the first that is not local, names). Local symbols come first, as the format wants it."""
    ordered = sorted(symbols, key=lambda symbol: (symbol.binding != "local", symbol.value))
    names = Strings()
    records = [bytes(SYMBOL.size)]
    for symbol in ordered:
        info = BINDINGS[symbol.binding] << 4 | symbol.kind
        place = numbers.get(symbol.section, ABSOLUTE)
        records.append(SYMBOL.pack(names.add(symbol.name), symbol.value, symbol.size, info, 0, place))
    first_global = 1 + sum(symbol.binding == "local" for symbol in ordered)
    return b"".join(records), first_global, bytes(names.content)
