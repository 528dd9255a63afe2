"""A finished link -> its map: which members joined and why, where every section of every object went, which symbols."""

from __future__ import annotations

from collections.abc import Iterator

from assembler.layout import Piece
from assembler.linker import Linker
from assembler.output import addresses
from vm.aout import Symbol

NAME_WIDTH = 16


def map_lines(linker: Linker) -> Iterator[str]:
    """Linker after run() -> the lines of the map file."""
    if linker.pulled:
        yield "Archive member included to satisfy reference by file (symbol)"
        yield ""
        for member, user, name in linker.pulled:
            yield f"{member.name:29} {user.name if user else 'command line'} ({name})"
        yield ""
    commons = [e for e in linker.table.by_name.values() if e.symbol.section == "common"]
    if commons:
        yield "Allocating common symbols"
        yield "Common symbol       size              file"
        yield ""
        for entry in commons:
            yield f"{entry.name:19} {entry.symbol.value:<#17x} {entry.owner.name if entry.owner else ''}"
        yield ""
    yield "Memory map"
    where = addresses(linker.layout, linker.table)
    for section in ("text", "data", "bss"):
        start, end = getattr(linker.layout, section), getattr(linker.layout, section + "_end")
        yield ""
        yield _row(f".{section}", start, end - start, "")
        for piece in linker.layout.pieces:
            yield from _piece_lines(linker, piece, section, where)
        if section == "bss" and linker.layout.commons:
            first = min(linker.layout.commons.values())
            yield _row(" COMMON", first, end - first, "")
            yield from (_symbol(address, name) for name, address in linker.layout.commons.items())
        landmarks = [e for e in linker.table.by_name.values() if e.owner is None and e.symbol.section == section]
        for entry in sorted(landmarks, key=lambda e: e.symbol.value):
            yield _symbol(entry.symbol.value, entry.name)


def _piece_lines(linker: Linker, piece: Piece, section: str, where: dict[str, int]) -> Iterator[str]:
    """One section of one object, with the global symbols in it."""
    obj = piece.object
    size = obj.bss if section == "bss" else len(getattr(obj, section))
    mine = [s for s in obj.symbols if s.section == section and s.binding != "local" and _wins(linker, piece, s)]
    if not size and not mine:
        return
    yield _row(f" .{section}", piece.base(section), size, obj.name)
    for symbol in sorted(mine, key=lambda s: s.value):
        yield _symbol(where[symbol.name], symbol.name)


def _wins(linker: Linker, piece: Piece, symbol: Symbol) -> bool:
    return linker.table.by_name[symbol.name].symbol is symbol


def _row(name: str, address: int, size: int, obj: str) -> str:
    return f"{name:{NAME_WIDTH - 1}} 0x{address:08x} {size:#10x} {obj}".rstrip()


def _symbol(address: int, name: str) -> str:
    return f"{'':{NAME_WIDTH}}0x{address:08x}{'':16}{name}"
