r"""`toyos trace`: a program runs on the kernel, watched -> the timeline of its run, as text, data or a picture."""

from pathlib import Path
from typing import Annotated

import typer

from toyos.cli import session
from toyos.cli.checking import Check, checked
from toyos.cli.options import DEFAULT_RAM, Limit, Ram, Stats, ram_size
from toyos.cli.run import GUEST_WORD, arguments
from toyos.cli.system import DEFAULT_MODE, Mode, Partitions, Processes, Quantum, Variant, Windows, choice_of
from toyos.errors import USAGE, CommandError
from toyos.trace.choices import EVENTS, STRING_SIZE, Format, Unit

__all__ = ["arguments", "main"]


def main(
    files: Annotated[
        list[Path] | None, typer.Argument(help="sources, objects, archives, or one executable", show_default=False)
    ] = None,
    words: Annotated[list[str] | None, typer.Option(GUEST_WORD, hidden=True)] = None,
    command: Annotated[
        str | None,
        typer.Option("-c", "--command", metavar="TEXT", help="instead of files: run this in the guest's shell"),
    ] = None,
    style: Annotated[Format, typer.Option("--format", help="of the timeline")] = Format.text,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="write to FILE")] = None,
    strace: Annotated[bool, typer.Option("--strace", help="system calls only, as strace prints them")] = False,
    select: Annotated[
        str | None, typer.Option("-e", metavar="EXPR", help="which calls, as trace=openat,write or trace=%file")
    ] = None,
    string_size: Annotated[
        int, typer.Option("-s", metavar="SIZE", min=0, help="longest part of a string that is shown")
    ] = STRING_SIZE,
    summary: Annotated[bool, typer.Option("-C", "--summary", help="as --strace, and counts behind it")] = False,
    summary_only: Annotated[bool, typer.Option("--summary-only", help="counts of system calls only")] = False,
    init: Annotated[bool, typer.Option("--init", help="show system calls of init, pid 1, too")] = False,
    plot: Annotated[
        list[Path] | None, typer.Option("--plot", metavar="FILE", help="draw a Gantt chart: FILE.svg or FILE.png")
    ] = None,
    axis: Annotated[Unit, typer.Option("--axis", help="what lanes and charts count along")] = Unit.instructions,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="record the first N events only")] = EVENTS,
    mode: Mode = DEFAULT_MODE,
    variant: Variant = None,
    nwin: Windows = None,
    partitions: Partitions = None,
    nproc: Processes = None,
    quantum: Quantum = None,
    ram: Ram = DEFAULT_RAM,
    stats: Stats = None,
    max_instructions: Limit = None,
    check: Check = False,
) -> None:
    r"""Run a program as `toyos run` does, and show what it, its children and the kernel did.

    States of every process, context switches, traps, system calls with arguments and results, page faults and copied
    pages. The guest's own output stays on standard output; the timeline goes to standard error, or to FILE. The guest
    runs exactly as without: same output, same number of instructions. Perfetto files open in https://ui.perfetto.dev.

    \b
    Example:
      toyos trace programs/lectures/fork_sum.s
      toyos trace --strace -e trace=%process programs/lectures/orphan.s
      toyos trace --summary -c 'ls /bin; echo done'
      toyos trace --format perfetto -o run.json --plot run.svg programs/lectures/round_robin.s
    """
    size = ram_size(ram)
    choice = choice_of(mode, variant, nwin, nproc, quantum, partitions)
    if bool(files) == (command is not None):
        raise CommandError("expected files, or a command for the shell (-c TEXT), and not both", USAGE)
    if command is not None and words:
        raise CommandError("words after -- are arguments of a program; a command for the shell holds its own", USAGE)
    from toyos import build
    from toyos.boot import SHELL, Computer, own_program
    from toyos.console import Console
    from toyos.trace.calls import FilterError
    from toyos.trace.gantt import PlotError
    from toyos.trace.report import Report, Wishes

    console = Console()
    with session.sentences("toyos trace"):
        parts = build.system_of(choice)
        own: dict[str, bytes] = {}
        name, guest = SHELL, ["-c", command or ""]
        if files:
            name, own = own_program(files, parts)
            guest = words or []
        computer = Computer(
            [name, *guest], own, ram=size, terminal=session.terminal_attached(), console=console.sink, parts=parts,
            observed=True,
        )  # fmt: skip
    lines = strace or summary or (select is not None and not summary_only)
    wishes = Wishes(
        style=None if plot and output is None and style is Format.text else style,
        strace=lines, counts=summary or summary_only, select=select, init=init, room=string_size,
        plots=tuple(plot or ()), unit=axis, limit=limit,
    )  # fmt: skip
    try:
        with Report(computer, [name, *guest], wishes, output, own) as report, checked(check, computer, report.observer):
            session.run(computer, console, max_instructions, False, stats, run=report.run)
    except (FilterError, PlotError) as error:
        raise CommandError(str(error), USAGE) from None
