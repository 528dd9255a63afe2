"""Objects -> where each of their sections goes, and the bytes of text and data put together, not yet relocated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vm.aout import OMAGIC, PAGE, ZMAGIC, Object, Symbol, data_start

WORD = 4  # sizes of sections are whole words, so that a loader may copy and clear words


def align(address: int, alignment: int) -> int:
    """-> the first multiple of `alignment`, a power of two, not below `address`."""
    return address + alignment - 1 & -alignment


@dataclass(slots=True)
class Piece:
    """One object and the addresses (with -r: offsets) at which its three sections begin."""

    object: Object
    text: int = 0
    data: int = 0
    bss: int = 0

    def base(self, section: str) -> int:
        """Name of a section -> its address; 0 for abs, whose symbols do not move."""
        return 0 if section == "abs" else int(getattr(self, section))


@dataclass(slots=True)
class Layout:
    """Start and end of each section of the output, and what lies in it. commons: address by name."""

    pieces: list[Piece]
    text: int = 0
    text_end: int = 0
    data: int = 0
    data_end: int = 0
    bss: int = 0
    bss_end: int = 0
    commons: dict[str, int] = field(default_factory=dict)

    def contents(self, section: str, size: int) -> bytearray:
        """Name, text or data -> its bytes, `size` of them, gaps filled with zeros."""
        out = bytearray(size)
        origin = getattr(self, section)
        for piece in self.pieces:
            body: bytes = getattr(piece.object, section)
            start = piece.base(section) - origin
            out[start : start + len(body)] = body
        return out


def place(objects: Iterable[Object], commons: Sequence[Symbol], text: int, magic: int, relocatable: bool) -> Layout:
    """Objects in link order and common symbols -> Layout.

    text: address of the first byte. relocatable: every section starts at 0 instead, and commons are not placed.
    """
    layout = Layout([Piece(obj) for obj in objects], text=text)
    layout.text_end = _stack(layout.pieces, "text", text)
    if magic == OMAGIC and not relocatable:
        # Data follows text without a gap, so text must end where data may begin.
        layout.text_end = align(layout.text_end, max((p.object.data_align for p in layout.pieces), default=WORD))
    layout.data = 0 if relocatable else data_start(magic, layout.text_end)
    layout.data_end = _stack(layout.pieces, "data", layout.data)
    layout.bss = 0 if relocatable else align(layout.data_end, PAGE) if magic == ZMAGIC else layout.data_end
    end = _stack(layout.pieces, "bss", layout.bss)
    if not relocatable:
        for symbol in commons:
            layout.commons[symbol.name] = align(end, symbol.align)
            end = layout.commons[symbol.name] + symbol.value
    layout.bss_end = align(end, WORD)
    return layout


def _stack(pieces: Iterable[Piece], section: str, address: int) -> int:
    """Places one section of every piece, in order, from `address` on -> the end, rounded up to a word."""
    for piece in pieces:
        obj = piece.object
        size = obj.bss if section == "bss" else len(getattr(obj, section))
        if size:
            address = align(address, getattr(obj, section + "_align"))
        setattr(piece, section, address)
        address += size
    return align(address, WORD)
