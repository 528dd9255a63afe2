"""Notes and segments <-> bytes of an ELF core file of 32 bits, little-endian; without knowing what is in the notes.

System V Application Binary Interface, chapter "Object Files": header, program headers (here one PT_NOTE, then a PT_LOAD
for each segment), notes with names and contents filled up to words.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
PROGRAM_HEADER = struct.Struct("<8I")
NOTE = struct.Struct("<3I")
IDENT = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)  # class of 32 bits, least significant byte first, version 1
ET_CORE, VERSION, PT_LOAD, PT_NOTE = 4, 1, 1, 4
PAGE, WORD = 4096, 4
READ, WRITE, EXECUTE = 4, 2, 1  # p_flags


class CoreError(Exception):
    """A file that is no core file of ours, or a damaged one; the message is a sentence."""


class Note(NamedTuple):
    """name: of who has defined it; kind: its number; content: bytes."""

    name: str
    kind: int
    content: bytes


class Segment(NamedTuple):
    """address: virtual; flags: of READ, WRITE, EXECUTE."""

    address: int
    content: bytes
    flags: int


def write(machine: int, notes: Sequence[Note], segments: Sequence[Segment]) -> bytes:
    """e_machine, notes and segments -> the file."""
    described = b"".join(_note(note) for note in notes)
    count = 1 + len(segments)
    notes_at = HEADER.size + count * PROGRAM_HEADER.size
    at = notes_at + len(described) + PAGE - 1 & -PAGE
    gap = bytes(at - notes_at - len(described))
    rows = [PROGRAM_HEADER.pack(PT_NOTE, notes_at, 0, 0, len(described), 0, 0, WORD)]
    for segment in segments:
        size = len(segment.content)
        rows.append(PROGRAM_HEADER.pack(PT_LOAD, at, segment.address, 0, size, size, segment.flags, PAGE))
        at += size
    header = HEADER.pack(
        IDENT, ET_CORE, machine, VERSION, 0, HEADER.size, 0, 0, HEADER.size, PROGRAM_HEADER.size, count, 0, 0, 0
    )
    return b"".join((header, *rows, described, gap, *(segment.content for segment in segments)))


def _note(note: Note) -> bytes:
    name = note.name.encode() + b"\0"
    return NOTE.pack(len(name), len(note.content), note.kind) + _padded(name) + _padded(note.content)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % WORD)


def read(content: bytes, name: str) -> tuple[int, list[Note], list[Segment]]:
    """Bytes of a file and its name -> e_machine, notes, segments. Raises CoreError."""
    if content[: len(IDENT)] != IDENT:
        what = "an ELF file of another kind" if content[:4] == IDENT[:4] else "no ELF file"
        raise CoreError(f"{name}: {what}; expected a core file of 32 bits, least significant byte first")
    if len(content) < HEADER.size:
        raise CoreError(f"{name}: ends within the ELF header of {HEADER.size} bytes")
    _, kind, machine, _, _, rows_at, _, _, _, row_size, count, _, _, _ = HEADER.unpack_from(content)
    if kind != ET_CORE:
        raise CoreError(f"{name}: an ELF file of type {kind}; expected {ET_CORE}, a core file")
    if row_size != PROGRAM_HEADER.size or rows_at + count * row_size > len(content):
        raise CoreError(f"{name}: its {count} program headers are not all there")
    notes: list[Note] = []
    segments: list[Segment] = []
    for number in range(count):
        row = PROGRAM_HEADER.unpack_from(content, rows_at + number * row_size)
        what, at, address, _, size, memory, flags, _ = row
        if what not in (PT_LOAD, PT_NOTE):
            continue
        if at + size > len(content):
            raise CoreError(
                f"{name}: program header {number} tells of {size} bytes at {at:#x}, the file has {len(content)}"
            )
        if what == PT_NOTE:
            notes += _notes(content[at : at + size], name)
        elif size != memory or address % PAGE or size % PAGE or address + size > 1 << 32:
            raise CoreError(f"{name}: program header {number} is no whole number of pages")
        else:
            segments.append(Segment(address, content[at : at + size], flags))
    return machine, notes, segments


def _notes(content: bytes, name: str) -> Iterator[Note]:
    at = 0
    while at < len(content):
        if at + NOTE.size > len(content):
            raise CoreError(f"{name}: the notes end within one's head, at {at:#x}")
        name_size, size, kind = NOTE.unpack_from(content, at)
        at += NOTE.size
        end = at + (name_size + WORD - 1 & -WORD)
        if end + (size + WORD - 1 & -WORD) > len(content):
            raise CoreError(f"{name}: a note of {size} bytes goes beyond the end of the notes")
        owner = content[at : at + name_size].rstrip(b"\0").decode("ascii", "replace")
        yield Note(owner, kind, content[end : end + size])
        at = end + (size + WORD - 1 & -WORD)
