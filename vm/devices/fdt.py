"""Tree of nodes and properties -> flattened device tree, the binary form that boot software passes on; and back.

Source: Devicetree Specification 0.4, chapter 5 (version 17 of the format). All numbers are big endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

MAGIC, VERSION, LAST_COMPATIBLE = 0xD00D_FEED, 17, 16
BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9
HEADER = struct.Struct(">10I")
RESERVATION = struct.Struct(">2Q")  # address and size; the list ends with an empty one
DEEPEST = 64  # nodes within nodes: real trees have less than ten
NAME_MOST = 255  # bytes of a property's name, where the format means 31: names may share theirs, and add up

Value: TypeAlias = bytes | str | int | list[int] | list[str] | None
Reservation: TypeAlias = tuple[int, int]


class FdtError(ValueError):
    """Bytes that are no flattened device tree; the message says what is wrong with them, without a file's name."""


@dataclass(slots=True)
class Node:
    """One node. `name` includes the unit address ("memory@80000000"); the root's name is empty.

    A property is text, a list of texts, a cell (32 bits), a list of cells, raw bytes, or None for "present, no value".
    """

    name: str = ""
    properties: dict[str, Value] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def add(self, name: str, properties: dict[str, Value]) -> "Node":
        """Name and properties of a new child, put behind the others -> the child."""
        child = Node(name, properties)
        self.children.append(child)
        return child


def encode(value: Value) -> bytes:
    """Property value -> its bytes: texts end in NUL, cells are 32 bits big endian."""
    match value:
        case None:
            return b""
        case bytes():
            return value
        case str():
            return value.encode() + b"\0"
        case int():
            return struct.pack(">I", value)
        case _:
            return b"".join(encode(item) for item in value)


def padded(data: bytes) -> bytes:
    """-> the bytes, filled with zeros to a multiple of 4."""
    return data + bytes(-len(data) % 4)


def flatten(root: Node, reservations: Sequence[Reservation] = ()) -> bytes:
    """Tree, and (address, size) of memory that nobody may use -> blob; a multiple of 8 bytes, to be placed at a
    multiple of 8. Equal trees give equal blobs."""
    strings: dict[str, int] = {}  # property name -> offset in the strings block
    strings_block = bytearray()
    structure = bytearray()

    def emit(node: Node) -> None:
        structure.extend(struct.pack(">I", BEGIN_NODE) + padded(node.name.encode() + b"\0"))
        for name, value in node.properties.items():
            if name not in strings:
                strings[name] = len(strings_block)
                strings_block.extend(name.encode() + b"\0")
            data = encode(value)
            structure.extend(struct.pack(">3I", PROPERTY, len(data), strings[name]) + padded(data))
        for child in node.children:
            emit(child)
        structure.extend(struct.pack(">I", END_NODE))

    emit(root)
    structure.extend(struct.pack(">I", END))
    reservations_at = HEADER.size  # a multiple of 8, as it must be
    reserved = b"".join(RESERVATION.pack(*each) for each in (*reservations, (0, 0)))
    structure_at = reservations_at + len(reserved)
    strings_at = structure_at + len(structure)
    total = strings_at + len(strings_block)
    total += -total % 8
    header = HEADER.pack(
        MAGIC, total, structure_at, strings_at, reservations_at,
        VERSION, LAST_COMPATIBLE, 0, len(strings_block), len(structure),
    )  # fmt: skip
    return (header + reserved + structure + strings_block).ljust(total, b"\0")


def unflatten(blob: bytes) -> tuple[Node, list[Reservation]]:
    """Blob -> its tree, every property as bytes, and the memory that it reserves. Raises FdtError."""
    if len(blob) < HEADER.size or int.from_bytes(blob[:4], "big") != MAGIC:
        raise FdtError(f"no flattened device tree, which begins with the bytes {MAGIC.to_bytes(4, 'big').hex(' ')}")
    _, total, structure_at, strings_at, reservations_at, version, compatible, _, strings_size, _ = HEADER.unpack(
        blob[: HEADER.size]
    )
    if total > len(blob):
        raise FdtError(f"cut short: the device tree has {total} bytes, the file {len(blob)}")
    if compatible > VERSION or version < LAST_COMPATIBLE:
        raise FdtError(f"a device tree in version {version} of its format; expected version {VERSION}")
    if max(structure_at, reservations_at, strings_at + strings_size) > total:
        raise FdtError(f"damaged: parts of the device tree lie behind its end, {total} bytes from its beginning")
    try:
        reservations = []
        while (entry := RESERVATION.unpack_from(blob, reservations_at)) != (0, 0):
            reservations.append(entry)
            reservations_at += RESERVATION.size
        return _nodes(blob[:total], structure_at, blob[strings_at : strings_at + strings_size]), reservations
    except (struct.error, ValueError) as fault:
        if isinstance(fault, FdtError):
            raise
        raise FdtError("damaged: the device tree ends in the middle of a node, or a name in it is no text") from None


def _nodes(blob: bytes, at: int, strings: bytes) -> Node:
    """The structure block at an offset, names of properties -> the root. Raises FdtError, struct.error, ValueError."""
    above = Node()
    path = [above]
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN_NODE and len(path) <= DEEPEST and (len(path) > 1 or not above.children):
            end = blob.index(0, at)
            path.append(path[-1].add(blob[at:end].decode("ascii"), {}))
            at = end + 4 - end % 4
        elif token == PROPERTY and len(path) > 1:
            size, name_at = struct.unpack_from(">2I", blob, at)
            at += 8
            if at + size > len(blob):
                raise FdtError(f"damaged: a property of {size} bytes reaches behind the end of the device tree")
            name = strings[name_at : strings.index(0, name_at, name_at + NAME_MOST + 1)].decode("ascii")
            path[-1].properties[name] = blob[at : at + size]
            at += size + -size % 4
        elif token == END_NODE and len(path) > 1:
            path.pop()
        elif token == END and len(path) == 1 and above.children:
            return above.children[0]
        elif token != NOP:
            raise FdtError(f"damaged: {token:#x} at byte {at - 4}, where no such part of a device tree can be")
