"""Lines and procedures of linked programs -> DWARF sections, so that gdb shows the source of what runs.

Source: DWARF Debugging Information Format, version 4, sections 2.17, 3.1, 3.3 (entries), 6.2 (line numbers), 7.5 and
7.6 (encoding). Of all that a debugger can be told, this is what assembly has: files, lines, procedures and labels.
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
NAME, STMT_LIST, LOW_PC, HIGH_PC, LANGUAGE_OF, COMP_DIR, PRODUCER_OF, EXTERNAL, DECL_FILE, DECL_LINE = (
    0x03, 0x10, 0x11, 0x12, 0x13, 0x1B, 0x25, 0x3F, 0x3A, 0x3B,
)  # fmt: skip
ADDR, DATA2, DATA4, STRING, FLAG, UDATA, SEC_OFFSET = 0x01, 0x05, 0x06, 0x08, 0x0C, 0x0F, 0x17
UNIT, PROCEDURE, LABEL = 1, 2, 3
ABBREVIATIONS = {
    UNIT: (TAG_COMPILE_UNIT, True, (
        (PRODUCER_OF, STRING), (LANGUAGE_OF, DATA2), (NAME, STRING), (COMP_DIR, STRING), (STMT_LIST, SEC_OFFSET),
        (LOW_PC, ADDR), (HIGH_PC, DATA4),
    )),
    PROCEDURE: (TAG_SUBPROGRAM, True, (
        (NAME, STRING), (EXTERNAL, FLAG), (DECL_FILE, UDATA), (DECL_LINE, UDATA), (LOW_PC, ADDR), (HIGH_PC, DATA4),
    )),
    LABEL: (TAG_LABEL, False, ((NAME, STRING), (LOW_PC, ADDR))),
}  # fmt: skip

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


class Unit(NamedTuple):
    """What was linked into one text. rows: by address."""

    name: str
    folder: str
    low: int
    high: int
    rows: Sequence[Row]
    procedures: Sequence[Procedure]


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
}  # fmt: skip


def _entry(number: int, *values: object) -> bytes:
    attributes = ABBREVIATIONS[number][2]
    encoded = (_ENCODERS[form](value) for (_, form), value in zip(attributes, values, strict=True))
    return uleb(number) + b"".join(encoded)


def _unit(unit: Unit, files: dict[str, int], line_offset: int) -> bytes:
    entries = bytearray(
        _entry(UNIT, PRODUCER, LANGUAGE, unit.name, unit.folder, line_offset, unit.low, unit.high - unit.low)
    )
    first = {row.address: row for row in unit.rows}
    for procedure in unit.procedures:
        row = first.get(procedure.low)
        file, number = (files[row.file], row.line) if row else (0, 0)
        size = procedure.high - procedure.low
        entries += _entry(PROCEDURE, procedure.name, procedure.external, file, number, procedure.low, size)
        for label in procedure.labels:
            entries += _entry(LABEL, label.name, label.address)
        entries += b"\0"
    entries += b"\0"
    head = struct.pack("<HIB", VERSION, 0, ADDRESS_SIZE)
    return struct.pack("<I", len(head) + len(entries)) + head + bytes(entries)


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
