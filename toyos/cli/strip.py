"""toyos strip: smaller files, without symbols."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assembler import archiver
from assembler.archiver import Archive, ArchiveError
from assembler.files import load, save
from assembler.output import strip
from toyos.errors import USAGE, CommandError
from vm import aout

ERRORS = (aout.AoutError, ArchiveError)


def main(
    files: Annotated[list[Path], typer.Argument(help="objects, executables, archives; changed in place")],
    strip_all: Annotated[bool, typer.Option("-s", "--strip-all", help="all symbols (default)")] = False,
    strip_debug: Annotated[bool, typer.Option("-g", "-S", "-d", "--strip-debug", help="only line numbers")] = False,
    output: Annotated[Path | None, typer.Option("-o", help="write here instead; for one file")] = None,
) -> None:
    """Object files -> the same without symbols and line numbers.

    Objects that are not linked yet keep their global symbols and those that relocations need.

    \b
    Example:
      toyos strip -o hello.small hello
    """
    if output and len(files) > 1:
        raise CommandError("-o takes one file, not several", USAGE)
    what = "debug" if strip_debug and not strip_all else "all"
    for path in files:
        item = load(path)
        if isinstance(item, Archive):
            for member in item.members:
                if aout.is_aout(member.content):
                    member.content = _stripped(aout.read(member.content, f"{path}({member.name})"), what)
            save(output or path, archiver.write(item))
        else:
            save(output or path, _stripped(item, what), executable=not item.relocatable)


def _stripped(obj: aout.Object, what: str) -> bytes:
    strip(obj, what)
    return aout.write(obj)
