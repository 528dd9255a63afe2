r"""`toyos record`: a program, or a shell -> runs as with toyos run; the whole run goes into a file."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from toyos.cli import session
from toyos.cli.options import DEFAULT_RAM, Limit, Ram, Stats, ram_size
from toyos.cli.run import GUEST_WORD
from toyos.cli.run import arguments as arguments
from toyos.cli.system import DEFAULT_MODE, Mode, Partitions, Processes, Quantum, Variant, Windows, choice_of
from toyos.errors import CommandError

SUFFIX = ".rec"


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="as for toyos run; none for a shell")] = None,
    words: Annotated[list[str] | None, typer.Option(GUEST_WORD, hidden=True)] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help=f"the recording [PROGRAM{SUFFIX}]")
    ] = None,
    mode: Mode = DEFAULT_MODE,
    variant: Variant = None,
    nwin: Windows = None,
    partitions: Partitions = None,
    nproc: Processes = None,
    quantum: Quantum = None,
    ram: Ram = DEFAULT_RAM,
    stats: Stats = None,
    max_instructions: Limit = None,
) -> None:
    r"""Run a program, or a shell, and write the whole run to a file.

    The machine is deterministic: what it started with and what was typed, each key at its instruction, make the run.
    `toyos replay` runs it again, `toyos debug --replay` walks in it both ways, on any computer. The program runs as
    with `toyos run`, and as fast; the exit status is the same. Words after -- are its arguments.

    \b
    Example:
      toyos record programs/lectures/fork_sum.s
      toyos record -o answer.rec quiz.s -- easy
      toyos record -o session.rec
    """
    size = ram_size(ram)
    choice = choice_of(mode, variant, nwin, nproc, quantum, partitions)
    from toyos import build
    from toyos.boot import SHELL, Computer, observed_program
    from toyos.console import Console
    from toyos.recorded import about, check_target
    from vm.container import RecordingError
    from vm.recording import Recorder, write

    console = Console()
    with session.sentences("toyos record"):
        parts = build.system_of(choice)
        name, program, own = observed_program(files, parts) if files else (SHELL, {}, {})
        command = [name, *(words or [])]
        path = output or Path(name + SUFFIX)
        try:
            check_target(path)
        except RecordingError as fault:
            raise CommandError(str(fault)) from None
        computer = Computer(
            command, program, ram=size, terminal=session.terminal_attached(), console=console.sink, parts=parts
        )
    recorder = Recorder(computer.machine)
    whole = False
    try:
        session.run(computer, console, max_instructions, stats=stats)
    except (typer.Exit, CommandError):
        whole = True
        raise
    finally:
        recording = recorder.recording(about(shlex.join(command), parts, own), whole)
        write(path, recording)
        inputs = len(recording.log)
        print(
            f"toyos record: {recording.end - recording.start.at} instructions, {inputs} input{'s' * (inputs != 1)}, "
            f"{path.stat().st_size} bytes in {path}",
            file=sys.stderr,
        )
