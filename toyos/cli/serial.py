"""The option --serial of `toyos machine`: where the guest's serial port leads to."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import FAILURE, USAGE, CommandError

if TYPE_CHECKING:
    from toyos.console import Console

STDIO, PTY, NONE, FILE = "stdio", "pty", "none", "file:"
KINDS = f"{STDIO}, {FILE}PATH, {PTY} or {NONE}"
PERMISSIONS = 0o666  # of a new file, before the umask

Serial = Annotated[
    str,
    typer.Option("--serial", metavar="WHERE", help=f"where the serial port leads to: {KINDS}"),
]


def console_of(where: str, speaker: str, read: Iterable[Path] = ()) -> Console:
    """What the user wrote behind --serial -> the console. speaker: who tells the name of a pseudo-terminal, on standard
    error; read: files that the machine is going to read. Raises CommandError."""
    from toyos.console import Console

    kind, colon, path = where.partition(":")
    if where == STDIO:
        return Console()
    if where == NONE:
        return Console(None, None)
    if kind + colon == FILE and path:
        for file in read:
            if os.path.isfile(path) and file.is_file() and file.samefile(path):
                raise CommandError(f"--serial {where}: would empty {file}, which the machine reads", USAGE)
        try:
            return Console(None, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PERMISSIONS))
        except OSError as fault:
            raise CommandError(f"--serial {where}: {_why(fault)}", FAILURE) from None
    if where == PTY:
        return _pseudo_terminal(where, speaker)
    raise CommandError(f"--serial {where}: expected {KINDS}", USAGE)


def _pseudo_terminal(where: str, speaker: str) -> Console:
    if not hasattr(select, "epoll"):
        raise CommandError(f"--serial {where}: needs Linux; expected {STDIO}, {FILE}PATH or {NONE}", USAGE)
    from toyos.pseudo_terminal import PseudoTerminal

    try:
        console = PseudoTerminal()
    except OSError as fault:
        raise CommandError(f"--serial {where}: the host has no pseudo-terminal for it: {_why(fault)}") from None
    print(f"{speaker}: the serial port is at {console.name}", file=sys.stderr, flush=True)
    return console


def _why(fault: OSError) -> str:
    return (fault.strerror or str(fault)).lower()
