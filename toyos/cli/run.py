r"""`toyos run`: a program, as source or linked -> runs on the kernel -> its exit status."""

from pathlib import Path
from typing import Annotated

import typer

from toyos.cli import session
from toyos.cli.checking import Check, checked, refuse_both
from toyos.cli.dumping import dumping
from toyos.cli.options import DEFAULT_RAM, Gdb, Limit, Ram, Stats, TraceTraps, gdb_door, ram_size, stats_words
from toyos.cli.system import DEFAULT_MODE, Mode, Partitions, Processes, Quantum, Variant, Windows, choice_of
from toyos.errors import USAGE, CommandError

GUEST_WORD = "--guest-word"  # how the words after -- pass through the parser


def arguments(words: list[str]) -> list[str]:
    """Command line -> the same with the guest's words, those after `--`, each made an option's value."""
    end = words.index("--") if "--" in words else len(words)
    return stats_words(words[:end]) + [f"{GUEST_WORD}={word}" for word in words[end + 1 :]]


def main(
    files: Annotated[list[Path], typer.Argument(help="sources, objects, archives, or one executable")],
    words: Annotated[list[str] | None, typer.Option(GUEST_WORD, hidden=True)] = None,
    mode: Mode = DEFAULT_MODE,
    variant: Variant = None,
    nwin: Windows = None,
    partitions: Partitions = None,
    nproc: Processes = None,
    quantum: Quantum = None,
    ram: Ram = DEFAULT_RAM,
    stats: Stats = None,
    max_instructions: Limit = None,
    trace_traps: TraceTraps = False,
    gdb: Gdb = None,
    check: Check = False,
    core: Annotated[
        Path | None, typer.Option("--core", metavar="FILE", help="write a core file when a signal ends the program")
    ] = None,
) -> None:
    r"""Assemble and link what is source, boot the kernel, run the program.

    Sources and objects are linked with the C library, and with crt0 unless they define _start themselves. The program
    is a child of init, has the console as its input and output, and is found as /run/NAME. Words after -- are its
    arguments. On a terminal, Ctrl-A x leaves, whatever the program does.

    The exit status is the program's own, 128 + n if signal n ended it, 123 when --check has found something, 124 when
    --max-instructions was reached, 125 when all processes sleep and nothing can wake them.

    \b
    Example:
      toyos run programs/lectures/fork_sum.s
      toyos run echo.s --stats -- some words
      toyos run --check --mode window programs/lectures/orphan.s
      toyos run --core crash.core crash.s
      toyos run --mode cisc --variant pushr --quantum 20000 round_robin.s
    """
    size = ram_size(ram)
    choice = choice_of(mode, variant, nwin, nproc, quantum, partitions)
    from toyos import build
    from toyos.boot import Computer, observed_program, own_program
    from toyos.console import Console

    refuse_both(check, gdb)
    if core is not None and gdb is not None:
        raise CommandError("expected --core or --gdb, not both", USAGE)
    door = gdb_door(gdb, choice.mode)
    console = Console()
    with session.sentences("toyos run"):
        parts = build.system_of(choice)
        known = door is not None or core is not None  # somebody wants the program's symbols
        name, program, own = observed_program(files, parts) if known else (*own_program(files, parts), {})
        computer = Computer(
            [name, *(words or [])], program, ram=size, terminal=session.terminal_attached(), console=console.sink,
            parts=parts, observed=check or known,
        )  # fmt: skip
    attached = None if door is None else door.runner(computer, console, "toyos run", max_instructions, own)
    observer, dumper = dumping(core, computer, own, name) if core is not None else (None, None)
    with checked(check, computer, observer) as runner:
        session.run(computer, console, max_instructions, trace_traps, stats, runner or dumper, attached)
