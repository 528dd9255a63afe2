"""What `toyos run` and `toyos boot` share: faults as sentences, one run of the guest, statistics, the exit status."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from toyos.cli.ending import run_to_its_end
from toyos.cli.options import StatsStyle
from toyos.errors import FAILURE, CommandError

if TYPE_CHECKING:
    from toyos.boot import Computer
    from toyos.console import Console, Runner
    from vm import Stop


def terminal_attached() -> bool:
    """-> whether a person sits at both ends of the console: nothing is redirected."""
    try:
        return os.isatty(0) and os.isatty(1)
    except OSError:
        return False


@contextmanager
def sentences(speaker: str) -> Iterator[None]:
    """Inside, what the libraries find wrong with the user's files and numbers leaves as a CommandError.

    What they only warn of is printed to standard error.
    """
    from assembler.archiver import ArchiveError
    from assembler.diagnostics import AssemblyError
    from assembler.linker import LinkError
    from toyos.build import BuildError, SourceWarning
    from vm import MachineError
    from vm.aout import AoutError
    from vm.loader import LoadError

    try:
        with warnings.catch_warnings(record=True, category=SourceWarning) as odd:
            warnings.simplefilter("always", SourceWarning)
            yield
        for warning in odd:
            print(warning.message, file=sys.stderr)
    except AssemblyError as error:
        print(error, file=sys.stderr)
        count = sum(diagnostic.severity == "error" for diagnostic in error.diagnostics)
        raise CommandError(f"{count} error{'s' if count != 1 else ''}, nothing is run") from None
    except LinkError as error:
        raise CommandError(f"\n{speaker}: ".join(error.problems)) from None
    except (AoutError, ArchiveError, BuildError, LoadError, MachineError) as error:
        raise CommandError(str(error), FAILURE) from None


def run(
    computer: Computer,
    console: Console,
    max_instructions: int | None = None,
    trace_traps: bool = False,
    stats: StatsStyle | None = None,
    run: Runner | None = None,
    attached: Callable[[], Stop] | None = None,
) -> NoReturn:
    """Runs the guest to its end; prints traps and statistics as asked for; ends in typer.Exit with the guest's status.

    run: what runs the machine for so many instructions; machine.run by itself. attached: what runs
    the guest to its end in place of the console.

    Raises CommandError when the guest did not come to its end.
    """
    machine = computer.machine
    if trace_traps:
        machine.trace_traps = lambda record: print(record, file=sys.stderr)
    by_console = partial(computer.run, partial(console.run, machine, run=run), max_instructions)
    run_to_its_end(
        attached or by_console, machine, computer.stats, stats, max_instructions,
        "all processes sleep, and nothing can wake them any more",
    )  # fmt: skip
