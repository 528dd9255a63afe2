"""A run as a file: the state it began with, every input and where it came, and how it ended.

    recorder = Recorder(machine)            # then run the machine as usual
    write(path, recorder.recording(), {})   # and whatever shall be kept with it

    recording = read(path)                  # anywhere else
    timeline = replay(recording)            # a Timeline that ends where the run ended

The same container holds a machine that was saved in the middle of its life: save_machine, load_machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vm import container
from vm.container import RecordingError
from vm.devices.block import Disk
from vm.inputs import RECEIVE, WAIT, WAKE, Input
from vm.machine import Machine, Stop
from vm.snapshot import Snapshot, capture, digest
from vm.snapshot_form import WHERE_THEY_WERE, FormError, Places, form, machine_form, machine_of, put, snapshot_of
from vm.timetravel import DEFAULT_BUDGET, Poke, Timeline, give

RECORDING, MACHINE = b"runs", b"mach"
UNKNOWN = ""  # in place of a digest
DIVERGED = "the run does not come out as recorded: the machine that recorded it works differently from this one"
KINDS = {RECORDING: "a recording of a run", MACHINE: "a saved machine"}
POKE = "poke"
Extra = Mapping[str, Any]  # for those above: what container.py can hold


@dataclass(frozen=True)
class Recording:
    """A run. machine: one of the kind, in no particular state. start: the state at its beginning. log: the inputs.
    end: the last position, and the digest of the state there. extra: what was kept with it."""

    machine: Machine
    start: Snapshot
    log: tuple[Input | Poke, ...]
    end: int
    digest: str
    extra: Extra = field(default_factory=dict)


class Recorder:
    """Listens to a machine's inputs from now on; costs the run nothing."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._start = capture(machine)
        self._log: list[Input] = []
        machine.log = self._log.append

    def recording(self, extra: Extra | None = None, whole: bool = True) -> Recording:
        """-> the run from then to where the machine stands now. whole: it stands between two instructions; otherwise,
        as when its run was broken off from outside, the last state is not part of the recording."""
        now = capture(self._machine)
        last = digest(now) if whole else UNKNOWN
        return Recording(self._machine, self._start, tuple(self._log), now.at, last, extra or {})


def of_timeline(timeline: Timeline, extra: Extra | None = None) -> Recording:
    """-> the whole of the run that is known. The machine stays where it is."""
    now = timeline.now
    timeline.goto(timeline.end)
    last = capture(timeline.machine)
    timeline.goto(now)
    return Recording(timeline.machine, timeline.beginning, tuple(timeline.log), last.at, digest(last), extra or {})


def write(path: str | Path, recording: Recording) -> None:
    """Recording -> file, whole or not at all. Raises OSError."""
    value = {
        "machine": machine_form(recording.machine),
        "start": form(recording.start),
        "log": [_entry_form(entry, recording.start) for entry in recording.log],
        "end": recording.end,
        "digest": recording.digest,
        "extra": dict(recording.extra),
    }
    container.write(path, RECORDING, value)


def read(path: str | Path, console: Callable[[bytes], object] | None = None, observed: bool = True) -> Recording:
    """File -> recording, with a machine that prints to `console`. observed: whether it can be looked at in detail.

    Raises RecordingError for a file that is damaged, cut short, of another kind or version; OSError.
    """
    value = container.read(path, KINDS, RECORDING)
    with _Opening(path) as opened:
        machine = opened.machine(value["machine"], console=console, observed=observed)
        start = snapshot_of(value["start"], machine)
        log = tuple(_entry_of(entry, machine, start) for entry in value["log"])
        positions = [start.at, *(entry.at for entry in log), value["end"]]
        if positions != sorted(positions):
            raise FormError("damaged: its inputs are out of order")
        return Recording(machine, start, log, value["end"], str(value["digest"]), dict(value["extra"]))


def play(recording: Recording, until: int | None = None) -> Stop:
    """Runs the recording's machine from the beginning to the end of the run, or to an earlier position -> why it
    stopped: "halt", or "limit" for the end. The machine need not observe. Raises RecordingError when the run does not
    come out as recorded."""
    machine = recording.machine
    with _Naming("the recording"):
        put(machine, recording.start)
    end = recording.end if until is None else min(until, recording.end)
    stop = Stop("limit")
    for entry in recording.log:
        if entry.at > end:
            break
        if machine.started != entry.at:  # between two inputs of one position nothing may happen, no interrupt either
            stop = machine.run(entry.at - machine.started)
        if machine.started != entry.at:
            raise RecordingError(DIVERGED)
        give(machine, entry)
    if machine.started < end:
        stop = machine.run(end - machine.started)
    if machine.started != end:
        raise RecordingError(DIVERGED)
    if end == recording.end and recording.digest not in (UNKNOWN, digest(capture(machine))):
        raise RecordingError(DIVERGED)
    return stop


def replay(recording: Recording, budget: int = DEFAULT_BUDGET) -> Timeline:
    """Recording -> a timeline that stands at its beginning, knows its inputs and ends where it ended."""
    with _Naming("the recording"):
        put(recording.machine, recording.start)
    timeline = Timeline(recording.machine, budget)
    timeline.expect(recording.log, recording.end)
    return timeline


def save_machine(path: str | Path, machine: Machine, extra: Extra | None = None) -> None:
    """A machine that is not running -> file with its complete state. A disk that is written to its file is flushed,
    and stays there: the machine goes on elsewhere for as long as nobody writes it. Raises SnapshotError, OSError."""
    kind = machine_form(machine)
    state = form(capture(machine, past=False))
    container.write(path, MACHINE, {"machine": kind, "state": state, "extra": dict(extra or {})})


def load_machine(
    path: str | Path,
    console: Callable[[bytes], object] | None = None,
    observed: bool = False,
    disks: Places = WHERE_THEY_WERE,
) -> tuple[Machine, dict[str, Any]]:
    """What save_machine wrote -> a machine in the same state, and what was kept with it. Its disks are the caller's to
    close. Raises as `read` does."""
    value = container.read(path, KINDS, MACHINE)
    with _Opening(path) as opened:
        machine = opened.machine(value["machine"], disks, console=console, observed=observed)
        put(machine, snapshot_of(value["state"], machine), new=True)
        return machine, dict(value["extra"])


class _Naming:
    """Inside, what is wrong with values from a file leaves as a RecordingError that names the file."""

    def __init__(self, path: str | Path) -> None:
        self._path = path

    def __enter__(self) -> _Naming:
        return self

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, FormError):
            raise RecordingError(f"{self._path}: {fault}") from None
        if isinstance(fault, KeyError | TypeError | ValueError | AttributeError):
            raise RecordingError(f"{self._path}: damaged: what is in it makes no sense ({fault})") from None


class _Opening(_Naming):
    """The same; and the disks of the machine that is made inside are closed if nothing comes of it."""

    def __enter__(self) -> _Opening:
        self._disks: tuple[Disk, ...] = ()
        return self

    def machine(self, values: Any, disks: Places = WHERE_THEY_WERE, **more: Any) -> Machine:
        machine = machine_of(values, disks, **more)
        self._disks = machine.disks
        return machine

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if fault is not None:
            for disk in self._disks:
                disk.close()
        super().__exit__(kind, fault, trace)


def _entry_form(entry: Input | Poke, start: Snapshot) -> list[Any]:
    if isinstance(entry, Poke):
        return [entry.at, POKE, form(entry.snapshot, start)]
    return [entry.at, entry.kind, entry.data if entry.kind == RECEIVE else entry.clocks]


def _entry_of(values: list[Any], machine: Machine, start: Snapshot) -> Input | Poke:
    at, kind, what = values
    if kind == POKE:
        poke = Poke(at, snapshot_of(what, machine, start))
        put(machine, poke.snapshot)
        if machine.started != at:
            raise FormError("damaged: a poke of another position")
        return poke
    if isinstance(at, int) and kind == RECEIVE and isinstance(what, bytes):
        return Input(at, RECEIVE, what)
    if isinstance(at, int) and kind == WAIT and isinstance(what, int) and 0 < what < 1 << 62:
        return Input(at, WAIT, clocks=what)
    if isinstance(at, int) and kind == WAKE:
        return Input(at, WAKE)
    raise FormError("damaged: an input that a machine cannot have")
