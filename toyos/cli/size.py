"""toyos size: how many bytes of text, data and bss."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assembler.dump import SIZE_HEADING, section_table, size_line, sizes
from toyos.cli.binaries import Reader

DEFAULT_FILES = [Path("a.out")]


def main(
    files: Annotated[
        list[Path], typer.Argument(help="objects, executables, archives", show_default="a.out")
    ] = DEFAULT_FILES,
    total: Annotated[bool, typer.Option("-t", "--totals", help="add a line with the sums")] = False,
    system_v: Annotated[bool, typer.Option("-A", help="one line a section, with its address")] = False,
) -> None:
    """Object files -> sizes of their sections in bytes.

    \b
    Example:
      toyos size hello libc.a
    """
    reader = Reader("size")
    text = data = bss = 0
    if not system_v:
        print(SIZE_HEADING)
    for path, member, obj in reader.objects(files):
        name = f"{member} (ex {path})" if member else str(path)
        sums = sizes(obj)
        text, data, bss = text + sums[0], data + sums[1], bss + sums[2]
        if system_v:
            print(f"{name}  :")
            print(f"{'section':10}{'size':>8}   {'addr':>8}")
            for section in section_table(obj):
                print(f"{section.name:10}{section.size:8}   {section.address:8}")
            print(f"{'Total':10}{sum(sums):8}\n\n")
        else:
            print(size_line(*sums, name))
    if total and not system_v:
        print(size_line(text, data, bss, "(TOTALS)"))
    reader.finish()
