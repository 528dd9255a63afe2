r"""`toyos boot`: the kernel with a shell on this terminal."""

import sys
from typing import Annotated

import typer

from toyos.cli import session
from toyos.cli.checking import Check, checked, refuse_both
from toyos.cli.options import DEFAULT_RAM, Gdb, Limit, Ram, Stats, TraceTraps, gdb_door, ram_size, stats_words
from toyos.cli.system import DEFAULT_MODE, Mode, Partitions, Processes, Quantum, Variant, Windows, choice_of

WELCOME = "toyos: `help` says what the shell knows; `exit`, Ctrl-D, or Ctrl-A x at any time, leave"

arguments = stats_words


def main(
    command: Annotated[str | None, typer.Option("-c", "--command", metavar="TEXT", help="run this, then stop")] = None,
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
) -> None:
    r"""Boot the kernel with a shell on this terminal.

    The machine stops when the shell ends: by exit, or by Ctrl-D at its prompt. Ctrl-A x leaves at once. Without a
    terminal the shell reads its commands from standard input. The exit status is the shell's own, or 123 when --check
    has found something.

    \b
    Example:
      toyos boot
      toyos boot -c 'ls /lectures; ps'
    """
    size = ram_size(ram)
    choice = choice_of(mode, variant, nwin, nproc, quantum, partitions)
    from toyos import build
    from toyos.boot import SHELL, Computer
    from toyos.console import Console

    refuse_both(check, gdb)
    door = gdb_door(gdb, choice.mode)
    console = Console()
    words = None if command is None else [SHELL, "-c", command]
    with session.sentences("toyos boot"):
        computer = Computer(
            words, ram=size, terminal=session.terminal_attached(), console=console.sink,
            parts=build.system_of(choice), observed=check or door is not None,
        )  # fmt: skip
    if words is None and session.terminal_attached():
        print(WELCOME, file=sys.stderr)
    attached = None if door is None else door.runner(computer, console, "toyos boot", max_instructions)
    with checked(check, computer) as runner:
        session.run(computer, console, max_instructions, trace_traps, stats, runner, attached)
