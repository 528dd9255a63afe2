"""toyos ld: objects and archives -> an executable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assembler.archiver import Archive, ArchiveError
from assembler.files import load, parse, save
from assembler.linker import USER_TEXT, Input, Linker, LinkError
from assembler.mapfile import map_lines
from toyos.cli.system import DEFAULT_MODE
from toyos.errors import USAGE, CommandError
from vm import aout

ERRORS = (aout.AoutError, ArchiveError)
# Order among files and -l matters, so arguments() turns -lNAME into a file argument that begins with this.
NO_FILE = "\0"
LIBRARY = NO_FILE + "l"
GROUP, GROUP_END = NO_FILE + "(", NO_FILE + ")"
GROUP_WORDS = {"-(": GROUP, "--start-group": GROUP, "-)": GROUP_END, "--end-group": GROUP_END}
LIBC, CRT0 = "libc.a", "crt0.o"  # always to be found
WITHOUT_MEANING = {"-static", "-Bstatic", "-nostdlib", "--no-relax", "--relax"}  # always so here


def arguments(words: list[str]) -> list[str]:
    """GNU spellings -> what the parser below understands."""
    result: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("-l", "--library"):
            result.append(LIBRARY + next(rest, ""))
        elif word.startswith("-l") and word != "-l":
            result.append(LIBRARY + word[2:])
        elif word.startswith("--library="):
            result.append(LIBRARY + word.partition("=")[2])
        elif word not in WITHOUT_MEANING:
            result.append(GROUP_WORDS.get(word, word))
    return result


def main(
    files: Annotated[list[str], typer.Argument(help="objects and archives, in order", metavar="FILE|-lNAME...")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the file to write")] = Path("a.out"),
    library: Annotated[list[str] | None, typer.Option("-l", help="search libNAME.a, at this place in order")] = None,
    folders: Annotated[list[Path] | None, typer.Option("-L", "--library-path", help="where -l looks")] = None,
    entry: Annotated[str | None, typer.Option("-e", "--entry", help="start symbol or address [_start]")] = None,
    text: Annotated[str, typer.Option("-Ttext", help="address of text, hexadecimal")] = f"{USER_TEXT:#x}",
    relocatable: Annotated[bool, typer.Option("-r", "--relocatable", help="make one bigger object")] = False,
    nmagic: Annotated[
        bool, typer.Option("-n", "--nmagic", help="read-only text, data on its own page (default)")
    ] = False,
    omagic: Annotated[bool, typer.Option("-N", "--omagic", help="data directly after text")] = False,
    zmagic: Annotated[bool, typer.Option("-z", help="demand-paged: text and data are whole pages in the file")] = False,
    strip_all: Annotated[bool, typer.Option("-s", "--strip-all", help="no symbols")] = False,
    strip_debug: Annotated[bool, typer.Option("-S", "--strip-debug", help="no line numbers")] = False,
    map_file: Annotated[Path | None, typer.Option("-Map", "--Map", help="write a map to this file")] = None,
    print_map: Annotated[bool, typer.Option("-M", "--print-map", help="print the map")] = False,
    undefined: Annotated[list[str] | None, typer.Option("-u", "--undefined", help="pull this symbol in")] = None,
    defsym: Annotated[list[str] | None, typer.Option("--defsym", help="SYMBOL=NUMBER: define it")] = None,
) -> None:
    """Objects and archives -> an a.out executable.

    Archives are searched where they stand among the files, for the symbols that are undefined there; --start-group and
    --end-group around several archives search them until nothing more is found. -lc is the C library of toyos and
    -l:crt0.o its start-up code, unless a folder of -L holds files of these names. The mode is that of the objects.

    \b
    Example:
      toyos ld -o hello -l:crt0.o hello.o -lc -Map hello.map
    """
    assert library is None, "arguments() has made files of these"
    if nmagic + omagic + zmagic > 1:
        raise CommandError("-n, -N and -z exclude each other", USAGE)
    linker = Linker(
        text=_number("-Ttext", text, 16),
        entry=entry,
        magic=aout.OMAGIC if omagic else aout.ZMAGIC if zmagic else aout.NMAGIC,
        relocatable=relocatable,
        strip="all" if strip_all else "debug" if strip_debug else "",
        defsyms=dict(_definition(word) for word in defsym or ()),
        undefined=undefined or (),
    )
    try:
        program = linker.run(_inputs(files, folders or []))
    except LinkError as error:
        raise CommandError("\ntoyos ld: ".join(error.problems)) from error
    program.name = str(output)
    for warning in linker.warnings:
        print(f"toyos ld: warning: {warning}", file=sys.stderr)
    map_text = "\n".join(map_lines(linker)) + "\n" if map_file or print_map else ""
    save(output, aout.write(program), executable=not relocatable)
    if map_file:
        save(map_file, map_text.encode())
    if print_map:
        print(map_text, end="")


def _number(option: str, text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise CommandError(f"{option}: {text!r} is not a number", USAGE) from None


def _definition(word: str) -> tuple[str, int]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise CommandError(f"--defsym: {word!r} is not of the form SYMBOL=NUMBER", USAGE)
    return name, _number("--defsym", value, 0)


def _inputs(files: list[str], folders: list[Path]) -> list[Input]:
    """File arguments -> what the linker takes, groups of archives as lists. The C library is of the objects' mode."""
    result: list[Input] = []
    group: list[Archive] | None = None
    loaded = [None if word.startswith(NO_FILE) else load(word) for word in files]
    mode = next((item.mode for item in loaded if isinstance(item, aout.Object)), DEFAULT_MODE)
    for word, file in zip(files, loaded, strict=True):
        if word == GROUP:
            group = []
        elif word == GROUP_END:
            result.append(group or [])
            group = None
        else:
            item = _library(word.removeprefix(LIBRARY), folders, mode) if file is None else file
            if group is not None and isinstance(item, Archive):
                group.append(item)
            else:
                result.append(item)
    if group is not None:
        raise CommandError("--start-group without --end-group", USAGE)
    return result


def _library(name: str, folders: list[Path], mode: str) -> aout.Object | Archive:
    """NAME of -lNAME -> libNAME.a, or :FILE of -l:FILE -> FILE, from the -L folders or else from the system."""
    file = name[1:] if name.startswith(":") else f"lib{name}.a"
    for folder in folders:
        if (folder / file).is_file():
            return load(folder / file)
    if file in (LIBC, CRT0):
        from toyos.build import system  # builds the C library if it is not in the cache yet

        parts = system(mode)
        return parse(parts.library if file == LIBC else parts.crt0, file)
    if not folders:
        raise CommandError(f"cannot find -l{name}: name the folder of {file} with -L")
    raise CommandError(f"cannot find -l{name}: no {file} in {', '.join(map(str, folders))}")
