"""The option --isa: which instruction set the machine has; `--isa help` prints what there is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import USAGE, CommandError
from vm.isa.sets import DEFAULT_ISA as DEFAULT_ISA
from vm.isa.sets import ISAS

if TYPE_CHECKING:
    from vm.loader import Image

HELP = "help"


def _checked(name: str) -> str:
    """What was written -> a name of vm.isa.sets.ISAS. `help` prints these, and ends. Raises CommandError."""
    if name == HELP:
        width = max(map(len, ISAS))
        for isa in ISAS.values():
            print(f"{isa.name:{width}}  {isa.doc}\n{'':{width}}  {isa.string}; misa {isa.misa:#010x}")
        raise typer.Exit
    if name not in ISAS:
        raise CommandError(f"--isa {name}: expected one of {', '.join(ISAS)}, or {HELP}", USAGE)
    return name


Isa = Annotated[
    str, typer.Option("--isa", help=f"instruction set, {HELP} for what there is", is_eager=True, callback=_checked)
]


def warn(image: Image, isa: str) -> None:
    """Image, the machine's instruction set -> a line to standard error when the one needs what the other lacks. It runs
    all the same: nobody knows whether such instructions will be reached."""
    if image.compressed and not ISAS[isa].compressed:
        having = ", ".join(f"--isa {name}" for name, each in ISAS.items() if each.compressed)
        what = f"{image.name} has compressed instructions, which trap; {having} has them"
        print(f"toyos machine: {what}", file=sys.stderr)
