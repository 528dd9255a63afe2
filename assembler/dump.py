"""Object -> the tables of objdump, nm and size, as lines of text in the layouts of GNU binutils."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from assembler.disassemble import relocation_value, start_of
from assembler.output import CODE, DATA, sections
from vm.aout import HEADER, MACHINE_IDS, MAGICS, PAGE, ZMAGIC, Object, Symbol

MAGIC_NAMES = {number: name for name, number in MAGICS.items()}
BYTES_PER_ROW = 16
LETTERS = {"undef": "u", "abs": "a", "text": "t", "data": "d", "bss": "b", "common": "c"}


class Section(NamedTuple):
    """A row of objdump -h: size in bytes, address, offset in the file (bss: where it would be), alignment in bytes."""

    name: str
    size: int
    address: int
    offset: int
    align: int
    flags: str


def section_table(obj: Object) -> list[Section]:
    """Object -> its three sections."""
    text_at = PAGE if obj.magic == ZMAGIC else HEADER.size
    data_at = text_at + len(obj.text)
    bss_address = 0 if obj.relocatable else obj.data_address + len(obj.data)
    flags = []
    for name, relocations in sections(obj):
        reloc = "RELOC, " if relocations else ""
        flags.append(f"CONTENTS, ALLOC, LOAD, {reloc}" + ("READONLY, CODE" if name == "text" else "DATA"))
    return [
        Section(".text", len(obj.text), obj.text_address, text_at, obj.text_align, flags[0]),
        Section(".data", len(obj.data), obj.data_address, data_at, obj.data_align, flags[1]),
        Section(".bss", obj.bss, bss_address, data_at + len(obj.data), obj.bss_align, "ALLOC"),
    ]


def section_lines(obj: Object) -> Iterator[str]:
    """Object -> objdump -h."""
    yield "Sections:"
    yield "Idx Name          Size      VMA       LMA       File off  Algn"
    for index, s in enumerate(section_table(obj)):
        power = s.align.bit_length() - 1
        yield f"{index:3} {s.name:13} {s.size:08x}  {s.address:08x}  {s.address:08x}  {s.offset:08x}  2**{power}"
        yield f"{'':18}{s.flags}"


def header_lines(obj: Object) -> Iterator[str]:
    """Object -> objdump -f: what kind of file it is and where it starts."""
    kind = "relocatable object" if obj.relocatable else "executable"
    what = [kind, *(["has relocations"] if any(r for _, r in sections(obj)) else [])]
    what += [*(["has symbols"] if obj.symbols else []), *(["has line numbers"] if obj.lines else [])]
    magic, mid = MAGIC_NAMES[obj.magic], MACHINE_IDS[obj.mode]
    yield f"architecture: {obj.mode} (machine id {mid:#x}), {magic} (0{obj.magic:o}), {', '.join(what)}"
    yield f"start address 0x{obj.entry:08x}"


def letter(symbol: Symbol) -> str:
    """Symbol -> the letter nm prints for it: small for local ones, w or v for weak ones."""
    if symbol.binding == "weak":
        small = "v" if symbol.kind == "object" else "w"
        return small.upper() if symbol.defined else small
    small = LETTERS[symbol.section]
    return small if symbol.binding == "local" else small.upper()


def is_mark(symbol: Symbol) -> bool:
    """True for the symbols that only tell code from data in text; tables leave them out unless asked."""
    return symbol.binding == "local" and symbol.name in (CODE, DATA)


def symbol_table_lines(obj: Object) -> Iterator[str]:
    """Object -> objdump -t."""
    yield "SYMBOL TABLE:"
    if not obj.symbols:
        yield "no symbols"
    places = {"undef": "*UND*", "abs": "*ABS*", "common": "*COM*"}
    for s in obj.symbols:
        binding = {"local": "l ", "weak": " w"}.get(s.binding, "  " if s.section in ("undef", "common") else "g ")
        kind = {"func": "F", "object": "O"}.get(s.kind, " ")
        value, size = (s.align, s.value) if s.section == "common" else (s.value & 0xFFFFFFFF, 0)
        yield f"{value:08x} {binding}    {kind} {places.get(s.section, '.' + s.section)}\t{size:08x} {s.name}"


def relocation_lines(obj: Object) -> Iterator[str]:
    """Object -> objdump -r."""
    for name, relocations in sections(obj):
        if relocations:
            yield f"RELOCATION RECORDS FOR [.{name}]:"
            yield "OFFSET   TYPE              VALUE"
            for r in relocations:
                yield f"{r.address:08x} {r.kind:17} {relocation_value(r)}"
            yield ""
            yield ""


def content_lines(obj: Object, section: str) -> Iterator[str]:
    """Object, text or data -> objdump -s: hexadecimal words and characters, 16 bytes a line."""
    content: bytes = getattr(obj, section)
    origin = start_of(obj, section)
    width = 4 if origin + len(content) <= 0x10000 else 8
    yield f"Contents of section .{section}:"
    for at in range(0, len(content), BYTES_PER_ROW):
        row = content[at : at + BYTES_PER_ROW]
        words = " ".join(row[i : i + 4].hex() for i in range(0, len(row), 4))
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f" {origin + at:0{width}x} {words:35}  {shown:16}"


def nm_line(symbol: Symbol) -> str:
    """Symbol -> its line in nm: value, letter, name; no value for an undefined one."""
    value = f"{'':8}" if symbol.section == "undef" else f"{symbol.value & 0xFFFFFFFF:08x}"
    return f"{value} {letter(symbol)} {symbol.name}"


def sizes(obj: Object) -> tuple[int, int, int]:
    """Object -> bytes of text, data, bss."""
    return len(obj.text), len(obj.data), obj.bss


SIZE_HEADING = "   text\t   data\t    bss\t    dec\t    hex\tfilename"


def size_line(text: int, data: int, bss: int, name: str) -> str:
    """Three sizes -> their line in size, Berkeley layout."""
    total = text + data + bss
    return f"{text:7}\t{data:7}\t{bss:7}\t{total:7}\t{total:7x}\t{name}"
