"""a.out bytes -> Object, and Object -> bytes: the one file format of objects and executables.

The format is the a.out of 4.3BSD (see a.out(5) of any BSD), little-endian, with three additions for RISC:
a machine id per processor mode, 12-byte relocation records that carry an addend, and alignment records.

    header     8 words: midmag text data bss syms entry trsize drsize          (at offset 0, 32 bytes)
    text       at offset 32, or 4096 when the magic is ZMAGIC                  code, then read-only data
    data       directly after text
    relocations of text, relocations of data                                   12 bytes each
    symbols    nlist records                                                   12 bytes each
    strings    one word: size of the table with this word; then NUL-terminated names; absent without symbols

midmag = flags << 26 | machine id << 16 | magic. EX_OBJECT is set in files that are not linked yet. In those, the value
of a symbol is an offset within its own section; in executables it is an address, and text loads at the entry
address rounded down to a page, so entry must lie in the first page of text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

HEADER = struct.Struct("<8I")
NLIST = struct.Struct("<IBBHI")  # offset of the name in the strings, type, other, desc, value
RELOCATION = struct.Struct("<IIi")  # address, symbol index | extern << 24 | kind << 25, addend
WORD = struct.Struct("<I")
PAGE = 4096
NAME_MOST = 4096  # bytes of a symbol's name: names may share theirs in the string table, and would add up
MIN_ALIGN = 4  # alignment of a section that has no alignment record
MAX_ALIGN = 1 << 16

OMAGIC, NMAGIC, ZMAGIC = 0o407, 0o410, 0o413
MAGICS = {"OMAGIC": OMAGIC, "NMAGIC": NMAGIC, "ZMAGIC": ZMAGIC}
MACHINE_IDS = {"risc": 0x301, "window": 0x302, "cisc": 0x303}
MODES = {mid: mode for mode, mid in MACHINE_IDS.items()}
EX_OBJECT = 1  # header flag: relocatable, not executable

# Symbol types. The section is in N_TYPE; any bit of N_STAB marks a record for debuggers.
N_UNDF, N_EXT, N_ABS, N_TEXT, N_DATA, N_BSS = 0, 1, 2, 4, 6, 8
N_WEAKU, N_WEAKA, N_WEAKT, N_WEAKD, N_WEAKB = 13, 14, 15, 16, 17
N_STAB = 0xE0
N_SLINE, N_SO, N_SOL = 0x44, 0x64, 0x84
N_ALIGN = 0xEE  # ours: `other` = N_TEXT, N_DATA or N_BSS; value = alignment of that section in bytes

SECTION_TYPES = {"undef": N_UNDF, "abs": N_ABS, "text": N_TEXT, "data": N_DATA, "bss": N_BSS}
SECTION_NAMES = {number: name for name, number in SECTION_TYPES.items()}
WEAK_TYPES = {"undef": N_WEAKU, "abs": N_WEAKA, "text": N_WEAKT, "data": N_WEAKD, "bss": N_WEAKB}
WEAK_NAMES = {number: name for name, number in WEAK_TYPES.items()}
KINDS_OF_SYMBOL = ("", "object", "func")  # index = `other` of the record, as in NetBSD's n_aux

# Relocation kinds: name -> (number in the file, bytes patched). What each one computes: assembler/relocate.py.
RELOCATION_KINDS: dict[str, tuple[int, int]] = {
    "ABS32": (0, 4), "ABS16": (1, 2), "ABS8": (2, 1),
    "BRANCH": (3, 4), "JAL": (4, 4), "CALL": (5, 8),
    "HI20": (6, 4), "LO12_I": (7, 4), "LO12_S": (8, 4),
    "PCREL_HI20": (9, 4), "PCREL_LO12_I": (10, 4), "PCREL_LO12_S": (11, 4),
    "ADD32": (12, 4), "ADD16": (13, 2), "ADD8": (14, 1),
    "SUB32": (15, 4), "SUB16": (16, 2), "SUB8": (17, 1),
    "PC8": (18, 1), "PC32": (19, 4),
}  # fmt: skip
RELOCATION_NAMES = {number: name for name, (number, _) in RELOCATION_KINDS.items()}


class AoutError(Exception):
    """A file that is not a sound a.out (or an Object that cannot be one): says where and what was expected.

    `name` is the file's name, `offset` the byte offset of the fault in the file (None when there is no file yet).
    """

    def __init__(self, name: str, offset: int | None, fault: str) -> None:
        self.name, self.offset, self.fault = name, offset, fault
        super().__init__(f"{name}: {fault}" + ("" if offset is None else f" (at offset {offset:#x})"))


@dataclass(slots=True)
class Symbol:
    """A name and what it stands for.

    section: undef, abs, text, data, bss or common. value: offset in the section (objects), address (executables),
    or size in bytes (common). binding: local, global or weak. kind: "", "object" or "func". align: common only, bytes.
    """

    name: str
    section: str = "undef"
    value: int = 0
    binding: str = "global"
    kind: str = ""
    align: int = 1

    @property
    def defined(self) -> bool:
        """True if the symbol has a place or a value of its own (a common symbol has none yet)."""
        return self.section not in ("undef", "common")


@dataclass(slots=True)
class Relocation:
    """Patch `kind` at `address` (offset in its section) with the address of `target` plus `addend`.

    target: a Symbol of the same Object, or the name of a section of it: abs, text, data, bss.
    """

    address: int
    kind: str
    target: Symbol | str
    addend: int = 0


class Line(NamedTuple):
    """The code from `address` (of text; offset or address as for symbols) on comes from line `line` of `file`."""

    address: int
    file: str
    line: int


@dataclass(slots=True)
class Object:
    """An object file or an executable in memory; see the module's head for the layout it is written in."""

    mode: str = "risc"
    magic: int = OMAGIC
    relocatable: bool = True
    entry: int = 0
    text: bytes = b""
    data: bytes = b""
    bss: int = 0
    symbols: list[Symbol] = field(default_factory=list)
    text_relocations: list[Relocation] = field(default_factory=list)
    data_relocations: list[Relocation] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    text_align: int = MIN_ALIGN
    data_align: int = MIN_ALIGN
    bss_align: int = MIN_ALIGN
    name: str = field(default="<object>", compare=False)

    @property
    def text_address(self) -> int:
        """Address at which text loads; 0 in a relocatable object."""
        return 0 if self.relocatable else self.entry & -PAGE

    @property
    def data_address(self) -> int:
        """Address at which data loads; 0 in a relocatable object. Bss follows data directly."""
        return 0 if self.relocatable else data_start(self.magic, self.text_address + len(self.text))


def data_start(magic: int, text_end: int) -> int:
    """Address of the first byte after text -> address of data: the same for OMAGIC, else the next page boundary."""
    return text_end if magic == OMAGIC else text_end + PAGE - 1 & -PAGE


class Header(NamedTuple):
    """The 32 bytes at the start, decoded; sizes in bytes."""

    mode: str
    magic: int
    relocatable: bool
    text: int
    data: int
    bss: int
    syms: int
    entry: int
    trsize: int
    drsize: int

    @property
    def text_offset(self) -> int:
        """File offset of text."""
        return PAGE if self.magic == ZMAGIC else HEADER.size


def is_aout(content: bytes) -> bool:
    """First bytes of a file -> True if they carry an a.out magic and the machine id of one of our modes."""
    if len(content) < 4:
        return False
    midmag = WORD.unpack_from(content)[0]
    return midmag & 0xFFFF in MAGICS.values() and midmag >> 16 & 0x3FF in MODES


def read_header(content: bytes, name: str = "<bytes>") -> Header:
    """Bytes of a whole a.out file -> its Header, having checked that text and data are all there.

    This alone is what a loader needs: text is content[h.text_offset:][:h.text], and data follows it.
    Raises AoutError for foreign and truncated files.
    """
    if len(content) < HEADER.size:
        raise AoutError(name, len(content), f"file ends within the {HEADER.size}-byte a.out header")
    midmag, text, data, bss, syms, entry, trsize, drsize = HEADER.unpack_from(content)
    magic, mid, flags = midmag & 0xFFFF, midmag >> 16 & 0x3FF, midmag >> 26
    if magic not in MAGICS.values():
        raise AoutError(name, 0, f"not an a.out file: magic number 0{magic:o}, expected 0407, 0410 or 0413")
    if mid not in MODES:
        known = ", ".join(f"{number:#x} ({mode})" for mode, number in MACHINE_IDS.items())
        raise AoutError(name, 2, f"a.out file of a foreign machine: id {mid:#x}, expected one of {known}")
    if flags & ~EX_OBJECT:
        raise AoutError(name, 3, f"unknown header flags {flags:#x}, expected 0 or {EX_OBJECT}")
    header = Header(MODES[mid], magic, bool(flags & EX_OBJECT), text, data, bss, syms, entry, trsize, drsize)
    if header.relocatable and magic != OMAGIC:
        raise AoutError(name, 0, f"relocatable object with magic number 0{magic:o}, expected 0407")
    if magic == ZMAGIC and (text | data) % PAGE:
        raise AoutError(name, 4, f"demand-paged executable whose text or data size is no multiple of {PAGE}")
    if header.text_offset + text + data > len(content):
        need = header.text_offset + text + data
        raise AoutError(name, len(content), f"truncated: text and data need {need} bytes, the file has {len(content)}")
    if not header.relocatable and not 0 <= entry % PAGE < max(text, 1):
        raise AoutError(name, 20, f"entry {entry:#x} lies outside the first page of text")
    return header


def read(content: bytes, name: str = "<bytes>") -> Object:
    """Bytes of an a.out file -> Object. Raises AoutError that names the offset and the fault."""
    header = read_header(content, name)
    for offset, part, size, entry_size in (
        (16, "symbol table", header.syms, NLIST.size),
        (24, "text relocations", header.trsize, RELOCATION.size),
        (28, "data relocations", header.drsize, RELOCATION.size),
    ):
        if size % entry_size:
            raise AoutError(name, offset, f"size of the {part} is {size}, no multiple of {entry_size}")
    text_at = header.text_offset
    data_at = text_at + header.text
    trel_at = data_at + header.data
    drel_at = trel_at + header.trsize
    syms_at = drel_at + header.drsize
    strings_at = syms_at + header.syms
    if strings_at > len(content):
        raise AoutError(name, len(content), f"truncated: relocations and symbols need {strings_at} bytes")
    result = Object(
        header.mode, header.magic, header.relocatable, header.entry,
        bytes(content[text_at:data_at]), bytes(content[data_at:trel_at]), header.bss, name=name,
    )  # fmt: skip
    by_index = _read_symbols(content, syms_at, strings_at, result)
    for at, end, limit, into in (
        (trel_at, drel_at, header.text, result.text_relocations),
        (drel_at, syms_at, header.data, result.data_relocations),
    ):
        into.extend(_read_relocations(content, at, end, limit, by_index, name))
    return result


def _string_table(content: bytes, at: int, name: str, needed: bool) -> bytes:
    """The string table at offset `at`, which must end the file."""
    if at == len(content) and not needed:
        return WORD.pack(WORD.size)
    if at + WORD.size > len(content):
        raise AoutError(name, at, "truncated: the string table is missing")
    size = WORD.unpack_from(content, at)[0]
    if size < WORD.size or at + size != len(content):
        raise AoutError(name, at, f"string table of {size} bytes, but {len(content) - at} bytes are left in the file")
    if size > WORD.size and content[-1]:
        raise AoutError(name, len(content) - 1, "the last name in the string table has no NUL at its end")
    return bytes(content[at:])


def _read_symbols(content: bytes, at: int, end: int, result: Object) -> list[Symbol | None]:
    """Fills symbols, lines and alignments of `result` -> the symbols by record index (None: a debugger's record)."""
    name = result.name
    strings = _string_table(content, end, name, needed=at < end)
    by_index: list[Symbol | None] = []
    file = ""
    for offset in range(at, end, NLIST.size):
        strx, kind, other, desc, value = NLIST.unpack_from(content, offset)
        if strx and not WORD.size <= strx < len(strings):
            raise AoutError(name, offset, f"symbol whose name is at {strx} in a string table of {len(strings)} bytes")
        ends = strings.find(0, strx, strx + NAME_MOST + 1) if strx else 0
        if ends < 0:
            raise AoutError(name, offset, f"symbol with a name of more than {NAME_MOST} bytes")
        text = strings[strx:ends].decode("utf-8", "surrogateescape")
        symbol = None
        if kind == N_SLINE:
            result.lines.append(Line(value, file, other << 16 | desc))
        elif kind in (N_SO, N_SOL):
            file = text
        elif kind == N_ALIGN:
            if other not in (N_TEXT, N_DATA, N_BSS) or not MIN_ALIGN < value <= MAX_ALIGN or value & value - 1:
                raise AoutError(name, offset, f"alignment record for section type {other} with alignment {value}")
            setattr(result, SECTION_NAMES[other] + "_align", value)
        elif not kind & N_STAB:
            symbol = _symbol(text, kind, other, desc, value)
            if symbol is None:
                raise AoutError(name, offset, f"symbol {text!r} has unknown type {kind:#x}")
            result.symbols.append(symbol)
        by_index.append(symbol)
    return by_index


def _symbol(name: str, kind: int, other: int, desc: int, value: int) -> Symbol | None:
    """The fields of one record -> Symbol, None if the type is not one of ours."""
    if other >= len(KINDS_OF_SYMBOL):
        return None
    what = KINDS_OF_SYMBOL[other]
    if kind == N_UNDF | N_EXT and value:
        return Symbol(name, "common", value, "global", what, 1 << desc) if desc <= 16 else None
    if kind in WEAK_NAMES:
        return Symbol(name, WEAK_NAMES[kind], value, "weak", what)
    section = SECTION_NAMES.get(kind & ~N_EXT)
    if section is None or kind == N_UNDF:
        return None
    return Symbol(name, section, value, "global" if kind & N_EXT else "local", what)


def _read_relocations(
    content: bytes, at: int, end: int, limit: int, by_index: list[Symbol | None], name: str
) -> Iterator[Relocation]:
    """Records from offset `at` to `end` -> Relocations of a section of `limit` bytes."""
    for offset in range(at, end, RELOCATION.size):
        address, info, addend = RELOCATION.unpack_from(content, offset)
        index, extern, number = info & 0xFFFFFF, info >> 24 & 1, info >> 25
        kind = RELOCATION_NAMES.get(number)
        if kind is None:
            raise AoutError(name, offset, f"relocation of unknown kind {number}")
        if address + RELOCATION_KINDS[kind][1] > limit:
            raise AoutError(name, offset, f"{kind} relocation at {address:#x}, outside its section of {limit} bytes")
        target: Symbol | str | None
        if extern:
            target = by_index[index] if index < len(by_index) else None
        else:
            target = SECTION_NAMES.get(index) if index != N_UNDF else None
        if target is None:
            what = "symbol" if extern else "section"
            raise AoutError(name, offset, f"{kind} relocation against {what} number {index}, which does not exist")
        yield Relocation(address, kind, target, addend)


def write(obj: Object) -> bytes:
    """Object -> bytes of the a.out file, a function of the Object alone. Raises AoutError if it cannot be expressed."""
    strings = bytearray(WORD.size)
    offsets: dict[str, int] = {"": 0}

    def nlist(text: str, kind: int, other: int, desc: int, value: int) -> bytes:
        if text not in offsets:
            offsets[text] = len(strings)
            encoded = text.encode("utf-8", "surrogateescape")
            if len(encoded) > NAME_MOST:
                raise ValueError(f"a name of {len(encoded)} bytes; expected {NAME_MOST} at most")
            strings.extend(encoded + b"\0")
        return NLIST.pack(offsets[text], kind, other, desc, value & 0xFFFFFFFF)

    try:
        records = [nlist(s.name, *_symbol_fields(s)) for s in obj.symbols]
        for section in ("text", "data", "bss"):
            align = getattr(obj, section + "_align")
            if align > MIN_ALIGN:
                records.append(nlist("", N_ALIGN, SECTION_TYPES[section], 0, align))
        file = ""
        for line in obj.lines:
            if line.file != file:
                records.append(nlist(line.file, N_SOL if file else N_SO, 0, 0, line.address))
                file = line.file
            records.append(nlist("", N_SLINE, line.line >> 16, line.line & 0xFFFF, line.address))
        index_of = {id(symbol): index for index, symbol in enumerate(obj.symbols)}
        trel = b"".join(_relocation_bytes(r, index_of) for r in obj.text_relocations)
        drel = b"".join(_relocation_bytes(r, index_of) for r in obj.data_relocations)
        flags = EX_OBJECT if obj.relocatable else 0
        header = HEADER.pack(
            flags << 26 | MACHINE_IDS[obj.mode] << 16 | obj.magic, len(obj.text), len(obj.data), obj.bss,
            len(records) * NLIST.size, obj.entry, len(trel), len(drel),
        )  # fmt: skip
    except (KeyError, struct.error, ValueError) as fault:
        raise AoutError(obj.name, None, f"cannot be written as a.out: {fault}") from fault
    WORD.pack_into(strings, 0, len(strings))
    gap = bytes(PAGE - HEADER.size) if obj.magic == ZMAGIC else b""
    return b"".join((header, gap, obj.text, obj.data, trel, drel, *records, bytes(strings) if records else b""))


def _symbol_fields(symbol: Symbol) -> tuple[int, int, int, int]:
    """Symbol -> (type, other, desc, value) of its record."""
    other = KINDS_OF_SYMBOL.index(symbol.kind)
    if symbol.section == "common":
        return N_UNDF | N_EXT, other, symbol.align.bit_length() - 1, symbol.value
    if symbol.binding == "weak":
        return WEAK_TYPES[symbol.section], other, 0, symbol.value
    if symbol.section == "undef" and (symbol.binding != "global" or symbol.value):
        raise ValueError(f"undefined symbol {symbol.name!r} must be global or weak and have value 0")
    return SECTION_TYPES[symbol.section] | (symbol.binding == "global"), other, 0, symbol.value


def _relocation_bytes(relocation: Relocation, index_of: dict[int, int]) -> bytes:
    target = relocation.target
    if isinstance(target, str):
        info = SECTION_TYPES[target]
    elif id(target) in index_of:
        info = index_of[id(target)] | 1 << 24
    else:
        raise ValueError(f"relocation against {target.name!r}, which is not in the symbol table")
    return RELOCATION.pack(relocation.address, info | RELOCATION_KINDS[relocation.kind][0] << 25, relocation.addend)
