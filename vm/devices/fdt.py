"""Tree of nodes and properties -> flattened device tree, the binary form that boot software passes on.

Source: Devicetree Specification 0.4, chapter 5 (version 17 of the format). All numbers are big endian.
"""

import struct
from dataclasses import dataclass, field
from typing import TypeAlias

MAGIC, VERSION, LAST_COMPATIBLE = 0xD00D_FEED, 17, 16
BEGIN_NODE, END_NODE, PROPERTY, END = 1, 2, 3, 9
HEADER = struct.Struct(">10I")
RESERVATION_END = bytes(16)  # the list of reserved memory is empty

Value: TypeAlias = bytes | str | int | list[int] | list[str] | None


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


def flatten(root: Node) -> bytes:
    """Tree -> blob; a multiple of 8 bytes, to be placed at a multiple of 8. Equal trees give equal blobs."""
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
    structure_at = reservations_at + len(RESERVATION_END)
    strings_at = structure_at + len(structure)
    total = strings_at + len(strings_block)
    total += -total % 8
    header = HEADER.pack(
        MAGIC, total, structure_at, strings_at, reservations_at,
        VERSION, LAST_COMPATIBLE, 0, len(strings_block), len(structure),
    )  # fmt: skip
    return (header + RESERVATION_END + structure + strings_block).ljust(total, b"\0")
