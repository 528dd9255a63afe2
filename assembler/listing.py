"""Assembled source -> listing: line number, offset in the section, bytes in the order of memory, source line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assembler.assembly import Result
from assembler.frames import Listed

BYTES_A_LINE = 4


def listing(sources: Sequence[tuple[str, str]], result: Result) -> str:
    """(text, file name) of the sources and what became of them -> the listing, as `as -a` prints it.

    The bytes of a macro's expansion stand at the line that uses it; what the linker is to fill in is zero.
    """
    by_line: dict[tuple[str, int], list[Listed]] = {}
    for listed in result.listed:
        by_line.setdefault((listed.file, listed.line), []).append(listed)
    lines: list[str] = []
    for text, name in sources:
        for number, source in enumerate(text.split("\n"), 1):
            if number > text.count("\n") and not source:
                continue  # the file ends with a newline
            lines += _line(number, source, by_line.get((name, number), []))
    return "\n".join([*lines, "", *_symbols(result), ""])


def _line(number: int, source: str, listed: Sequence[Listed]) -> Iterator[str]:
    """One source line -> its line of the listing, and more of them where it has many bytes."""
    offset = None
    content = b""
    for each in listed:
        if each.end > each.begin:
            offset = each.begin if offset is None else offset
            content += bytes(each.section.content[each.begin : each.end])
    head = f"{number:4d}"
    if offset is None:
        yield f"{head} {'':13} \t{source}".rstrip()
        return
    for at in range(0, max(len(content), 1), BYTES_A_LINE):
        piece = content[at : at + BYTES_A_LINE].hex().upper()
        yield f"{head} {offset + at:04x} {piece:8} \t{source if at == 0 else ''}".rstrip()


def _symbols(result: Result) -> Iterator[str]:
    """-> the symbols that are defined, and those that are not."""
    defined = [symbol for symbol in result.object.symbols if symbol.section != "undef"]
    yield "DEFINED SYMBOLS"
    for symbol in defined:
        if symbol.name[0] != "$":
            yield f"  {symbol.section + ':' + format(symbol.value, '08x'):>15} {symbol.name}"
    yield ""
    yield "UNDEFINED SYMBOLS"
    for symbol in result.object.symbols:
        if symbol.section == "undef":
            yield f"  {symbol.name}"
