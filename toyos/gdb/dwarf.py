"""Lines and procedures of linked programs -> DWARF sections, so that gdb shows the source of what runs.

Source: DWARF Debugging Information Format, version 4, sections 2.17, 3.1, 3.3 (entries), 6.2 (line numbers), 7.5 and
7.6 (encoding). Of all that a debugger can be told, this is what assembly has: files, lines, procedures and labels. Data
are words or texts, and every procedure has a word for its result, so that gdb can show both without being told how.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

VERSION, ADDRESS_SIZE = 4, 4
LANGUAGE = 0x8001  # DW_LANG_Mips_Assembler, which all assemblers use
PRODUCER = "toyos as"

# ---- entries: abbreviation number -> tag, whether it has children, attributes with their forms (section 7.5) ---------
TAG_COMPILE_UNIT, TAG_SUBPROGRAM, TAG_LABEL = 0x11, 0x2E, 0x0A
TAG_VARIABLE, TAG_BASE_TYPE, TAG_ARRAY_TYPE, TAG_SUBRANGE_TYPE = 0x34, 0x24, 0x01, 0x21
NAME, STMT_LIST, LOW_PC, HIGH_PC, LANGUAGE_OF, COMP_DIR, PRODUCER_OF, EXTERNAL, DECL_FILE, DECL_LINE = (
    0x03, 0x10, 0x11, 0x12, 0x13, 0x1B, 0x25, 0x3F, 0x3A, 0x3B,
)  # fmt: skip
LOCATION, BYTE_SIZE, COUNT, ENCODING, TYPE = 0x02, 0x0B, 0x37, 0x3E, 0x49
ADDR, DATA2, DATA4, STRING, DATA1, FLAG, UDATA, REF4, SEC_OFFSET, EXPRLOC = (
    0x01, 0x05, 0x06, 0x08, 0x0B, 0x0C, 0x0F, 0x13, 0x17, 0x18,
)  # fmt: skip
OP_ADDR = 0x03
UNIT, PROCEDURE, LABEL, VARIABLE, BASE, ARRAY, RANGE = range(1, 8)
ABBREVIATIONS = {
    UNIT: (TAG_COMPILE_UNIT, True, (
        (PRODUCER_OF, STRING), (LANGUAGE_OF, DATA2), (NAME, STRING), (COMP_DIR, STRING), (STMT_LIST, SEC_OFFSET),
        (LOW_PC, ADDR), (HIGH_PC, DATA4),
    )),
    PROCEDURE: (TAG_SUBPROGRAM, True, (
        (NAME, STRING), (EXTERNAL, FLAG), (DECL_FILE, UDATA), (DECL_LINE, UDATA), (LOW_PC, ADDR), (HIGH_PC, DATA4),
        (TYPE, REF4),
    )),
    LABEL: (TAG_LABEL, False, ((NAME, STRING), (LOW_PC, ADDR))),
    VARIABLE: (TAG_VARIABLE, False, ((NAME, STRING), (TYPE, REF4), (EXTERNAL, FLAG), (LOCATION, EXPRLOC))),
    BASE: (TAG_BASE_TYPE, False, ((NAME, STRING), (ENCODING, DATA1), (BYTE_SIZE, DATA1))),
    ARRAY: (TAG_ARRAY_TYPE, True, ((TYPE, REF4),)),
    RANGE: (TAG_SUBRANGE_TYPE, False, ((TYPE, REF4), (COUNT, UDATA))),
}  # fmt: skip

WORD, CHARACTER = "int", "char"
BASE_TYPES = {WORD: (5, 4), CHARACTER: (6, 1)}  # DW_ATE_signed, DW_ATE_signed_char; bytes

# ---- line number programs (section 6.2.5) ----------------------------------------------------------------------------
COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE = 1, 2, 3, 4
END_SEQUENCE, SET_ADDRESS = 1, 2  # extended
OPERANDS = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)  # of the standard opcodes 1 to 12
SPECIAL_BASE, SPECIAL_RANGE = -5, 14  # of special opcodes, which are not used here


class Row(NamedTuple):
    """The code from `address` on comes from this line."""

    address: int
    file: str
    line: int


class Label(NamedTuple):
    name: str
    address: int


class Procedure(NamedTuple):
    """low, high: its first address and the one behind its last. labels: those inside it."""

    name: str
    low: int
    high: int
    external: bool
    labels: tuple[Label, ...]


class Variable(NamedTuple):
    """So many elements (WORD or CHARACTER) from an address on."""

    name: str
    address: int
    external: bool
    element: str
    elements: int


class Unit(NamedTuple):
    """What was linked into one text. rows: by address."""

    name: str
    folder: str
    low: int
    high: int
    rows: Sequence[Row]
    procedures: Sequence[Procedure]
    variables: Sequence[Variable] = ()


def sections(units: Sequence[Unit]) -> dict[str, bytes]:
    """-> name of a section -> its content."""
    info, line = bytearray(), bytearray()
    for unit in units:
        files = {file: number for number, file in enumerate(dict.fromkeys(row.file for row in unit.rows), 1)}
        info += _unit(unit, files, len(line))
        line += _line_program(unit, files)
    return {".debug_abbrev": _abbreviations(), ".debug_info": bytes(info), ".debug_line": bytes(line)}


def uleb(value: int) -> bytes:
    """Section 7.6: seven bits a byte, the lowest first."""
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*result, value))


def sleb(value: int) -> bytes:
    """The same for signed numbers."""
    result = bytearray()
    while not -0x40 <= value < 0x40:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*result, value & 0x7F))


def _string(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") + b"\0"


def _abbreviations() -> bytes:
    result = bytearray()
    for number, (tag, children, attributes) in ABBREVIATIONS.items():
        result += uleb(number) + uleb(tag) + bytes((children,))
        for attribute, form in (*attributes, (0, 0)):
            result += uleb(attribute) + uleb(form)
    return bytes(result) + b"\0"


_ENCODERS = {
    ADDR: struct.Struct("<I").pack, DATA4: struct.Struct("<I").pack, SEC_OFFSET: struct.Struct("<I").pack,
    DATA2: struct.Struct("<H").pack, FLAG: struct.Struct("<B").pack, UDATA: uleb, STRING: _string,
    DATA1: struct.Struct("<B").pack, REF4: struct.Struct("<I").pack,
    EXPRLOC: lambda address: uleb(1 + ADDRESS_SIZE) + struct.pack("<BI", OP_ADDR, address),  # a place, nothing else
}  # fmt: skip


def _entry(number: int, *values: object) -> bytes:
    attributes = ABBREVIATIONS[number][2]
    encoded = (_ENCODERS[form](value) for (_, form), value in zip(attributes, values, strict=True))
    return uleb(number) + b"".join(encoded)


HEAD = struct.Struct("<IHIB")  # length of what follows, version, offset of the abbreviations, bytes of an address


def _unit(unit: Unit, files: dict[str, int], line_offset: int) -> bytes:
    entries = bytearray(
        _entry(UNIT, PRODUCER, LANGUAGE, unit.name, unit.folder, line_offset, unit.low, unit.high - unit.low)
    )
    types: dict[tuple[str, int], int] = {}  # element and count -> where the type is, from the unit's beginning
    for name, (encoding, size) in BASE_TYPES.items():
        types[name, 1] = HEAD.size + len(entries)
        entries += _entry(BASE, name, encoding, size)
    for kind in dict.fromkeys((each.element, each.elements) for each in unit.variables):
        if kind not in types:
            types[kind] = HEAD.size + len(entries)
            entries += _entry(ARRAY, types[kind[0], 1]) + _entry(RANGE, types[WORD, 1], kind[1]) + b"\0"
    for each in unit.variables:
        entries += _entry(VARIABLE, each.name, types[each.element, each.elements], each.external, each.address)
    first = {row.address: row for row in unit.rows}
    for procedure in unit.procedures:
        row = first.get(procedure.low)
        file, number = (files[row.file], row.line) if row else (0, 0)
        size = procedure.high - procedure.low
        result = types[WORD, 1]
        entries += _entry(PROCEDURE, procedure.name, procedure.external, file, number, procedure.low, size, result)
        for label in procedure.labels:
            entries += _entry(LABEL, label.name, label.address)
        entries += b"\0"
    entries += b"\0"
    return HEAD.pack(HEAD.size - 4 + len(entries), VERSION, 0, ADDRESS_SIZE) + bytes(entries)


def _line_program(unit: Unit, files: dict[str, int]) -> bytes:
    """Section 6.2.4: a header with the files, then one sequence of rows."""
    table = b"\0" + b"".join(_string(file) + b"\0\0\0" for file in files) + b"\0"  # folder 0, no time, no size
    head = struct.pack("<BBBbBB", 1, 1, 1, SPECIAL_BASE, SPECIAL_RANGE, len(OPERANDS) + 1) + bytes(OPERANDS) + table
    code = bytearray()
    file, line, address = 1, 1, unit.low
    code += b"\0" + uleb(1 + ADDRESS_SIZE) + bytes((SET_ADDRESS,)) + struct.pack("<I", address)
    for row in unit.rows:
        if files[row.file] != file:
            file = files[row.file]
            code += bytes((SET_FILE,)) + uleb(file)
        if row.line != line:
            code += bytes((ADVANCE_LINE,)) + sleb(row.line - line)
        if row.address != address:
            code += bytes((ADVANCE_PC,)) + uleb(row.address - address)
        code.append(COPY)
        line, address = row.line, row.address
    code += bytes((ADVANCE_PC,)) + uleb(unit.high - address) + b"\0" + uleb(1) + bytes((END_SEQUENCE,))
    rest = struct.pack("<I", len(head)) + head + bytes(code)
    return struct.pack("<IH", 2 + len(rest), VERSION) + rest
