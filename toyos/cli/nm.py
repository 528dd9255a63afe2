"""toyos nm: the symbols of objects, executables and archives."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from assembler.archiver import Archive
from assembler.dump import is_mark, nm_line
from toyos.cli import binaries
from toyos.cli.binaries import Reader
from vm.aout import Symbol

ERRORS = binaries.ERRORS  # from the index of a damaged archive
DEFAULT_FILES = [Path("a.out")]


def main(
    files: Annotated[
        list[Path], typer.Argument(help="objects, executables, archives", show_default="a.out")
    ] = DEFAULT_FILES,
    numeric: Annotated[bool, typer.Option("-n", "-v", "--numeric-sort", help="by address")] = False,
    unsorted: Annotated[bool, typer.Option("-p", "--no-sort", help="in the order of the file")] = False,
    reverse: Annotated[bool, typer.Option("-r", "--reverse-sort", help="the other way round")] = False,
    external: Annotated[bool, typer.Option("-g", "--extern-only", help="global symbols only")] = False,
    undefined: Annotated[bool, typer.Option("-u", "--undefined-only", help="undefined symbols only")] = False,
    defined: Annotated[bool, typer.Option("-U", "--defined-only", help="defined symbols only")] = False,
    everything: Annotated[bool, typer.Option("-a", "--debug-syms", help="the marks $x and $d too")] = False,
    with_file: Annotated[bool, typer.Option("-A", "-o", "--print-file-name", help="file name on each line")] = False,
    index: Annotated[bool, typer.Option("-s", "--print-armap", help="the index of archives too")] = False,
) -> None:
    """Object files -> their symbols, one a line: value, kind, name.

    Kinds: T text, D data, B bss, A absolute, C common, U undefined, W and V weak; small letters are local symbols
    (w and v: weak and undefined).

    \b
    Example:
      toyos nm -n hello
    """
    reader = Reader("nm")
    if index:
        for _, item in reader.load(files):
            if isinstance(item, Archive):
                print("\nArchive index:")
                print(*(f"{symbol} in {member.name}" for symbol, member in item.definitions().items()), sep="\n")
    for path, member, obj in reader.objects(files):
        chosen = [
            s for s in obj.symbols
            if (everything or not is_mark(s)) and not (external and s.binding == "local")
            and not (undefined and s.section != "undef") and not (defined and s.section == "undef")
        ]  # fmt: skip
        if not with_file and (member or len(files) > 1):
            print(f"\n{member or path}:")
        if not chosen and not obj.symbols:
            print(f"toyos nm: {member or path}: no symbols", file=sys.stderr)
        prefix = f"{path}:{member}:" if with_file and member else f"{path}:" if with_file else ""
        for symbol in _sorted(chosen, numeric, unsorted, reverse):
            print(prefix + nm_line(symbol))
    reader.finish()


def _sorted(symbols: list[Symbol], numeric: bool, unsorted: bool, reverse: bool) -> Iterable[Symbol]:
    """By name; by address with undefined ones first; or as they come."""
    if unsorted:
        return symbols[::-1] if reverse else symbols
    if numeric:
        return sorted(symbols, key=lambda s: (s.section != "undef", s.value & 0xFFFFFFFF, s.name), reverse=reverse)
    return sorted(symbols, key=lambda s: (s.name, s.value & 0xFFFFFFFF), reverse=reverse)
