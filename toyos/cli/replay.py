r"""`toyos replay`: a recording -> the same run again -> the same output and exit status."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from toyos.cli.options import LARGEST_STATUS, Stats, print_stats, stats_words
from toyos.errors import CommandError

arguments = stats_words


def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="what toyos record has written")],
    to: Annotated[
        int | None, typer.Option("--to", metavar="N", min=0, help="stop after N instructions of the run")
    ] = None,
    stats: Stats = None,
) -> None:
    r"""Run a recorded run again: the same output, the same exit status.

    No time is spent waiting for what was typed, and nothing is read from standard input. In the end the state of the
    whole machine is compared with the recorded one, to the bit.

    \b
    Example:
      toyos record -o fork.rec programs/lectures/fork_sum.s
      toyos replay fork.rec
    """
    import time

    from toyos.cli.ending import speed
    from toyos.console import Console
    from toyos.recorded import read
    from vm.container import RecordingError
    from vm.recording import play

    console = Console(None)
    try:
        recording = read(file, console.sink)
        machine, begun = recording.machine, time.perf_counter()
        try:
            stop = play(recording, None if to is None else recording.start.at + to)
        finally:
            console.flush()
            if stats is not None:
                done = machine.started - recording.start.at
                print_stats({**machine.stats(), **speed(done, time.perf_counter() - begun)}, stats)
    except RecordingError as fault:
        raise CommandError(str(fault) if str(file) in str(fault) else f"{file}: {fault}") from None
    if stop.reason == "halt":
        raise typer.Exit(min(stop.status or 0, LARGEST_STATUS))
    done = machine.started - recording.start.at
    what = "the recording ends here" if machine.started == recording.end else "stopped as asked"
    print(f"toyos replay: {what}, after {done} instructions", file=sys.stderr)
