"""The options --save and --restore of `toyos machine`: the whole machine as a file, and on from there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import USAGE, CommandError

if TYPE_CHECKING:
    from toyos.console import Console
    from vm import Machine, Stop

Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="write the whole machine to a file when the run ends")
]
Restore = Annotated[
    Path | None, typer.Option("--restore", metavar="FILE", help="go on with the machine that --save has written")
]
# What may go with --restore. The rest says what machine it is and what runs on it, which the file does.
WITH_RESTORE = set("save restore disk disk_snapshot serial stats signature max_instructions trace_traps gdb".split())


def check_restore(context: typer.Context, file: Path) -> None:
    """The command line, which has --restore -> CommandError when it also says what the file says."""
    given = []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE" and parameter.name not in WITH_RESTORE:
            given.append(parameter.opts[0])
    if given:
        raise CommandError(
            f"{', '.join(given)}: what the machine is, and what runs on it, is in {file}; leave that out", USAGE
        )


def check_save(file: Path, gdb: bool) -> None:
    """Before a run whose machine is to be saved -> CommandError when it could not be."""
    from vm.container import RecordingError, check_target

    if gdb:
        raise CommandError("--save and --gdb: who goes back in time has no one end to save; take one of the two", USAGE)
    try:
        check_target(file)
    except RecordingError as fault:
        raise CommandError(f"--save {fault}") from None


def restored(
    file: Path, console: Console, disks: Sequence[Path] | None, disk_snapshot: bool, rewound: str | None
) -> Machine:
    """What --save wrote -> the machine. disks: where the files of its disks are now; rewound: what takes it back in
    time, such as "--gdb". Raises CommandError."""
    from vm import Machine
    from vm.container import RecordingError

    try:
        machine = Machine.restore(file, console.sink, rewound is not None, disks or None, disk_snapshot)
    except RecordingError as fault:
        raise CommandError(f"--restore {fault}") from None
    refusal = None
    if rewound is not None and not all(disk.has_past for disk in machine.disks):
        refusal = CommandError(f"{rewound} goes back in time, which a file cannot: add --disk-snapshot", USAGE)
    elif machine.loaded is None:
        refusal = CommandError(f"--restore {file}: a machine that was given no image, and so has nothing to run")
    if refusal is not None:
        for disk in machine.disks:
            disk.close()
        raise refusal
    return machine


class Saver:
    """Writes a machine to a file: on Ctrl-A s, and where its run ends. speaker: who tells the user of it, on standard
    error; None: nobody."""

    def __init__(self, machine: Machine, file: Path, console: Console, speaker: str | None) -> None:
        self._machine, self._file, self._speaker = machine, file, speaker
        console.saver = self._in_between

    def run(self, run: Callable[[], Stop]) -> Stop:
        """Runs; saves where that ends, unless the guest itself has ended. Raises CommandError when it cannot."""
        from toyos.console import Left

        try:
            stop = run()
        except Left:
            self._save_and_tell()
            raise
        if stop.reason == "halt":
            self._tell(f"the guest has ended: there is nothing to save in {self._file}")
        else:
            self._save_and_tell()
        return stop

    def _save_and_tell(self) -> None:
        self._tell(self._save())

    def _tell(self, sentence: str) -> None:
        if self._speaker is not None:
            print(f"{self._speaker}: {sentence}", file=sys.stderr, flush=True)

    def _save(self) -> str:
        """-> a sentence about it. Raises CommandError."""
        from vm.snapshot import SnapshotError

        try:
            self._machine.save(self._file)
        except SnapshotError as fault:
            raise CommandError(f"--save {self._file}: {fault}") from None
        except OSError as fault:
            raise CommandError(f"--save {self._file}: {(fault.strerror or str(fault)).lower()}") from None
        return f"saved in {self._file}: {self._file.stat().st_size} bytes, after {self._machine.started} instructions"

    def _in_between(self) -> str:
        try:
            sentence = self._save()
        except CommandError as fault:
            return str(fault)
        written = [disk.name for disk in self._machine.disks if not disk.has_past]
        if written:
            sentence += f" (good for as long as the guest does not write {', '.join(written)})"
        return sentence
