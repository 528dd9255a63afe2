"""Recordings of runs of the system: what goes into the file beside the run, so that a debugger elsewhere has all names.

recorder = vm.recording.Recorder(computer.machine)      # then run it
vm.recording.write(path, recorder.recording(about(title, parts, programs)))

opened = open_recording(path)      # a timeline at the beginning, the system, the user's programs with their symbols
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from toyos import build
from toyos.build import System
from toyos.variants import BuildError, Choice, choose
from vm import recording
from vm.container import RecordingError
from vm.container import check_target as check_target
from vm.recording import Recording
from vm.timetravel import DEFAULT_BUDGET, Timeline


class Opened(NamedTuple):
    """A recording on a timeline. parts: the system that ran; own: guest path -> the user's program, with symbols and
    lines; title: the command, as the user wrote it."""

    timeline: Timeline
    parts: System
    own: Mapping[str, bytes]
    title: str


def version() -> str:
    """-> the version of toyos; that of the checkout, where it is not installed."""
    try:
        return metadata.version("toyos")
    except metadata.PackageNotFoundError:
        import tomllib

        described = tomllib.loads((build.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(described["project"]["version"])


def about(title: str, parts: System, own: Mapping[str, bytes]) -> dict[str, Any]:
    """-> what is kept with a run. own: the user's programs, by their guest paths, with symbols and lines."""
    choice = parts.choice
    return {
        "made_by": version(),
        "title": title,
        "choice": [choice.mode, choice.variant, dict(choice.parameters)],
        "kernel": parts.kernel,
        "programs": dict(own),
    }


def read(path: str | Path, console: Callable[[bytes], object] | None = None, observed: bool = False) -> Recording:
    """File -> recording of this version. Raises RecordingError and OSError."""
    found = recording.read(path, console, observed)
    made_by = found.extra.get("made_by")
    if made_by != version():
        raise RecordingError(
            f"{path}: made by toyos {made_by}, and this is {version()}; replay it with the one that made it"
        )
    return found


def open_recording(
    path: str | Path, console: Callable[[bytes], object] | None = None, budget: int = DEFAULT_BUDGET
) -> Opened:
    """File -> its run, at the beginning. console: gets what the guest prints. Raises RecordingError, OSError."""
    found = read(path, console, observed=True)
    parts = system_of(found, str(path))
    return Opened(recording.replay(found, budget), parts, _programs(found, str(path)), str(found.extra.get("title")))


def _programs(found: Recording, name: str) -> dict[str, bytes]:
    programs = found.extra.get("programs")
    if not isinstance(programs, dict) or not all(isinstance(content, bytes) for content in programs.values()):
        raise RecordingError(f"{name}: it does not say which programs have run")
    return programs


def system_of(found: Recording, name: str) -> System:
    """-> the system that ran: this checkout's, or, when its kernel is another, what the recording knows of it."""
    try:
        mode, variant, parameters = found.extra["choice"]
        kernel = found.extra["kernel"]
        given = {key: value for key, value in parameters.items() if key != "NWIN"}
        choice = choose(mode, variant, given, parameters.get("NWIN"))
    except (BuildError, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise RecordingError(f"{name}: it does not say which system has run ({fault})") from None
    if not isinstance(kernel, bytes):
        raise RecordingError(f"{name}: it does not say which kernel has run")
    here = build.system_of(choice)
    return here if here.kernel == kernel else _foreign(choice, kernel, name)


def _foreign(choice: Choice, kernel: bytes, name: str) -> System:
    from vm import aout

    try:
        symbols = {each.name: each.value for each in aout.read(kernel, name).symbols if each.defined}
    except aout.AoutError as fault:
        raise RecordingError(f"{name}: its kernel is damaged: {fault}") from None
    return System(choice, kernel, b"", b"", {}, symbols)


def check_program(opened: Opened, own: Mapping[str, bytes], name: str) -> None:
    """The user's programs, as observed_program makes them -> RecordingError when the recording is of others."""
    for path, content in own.items():
        if path not in opened.own:
            there = ", ".join(opened.own) or "only the system's programs"
            raise RecordingError(f"{name}: a run of {there}, and not of {path}")
        if opened.own[path] != content:
            raise RecordingError(f"{name}: a run of another {path}: the program has been changed since")
