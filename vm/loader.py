"""File or bytes -> Image: what to copy into RAM, and where to start.

Three kinds of image, told apart by their first bytes: ELF (32-bit RISC-V, from any toolchain), a.out (our own), and
raw for everything else, which loads at the start of RAM. pyelftools is imported only for an ELF; symbols are read only
on demand.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vm import aout
from vm.arch import RAM_BASE
from vm.devices.htif import WORD as HOST_WORD

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile

ELF_MAGIC = b"\x7fELF"
ELF_HEADER_SIZE = 52  # of the 32-bit class
ELF_SYMBOL = struct.Struct("<IIIBBH")  # Elf32_Sym: name, value, size, info, other, section index
ELF_SYMBOL_FIELDS = [("name", "<u4"), ("value", "<u4"), ("size", "<u4"), ("info", "<u2"), ("section", "<u2")]
ELF_SECTION = struct.Struct("<10I")  # Elf32_Shdr: name, type, flags, address, offset, size, link, info, ...
SHT_SYMTAB, SHT_STRTAB, SHF_COMPRESSED = 2, 3, 1 << 11
NAME_MOST = 1024  # bytes of a symbol's name that are shown: names may share theirs, and add up
LINUX_MAGIC, LINUX_MAGIC_AT, LINUX_SIZE_AT = b"RSC\x05", 0x38, 0x10
ELF_COMPRESSED = 1  # EF_RISCV_RVC in e_flags (RISC-V ELF psABI)
MEBIBYTE = 1 << 20


class LoadError(Exception):
    """An image that cannot be loaded into this machine; the message names the file, the fault and what was expected."""


class Segment(NamedTuple):
    """Bytes for RAM: `data` at physical `address`, then zeros up to `size` bytes in all."""

    address: int
    data: bytes
    size: int


@dataclass(slots=True)
class Image:
    """A program ready to be copied into RAM."""

    name: str
    kind: str  # "elf", "a.out" or "raw"
    segments: list[Segment]
    entry: int
    tohost: int | None = None  # address of the symbol of that name, ELF only (see devices/htif.py)
    fromhost: int | None = None
    compressed: bool = False  # it says that it has instructions of 16 bits
    content: bytes = field(default=b"", repr=False)

    @property
    def start(self) -> int:
        """Lowest address that the image occupies."""
        return min((segment.address for segment in self.segments), default=RAM_BASE)

    @property
    def end(self) -> int:
        """First address after everything the image occupies."""
        return max((segment.address + segment.size for segment in self.segments), default=RAM_BASE)

    def symbols(self) -> dict[str, int]:
        """-> every named symbol that has an address; of equal names the last counts. Raises LoadError when damaged."""
        if self.kind == "elf":
            return dict(elf_symbols(open_elf(self.content, self.name), self.name))
        if self.kind == "a.out":
            try:
                table = aout.read(self.content, self.name).symbols
            except aout.AoutError as fault:
                raise LoadError(str(fault)) from fault
            return {symbol.name: symbol.value for symbol in table if symbol.defined}
        return {}


def read_file(path: str | Path) -> bytes:
    """Path -> the bytes of that file. Raises LoadError, also for a device."""
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
            raise LoadError(f"{path}: a device, which may have no end; expected a file")
        return Path(path).read_bytes()
    except OSError as fault:
        raise LoadError(f"{path}: {fault.strerror or fault}") from fault


def load(
    source: str | Path | bytes, ram_size: int, mode: str = "risc", what: str = "<bytes>", raw_at: int = RAM_BASE
) -> Image:
    """Path of a file (or its bytes, and what to call these), RAM in bytes, the machine's mode -> Image.

    raw_at: where raw images go. Raises LoadError.
    """
    if isinstance(source, bytes):
        name, content = what, source
    else:
        name, content = str(source), read_file(source)
    if not content:
        raise LoadError(f"{name}: the file is empty; expected an ELF, a.out or raw image")
    if content.startswith(ELF_MAGIC):
        image = load_elf(content, name, mode)
    elif int.from_bytes(content[:2], "little") in aout.MAGICS.values():
        image = load_aout(content, name, mode)
    else:
        image = Image(name, "raw", [Segment(raw_at, content, linux_size(content))], raw_at, content=content)
    check_fit(image, ram_size)
    return image


def linux_size(content: bytes) -> int:
    """Raw image -> the bytes that it needs in RAM. Linux says in its header how many these are with its bss (its
    Documentation/riscv/boot-image-header.rst)."""
    if content[LINUX_MAGIC_AT:].startswith(LINUX_MAGIC):
        return max(len(content), int.from_bytes(content[LINUX_SIZE_AT : LINUX_SIZE_AT + 8], "little"))
    return len(content)


def check_fit(image: Image, ram_size: int) -> None:
    """Raises LoadError when a segment, the entry or what the host looks at lies outside RAM; says how large RAM would
    have to be."""
    end = RAM_BASE + ram_size
    for address, _, size in image.segments:
        if address < RAM_BASE or address + size > 1 << 32:
            raise LoadError(
                f"{image.name}: {size} bytes belong at {address:#010x}, where no RAM can be; "
                f"RAM lies from {RAM_BASE:#010x} up to {(1 << 32) - 1:#010x} at most"
            )
        if address + size > end:
            needed = -(-(address + size - RAM_BASE) // MEBIBYTE)
            raise LoadError(
                f"{image.name}: {size} bytes belong at {address:#010x}, but RAM ends at {end:#010x}; "
                f"it would have to be at least {needed}M large"
            )
    if not RAM_BASE <= image.entry < end:
        raise LoadError(
            f"{image.name}: the entry {image.entry:#010x} lies outside RAM, {RAM_BASE:#010x}..{end - 1:#010x}"
        )
    for symbol, where in (("tohost", image.tohost), ("fromhost", image.fromhost)):
        if where is not None and not RAM_BASE <= where <= end - HOST_WORD:
            raise LoadError(
                f"{image.name}: its symbol {symbol}, {HOST_WORD} bytes at {where:#010x}, lies outside RAM, "
                f"{RAM_BASE:#010x}..{end - 1:#010x}"
            )


# ---- a.out -----------------------------------------------------------------------------------------------------------
def load_aout(content: bytes, name: str, mode: str) -> Image:
    """Executable a.out of the machine's mode -> Image: text where its entry says, data behind it, then cleared bss."""
    try:
        header = aout.read_header(content, name)
    except aout.AoutError as fault:
        raise LoadError(str(fault)) from fault
    if header.relocatable:
        raise LoadError(f"{name}: an object file that is not linked yet; expected an executable (see toyos ld)")
    if header.mode != mode:
        raise LoadError(f"{name}: an executable for mode {header.mode!r}, but the machine is in mode {mode!r}")
    text = content[header.text_offset :][: header.text]
    data = content[header.text_offset + header.text :][: header.data]
    text_address = header.entry & -aout.PAGE
    data_address = aout.data_start(header.magic, text_address + len(text))
    segments = [Segment(text_address, text, len(text)), Segment(data_address, data, len(data) + header.bss)]
    return Image(name, "a.out", [segment for segment in segments if segment.size], header.entry, content=content)


# ---- ELF -------------------------------------------------------------------------------------------------------------
def open_elf(content: bytes, name: str) -> ELFFile:
    """Bytes that begin as an ELF does -> pyelftools' view of them. Raises LoadError for what is no RV32 ELF."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    if len(content) < ELF_HEADER_SIZE:
        raise LoadError(f"{name}: truncated: {len(content)} bytes are less than the ELF header's {ELF_HEADER_SIZE}")
    if content[4] != 1 or content[5] != 1:
        bits = {1: "32-bit", 2: "64-bit"}.get(content[4], "unknown-class")
        order = {1: "little-endian", 2: "big-endian"}.get(content[5], "unknown-endian")
        raise LoadError(f"{name}: a {bits} {order} ELF; expected a 32-bit little-endian one")
    try:
        elf = ELFFile(BytesIO(content))
    except (ELFError, ValueError, KeyError, AttributeError, TypeError) as fault:
        raise LoadError(f"{name}: damaged ELF header: {fault}") from fault
    machine = elf["e_machine"]
    if machine != "EM_RISCV":
        label = str(machine).removeprefix("EM_") if isinstance(machine, str) else f"number {machine}"
        raise LoadError(f"{name}: an ELF for the machine {label}; expected RISC-V")
    return elf


def load_elf(content: bytes, name: str, mode: str) -> Image:
    """ELF executable -> Image. Segments load at their physical addresses, and the entry is translated alike."""
    if mode == "cisc":
        raise LoadError(f"{name}: an ELF for RISC-V, but the machine is in mode {mode!r}")
    elf = open_elf(content, name)
    if elf["e_type"] not in ("ET_EXEC", "ET_DYN"):
        raise LoadError(f"{name}: an ELF object file that is not linked; expected an executable")
    if elf["e_phentsize"] != elf.structs.Elf_Phdr.sizeof() and elf["e_phnum"]:
        raise LoadError(f"{name}: damaged ELF: program headers of {elf['e_phentsize']} bytes each")
    if elf["e_phoff"] + elf["e_phnum"] * elf["e_phentsize"] > len(content):
        raise LoadError(f"{name}: truncated: the program headers lie beyond the end of the file")
    entry = elf["e_entry"]
    segments = []
    for header in program_headers(elf):
        if header["p_type"] != "PT_LOAD" or not header["p_memsz"]:
            continue
        offset, size = header["p_offset"], header["p_filesz"]
        if offset + size > len(content):
            raise LoadError(
                f"{name}: truncated: a segment needs {offset + size} bytes of the file, which has {len(content)}"
            )
        if size > header["p_memsz"]:
            raise LoadError(f"{name}: damaged ELF: a segment of {header['p_memsz']} bytes has {size} bytes in the file")
        headers = max(RAM_BASE - header["p_paddr"], 0) if offset == 0 else 0
        # GNU ld puts the file's own headers in front of a text segment; they are not needed where there is no RAM.
        headers = headers if headers < size else 0
        data = content[offset + headers : offset + size]
        segments.append(Segment(header["p_paddr"] + headers, data, header["p_memsz"] - headers))
        if header["p_vaddr"] <= elf["e_entry"] < header["p_vaddr"] + header["p_memsz"]:
            entry = elf["e_entry"] - header["p_vaddr"] + header["p_paddr"]
    segments = without_clashes(segments)
    if not segments:
        raise LoadError(f"{name}: an ELF without anything to load")
    tohost, fromhost = (symbol_address(elf, symbol, name) for symbol in ("tohost", "fromhost"))
    compressed = bool(elf["e_flags"] & ELF_COMPRESSED)
    return Image(name, "elf", segments, entry, tohost, fromhost, compressed, content)


def without_clashes(segments: list[Segment]) -> list[Segment]:
    """-> the segments; those whose zeros would reach into the place of another one without them, as on QEMU: images
    that move themselves give such segments the address where they are stored, and clear what is theirs."""
    kept = []
    for one in segments:
        start, end = one.address, one.address + one.size
        clash = any(start < each.address + each.size and each.address < end for each in segments if each is not one)
        kept.append(one._replace(size=len(one.data)) if clash else one)
    return [segment for segment in kept if segment.size]


def program_headers(elf: ELFFile) -> Iterator[Any]:
    """-> the program headers in order. (iter_segments would also build an object for each kind of segment.)"""
    from elftools.common.utils import struct_parse

    for index in range(elf["e_phnum"]):
        yield struct_parse(elf.structs.Elf_Phdr, elf.stream, elf["e_phoff"] + index * elf["e_phentsize"])


def symbol_table(elf: ELFFile, name: str) -> tuple[bytes, bytes]:
    """-> (symbol records, their names), both empty when it was stripped. Raises LoadError when damaged.

    Read here, since pyelftools takes as many bytes as a header says, for sections of zeros and packed ones too.
    """
    assert isinstance(elf.stream, BytesIO)
    content = elf.stream.getvalue()
    headers = content[elf["e_shoff"] :][: elf["e_shnum"] * ELF_SECTION.size]
    if not headers:
        return b"", b""
    if elf["e_shentsize"] != ELF_SECTION.size or len(headers) != elf["e_shnum"] * ELF_SECTION.size:
        raise LoadError(f"{name}: damaged ELF symbol table: its section headers are cut short, or of another size")
    sections = list(ELF_SECTION.iter_unpack(headers))
    for _, kind, flags, _, at, size, link, *_ in sections:
        if kind == SHT_SYMTAB:
            if flags & SHF_COMPRESSED or link >= len(sections) or sections[link][1] != SHT_STRTAB:
                raise LoadError(f"{name}: damaged ELF symbol table: it is packed, or its names are no table of texts")
            names_at, names_size = sections[link][4:6]
            return content[at : at + size], content[names_at : names_at + names_size]
    return b"", b""


def symbol_address(elf: ELFFile, symbol: str, name: str) -> int | None:
    """Name of a symbol -> its value, None if it is not defined.

    With arrays, since a kernel has a hundred thousand symbols. Linkers let a name share the tail of a longer one
    (`tohost` of `write_tohost`), so each place where the name ends in the string table counts.
    """
    records, names = symbol_table(elf, name)
    ending = symbol.encode() + b"\0"
    places = []
    at = names.find(ending)
    while at >= 0:
        places.append(at)
        at = names.find(ending, at + 1)
    if not places:
        return None
    import numpy as np

    table = np.frombuffer(records[: len(records) - len(records) % ELF_SYMBOL.size], ELF_SYMBOL_FIELDS)
    found = np.flatnonzero(np.isin(table["name"], places) & (table["section"] != 0))
    return int(table["value"][found[0]]) if found.size else None


def elf_symbols(elf: ELFFile, name: str) -> Iterator[tuple[str, int]]:
    """-> (name, value) of each defined symbol of the ELF, sections and files left out."""
    records, names = symbol_table(elf, name)
    whole = len(records) - len(records) % ELF_SYMBOL.size
    for at, value, _, info, _, section in ELF_SYMBOL.iter_unpack(records[:whole]):
        if at and section and info & 0xF < 3:  # STT_NOTYPE, STT_OBJECT, STT_FUNC
            end = names.find(0, at, at + NAME_MOST)
            yield names[at : end if end >= 0 else at + NAME_MOST].decode("utf-8", "replace"), value
