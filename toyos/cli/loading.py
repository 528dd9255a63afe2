"""The options of `toyos machine` that say what is put into the machine: --bios, --kernel, --initrd, --append."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toyos.errors import USAGE, CommandError

Kernel = Annotated[
    Path | None, typer.Option("--kernel", metavar="IMAGE", help="ELF, a.out or raw image to run, behind the firmware")
]
Bios = Annotated[
    str, typer.Option("--bios", metavar="FILE", help="firmware: ELF, a.out or raw image; none: the kernel starts alone")
]
Initrd = Annotated[Path | None, typer.Option("--initrd", metavar="FILE", help="initial RAM disk")]
Append = Annotated[str, typer.Option("--append", metavar="TEXT", help="boot arguments in the device tree")]
NO_BIOS = "none"


def firmware(bios: str, kernel: Path | None) -> Path | None:
    """What --bios and --kernel say -> the firmware's file, if there is one. Raises CommandError when nothing is left to
    run."""
    if bios == NO_BIOS and kernel is None:
        raise CommandError("nothing to run: expected --kernel IMAGE, --bios FILE, or both", USAGE)
    return None if bios == NO_BIOS else Path(bios)
