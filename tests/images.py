"""Images for tests: assembly text -> executable bytes, and ELF files made by hand."""

import struct

from assembler import assemble, link
from vm import aout
from vm.arch import RAM_BASE


def program(text: str) -> aout.Object:
    """Assembly text with a global `_start` -> executable linked at the start of RAM."""
    return link([assemble(text, mode="risc", filename="guest.s")], text=RAM_BASE, entry="_start")


def guest(text: str) -> bytes:
    """Assembly text -> a.out bytes."""
    return aout.write(program(text))


def guest_elf(text: str, *symbols: str) -> bytes:
    """Assembly text -> the same program as an ELF, which also carries the named symbols."""
    linked = program(text)
    table = {symbol.name: symbol.value for symbol in linked.symbols if symbol.name in symbols}
    memory = linked.text.ljust(linked.data_address - linked.text_address, b"\0") + linked.data
    return make_elf((RAM_BASE, RAM_BASE, memory, len(memory) + linked.bss), entry=linked.entry, symbols=table)


def make_elf(
    *segments: tuple[int, int, bytes, int],
    entry: int = RAM_BASE,
    ident: bytes = b"\x7fELF\x01\x01\x01",
    kind: int = 2,
    machine: int = 243,
    symbols: dict[str, int] | None = None,
) -> bytes:
    """Segments (virtual address, physical address, bytes, size in memory) -> an ELF with tail-merged symbol names."""
    header_size, program_size, section_size = 52, 32, 40
    body = bytearray(header_size + program_size * len(segments))
    headers = []
    for virtual, physical, data, size in segments:
        headers.append(struct.pack("<8I", 1, len(body), virtual, physical, len(data), size, 5, 4))
        body += data
    names = b"\0write_tohost\0.symtab\0.strtab\0"  # `tohost` is the tail of the first, as linkers store it
    names += b"".join(name.encode() + b"\0" for name in symbols or ())
    table = bytes(16)
    for name, value in (symbols or {}).items():
        table += struct.pack("<IIIBBH", names.index(name.encode() + b"\0"), value, 0, 0x10, 0, 1)
    sections = bytes(section_size)
    for name, type_, data, linked, entry_size in ((b".symtab", 2, table, 2, 16), (b".strtab", 3, names, 0, 0)):
        at = names.index(name)
        sections += struct.pack("<10I", at, type_, 0, 0, len(body), len(data), linked, 0, 4, entry_size)
        body += data
    fixed = (kind, machine, 1, entry, header_size, len(body), 0, header_size, program_size, len(segments))
    head = ident.ljust(16, b"\0") + struct.pack("<HHIIIIIHHHHHH", *fixed, section_size, 3, 2)
    body[: header_size + program_size * len(segments)] = head + b"".join(headers)
    return bytes(body + sections)
