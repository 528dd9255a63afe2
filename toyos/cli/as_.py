"""toyos as: source text -> an object file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from toyos.cli.system import DEFAULT_MODE, Mode, choice_of
from toyos.errors import USAGE, CommandError

STANDARD_INPUT = "-"
LISTING = "--listing"
# Options of GNU as that choose what is always so here, or say what only compilers' drivers care about.
WITHOUT_MEANING = {"-g", "--gen-debug", "-mno-relax", "-mrelax", "--fatal-warnings", "-fno-pic", "-fpic"}


def arguments(words: list[str]) -> list[str]:
    """GNU spellings -> what the parser below understands: -Ifolder, -al=file, -march=..."""
    result: list[str] = []
    for word in words:
        if word in WITHOUT_MEANING or word.startswith(("-march=", "-mabi=")):
            continue
        if word.startswith("-I") and len(word) > 2:
            result += ["-I", word[2:]]
        elif word.startswith("-a") and not word.startswith("--"):
            result += [LISTING, word.partition("=")[2] or STANDARD_INPUT]
        else:
            result.append(word)
    return result


def main(
    files: Annotated[list[Path], typer.Argument(help="source files, assembled as if they were one; - reads stdin")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the object file to write")] = Path("a.out"),
    include: Annotated[list[Path] | None, typer.Option("-I", "--include", help="folder for .include")] = None,
    defsym: Annotated[list[str] | None, typer.Option("--defsym", help="SYMBOL=NUMBER, set before line 1")] = None,
    mode: Mode = DEFAULT_MODE,
    listing: Annotated[
        str | None, typer.Option(LISTING, metavar="FILE", help="write a listing; -a and -a=FILE mean the same")
    ] = None,
) -> None:
    r"""Source text -> an a.out object file.

    The language is that of GNU as for RISC-V. Files of toyos such as common.inc are found without -I. Without -o the
    object is called a.out. After an error nothing is written.

    \b
    Example:
      toyos as -o hello.o hello.s
      toyos as -a hello.s
    """
    from assembler.assembly import assemble_sources
    from assembler.diagnostics import AssemblyError
    from assembler.files import save
    from assembler.frames import Options
    from toyos.variants import include_folders
    from vm import aout

    choice_of(mode)
    defines = dict(map(_definition, defsym or ()))
    options = Options(mode, include or (), defines, listing is not None, standard=include_folders(mode))
    sources = [_read(path) for path in files]
    try:
        result = assemble_sources(sources, options)
    except AssemblyError as error:
        count = sum(diagnostic.severity == "error" for diagnostic in error.diagnostics)
        print(error, file=sys.stderr)
        raise CommandError(f"{count} error{'s' if count != 1 else ''}, no object is written") from None
    for warning in result.warnings:
        print(warning.render(), file=sys.stderr)
    save(output, aout.write(result.object))
    if listing is not None:
        from assembler.listing import listing as render

        text = render(sources, result)
        if listing == STANDARD_INPUT:
            print(text, end="")
        else:
            save(Path(listing), text.encode("utf-8", "surrogateescape"))


def _read(path: Path) -> tuple[str, str]:
    """Path, or - for standard input -> text and the name for messages."""
    from assembler.files import content

    if str(path) == STANDARD_INPUT:
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape"), "<stdin>"
    return content(path).decode("utf-8", "surrogateescape"), str(path)


def _definition(word: str) -> tuple[str, int]:
    """ "NAME=NUMBER" of --defsym -> both."""
    name, equals, number = word.partition("=")
    try:
        if not name or not equals:
            raise ValueError
        return name, int(number, 0)
    except ValueError:
        raise CommandError(f"--defsym: '{word}' is not of the form SYMBOL=NUMBER", USAGE) from None
