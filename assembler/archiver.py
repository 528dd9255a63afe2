"""Archives: bytes of a common `ar` file <-> Archive, with the symbol index that a linker needs.

Written in the System V / GNU variant: the index is a member named "/", names that are too long for the header stand in
a member named "//". Dates and owners are zero and modes 644, so that equal members give equal bytes ("D" of GNU ar).
Reads BSD's "#1/length" names too. Source: ar(5) of GNU binutils and of FreeBSD.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vm import aout

MAGIC = b"!<arch>\n"
THIN_MAGIC = b"!<thin>\n"
HEADER = struct.Struct("16s12s6s6s8s10s2s")  # name date uid gid mode size end, all of them text
HEADER_END = b"`\n"
INDEX, LONG_NAMES = "/", "//"
SHORT_NAME = 15  # longest name that fits the header with its closing slash
COUNT = struct.Struct(">I")


class ArchiveError(Exception):
    """A file that is no sound archive, or a member that is not there; the text is a sentence with the file's name."""


@dataclass(slots=True)
class Member:
    """One file in an archive."""

    name: str
    content: bytes
    mode: int = 0o644


@dataclass(slots=True)
class Archive:
    """Members in order. `index`: symbol -> member that defines it, as the file says; None if it has no index."""

    members: list[Member] = field(default_factory=list)
    index: dict[str, Member] | None = field(default=None, compare=False)
    name: str = field(default="<archive>", compare=False)

    def member(self, name: str) -> Member:
        """Name -> the first member of that name. Raises ArchiveError if there is none."""
        for member in self.members:
            if member.name == name:
                return member
        raise ArchiveError(f"{self.name}: no member named {name}")

    def definitions(self) -> dict[str, Member]:
        """-> symbol -> first member that defines it: from the index, or from the members themselves without one."""
        if not self.index:  # none, or one made by an ar that does not know our objects
            self.index = definitions(self.members)
        return self.index


def definitions(members: Iterable[Member]) -> dict[str, Member]:
    """Members -> global symbol -> the first member that defines it (members that are not objects define nothing)."""
    result: dict[str, Member] = {}
    for member in members:
        if aout.is_aout(member.content):
            for symbol in aout.read(member.content, member.name).symbols:
                if symbol.binding != "local" and symbol.section != "undef":
                    result.setdefault(symbol.name, member)
    return result


def archive(objects: Mapping[str, aout.Object], name: str = "<archive>") -> Archive:
    """Member name -> Object, in order -> Archive of them."""
    return Archive([Member(member, aout.write(obj)) for member, obj in objects.items()], name=name)


def is_archive(content: bytes) -> bool:
    """First bytes of a file -> True for an archive, thin ones included (which read() then refuses with a reason)."""
    return content.startswith((MAGIC, THIN_MAGIC))


def read(content: bytes, name: str = "<bytes>") -> Archive:
    """Bytes of an archive -> Archive. Raises ArchiveError that names the offset and the fault."""
    if content.startswith(THIN_MAGIC):
        raise ArchiveError(f"{name}: a thin archive, which does not hold its members; make it without 'T'")
    if not content.startswith(MAGIC):
        raise ArchiveError(f"{name}: not an archive: it does not begin with {MAGIC.decode().strip()}")
    result = Archive(name=name)
    at_offset: dict[int, Member] = {}
    index, long_names = b"", b""
    offset = len(MAGIC)
    while offset < len(content):
        start, raw = offset, content[offset : offset + HEADER.size]
        if len(raw) < HEADER.size:
            raise ArchiveError(f"{name}: truncated: a member header at offset {start:#x} is cut off")
        title_bytes, _, _, _, mode, size_text, end = HEADER.unpack(raw)
        offset += HEADER.size
        size = _number(size_text, 10)
        if end != HEADER_END or size is None:
            raise ArchiveError(f"{name}: no member header at offset {start:#x}")
        if offset + size > len(content):
            left = len(content) - offset
            raise ArchiveError(f"{name}: truncated: the member at offset {start:#x} has {size} bytes, {left} are left")
        body = content[offset : offset + size]
        offset += size + size % 2
        title = title_bytes.decode("utf-8", "surrogateescape").rstrip(" ")
        if title == INDEX:
            index = body
        elif title == LONG_NAMES:
            long_names = body
        else:
            title, body = _full_name(title, body, long_names, name, start)
            if title in ("__.SYMDEF", "__.SYMDEF SORTED"):  # BSD's index: the members themselves say the same
                continue
            at_offset[start] = Member(title, body, (_number(mode, 8) or 0o644) & 0o7777)
    result.members = list(at_offset.values())
    if index:
        result.index = _read_index(index, at_offset, name)
    return result


def _number(text: bytes, base: int) -> int | None:
    """A header field -> its number, None if it is none."""
    digits = text.rstrip(b" ")
    return int(digits, base) if digits.isdigit() and (base == 10 or not set(digits) & set(b"89")) else None


def _full_name(title: str, body: bytes, long_names: bytes, name: str, start: int) -> tuple[str, bytes]:
    """The name in a header, and the member's bytes -> its real name, and the bytes without a name in front."""
    if title.startswith("#1/") and title[3:].isdecimal():
        length = int(title[3:])
        return body[:length].rstrip(b"\0").decode("utf-8", "surrogateescape"), body[length:]
    if title.startswith("/"):
        at = int(title[1:]) if title[1:].isdecimal() else -1
        end = long_names.find(b"\n", at)
        if at < 0 or end < 0:
            raise ArchiveError(f"{name}: the member at offset {start:#x} has the name {title!r}, which does not exist")
        title = long_names[at:end].decode("utf-8", "surrogateescape")
    return title.removesuffix("/"), body


def _read_index(index: bytes, at_offset: Mapping[int, Member], name: str) -> dict[str, Member]:
    """The "/" member -> symbol -> member."""
    count = COUNT.unpack_from(index)[0] if len(index) >= COUNT.size else -1
    names_at = COUNT.size * (count + 1)
    names = index[names_at:].split(b"\0")
    if count < 0 or names_at > len(index) or len(names) <= count:
        raise ArchiveError(f"{name}: the symbol index is damaged; make it anew with ar s")
    result: dict[str, Member] = {}
    for number in range(count):
        member = at_offset.get(COUNT.unpack_from(index, COUNT.size * (number + 1))[0])
        if member is None:
            raise ArchiveError(f"{name}: the symbol index points between members; make it anew with ar s")
        result.setdefault(names[number].decode("utf-8", "surrogateescape"), member)
    return result


def write(source: Archive, index: bool = True) -> bytes:
    """Archive -> bytes of the file, with a symbol index unless index=False or there is nothing to list."""
    titles, long_names = _titles(source.members)
    bodies = [_member(title, m.content, m.mode) for title, m in zip(titles, source.members, strict=True)]
    extra = _member(LONG_NAMES, bytes(long_names)) if long_names else b""
    found = definitions(source.members) if index else {}
    if not found:
        return b"".join((MAGIC, extra, *bodies))
    names = b"".join(symbol.encode("utf-8", "surrogateescape") + b"\0" for symbol in found)
    size = COUNT.size * (len(found) + 1) + len(names)
    offset = len(MAGIC) + HEADER.size + size + size % 2 + len(extra)
    offsets: dict[int, int] = {}
    for member, body in zip(source.members, bodies, strict=True):
        offsets[id(member)] = offset
        offset += len(body)
    table = [COUNT.pack(len(found)), *(COUNT.pack(offsets[id(member)]) for member in found.values()), names]
    return b"".join((MAGIC, _member(INDEX, b"".join(table)), extra, *bodies))


def _titles(members: Iterable[Member]) -> tuple[list[str], bytearray]:
    """Members -> the names as their headers give them, and the table of those that are too long."""
    titles, long_names = [], bytearray()
    for member in members:
        raw = member.name.encode("utf-8", "surrogateescape")
        if not raw or b"/" in raw or b"\n" in raw:
            raise ArchiveError(f"{member.name!r} cannot be the name of an archive member")
        if len(raw) > SHORT_NAME:
            titles.append(f"/{len(long_names)}")
            long_names += raw + b"/\n"
        else:
            titles.append(member.name + "/")
    return titles, long_names


def _member(title: str, content: bytes, mode: int = 0) -> bytes:
    """One member with its header, padded to an even length."""
    fields = (title, "0", "0", "0", f"{mode:o}", str(len(content)))
    texts = (text.encode("utf-8", "surrogateescape").ljust(width) for text, width in
             zip(fields, (16, 12, 6, 6, 8, 10), strict=True))  # fmt: skip
    return HEADER.pack(*texts, HEADER_END) + content + b"\n" * (len(content) % 2)
