"""`--check`: the kernel's invariants are checked while a command runs the guest; what is found decides the status."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.cli.options import CHECK_STATUS
from toyos.errors import USAGE, CommandError

if TYPE_CHECKING:
    from toyos.boot import Computer
    from toyos.checks import Problem
    from toyos.console import Runner
    from vm.machine import Stop
    from vm.observe import Observer

MOST = 20  # problems that are printed

Check = Annotated[bool, typer.Option("--check", help="check the kernel's invariants at every trap (docs/checks.md)")]


def refuse_both(check: bool, gdb: str | None) -> None:
    """Raises CommandError when the machine would be run by gdb and by the checks."""
    if check and gdb is not None:
        raise CommandError("expected --check or --gdb, not both; `toyos debug` has checks, too", USAGE)


@contextmanager
def checked(
    wanted: bool, computer: Computer, observer: Observer | None = None, own: Mapping[str, bytes] | None = None
) -> Iterator[Runner | None]:
    """-> what runs the machine under all checks, as Machine.run does; None when that is not wanted.

    Problems are printed to standard error as they are found. observer: that of somebody else who runs the machine; own:
    guest path -> the user's program. If there were any problems, the end of the guest inside becomes a CommandError
    with CHECK_STATUS.
    """
    if not wanted:
        yield None
        return
    from toyos.checks import Checker
    from toyos.symbols import Symbols
    from vm.observe import Observer
    from vm.stops import Stop

    count = 0

    def tell(problem: Problem) -> None:
        nonlocal count
        count += 1
        if count <= MOST:
            print(problem, file=sys.stderr)

    watching = observer or Observer(computer.machine)
    names = Symbols(computer.parts, own).name
    Checker(computer.machine, computer.parts, names, tell).attach(watching, stop=False)

    def run(max_instructions: int | None = None) -> Stop:
        outcome = watching.run(max_instructions)
        return Stop(outcome.reason, outcome.status)

    try:
        yield run
    except (typer.Exit, CommandError) as ending:
        if not count:
            raise
        found = f"{count} problem{'s' if count != 1 else ''} found by --check"
        if count > MOST:
            found += f", of which {MOST} are printed"
        if isinstance(ending, CommandError) and str(ending):
            found = f"{ending}; {found}"
        raise CommandError(found, CHECK_STATUS) from None
