"""Files of former sessions -> sessions: recordings of runs, saved machines, core dumps."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from toyos import recorded
from toyos.boot import observed_program
from toyos.debugger.command import CORE
from toyos.debugger.printer import Printer
from toyos.debugger.session import Session
from toyos.inspect import Inspector
from vm import recording
from vm.recording import Recording
from vm.snapshot import capture
from vm.timetravel import Timeline


def replay(path: Path, files: Sequence[Path] = ()) -> Session:
    """A file that `toyos record` has written -> a session on that run, which ends where the run ended. files: what the
    user's program is made of now; a recording of another one is refused. Raises RecordingError, OSError, and what
    building raises."""
    printer = Printer()
    opened = recorded.open_recording(path, printer)
    if files:
        recorded.check_program(opened, observed_program(files, opened.parts)[2], str(path))
    inspector = Inspector(opened.timeline.machine, opened.parts, opened.own)
    return Session(opened.timeline, inspector, opened.title, printer, own=opened.own)


def program_of(session: Session) -> str:
    """A session on a run -> the name of the program that it is about."""
    return shlex.split(session.title)[0].rpartition("/")[2]


def load(path: Path) -> Session:
    """A file that the command `save` has written -> a session on that machine. Raises RecordingError, OSError."""
    printer = Printer()
    machine, extra = recording.load_machine(path, printer, observed=True)
    kept = Recording(machine, capture(machine), (), machine.started, "", extra)
    parts = recorded.system_of(kept, str(path))
    own = {str(name): bytes(content) for name, content in extra["programs"].items()}
    timeline = Timeline(machine)
    return Session(timeline, Inspector(machine, parts, own), str(extra["title"]), printer, own=own)


def save(session: Session, path: Path) -> int:
    """The machine as it stands -> file, its size in bytes. Raises RecordingError, OSError."""
    recorded.check_target(path)
    about = recorded.about(session.title, session.inspector.parts, session.own)
    recording.save_machine(path, session.machine, about)
    return path.stat().st_size


def save_run(session: Session, path: Path) -> Recording:
    """All of the run that is known -> file, and what is in it. Raises RecordingError, OSError."""
    recorded.check_target(path)
    about = recorded.about(session.title, session.inspector.parts, session.own)
    found = recording.of_timeline(session.timeline, about)
    recording.write(path, found)
    return found


def core(path: Path) -> Session:
    """A core file -> a session in which its process can be looked at. Raises CoreError, OSError."""
    from toyos.constants import signal_names
    from toyos.core_file import read_core
    from toyos.core_machine import revive

    found = read_core(path.read_bytes(), str(path))
    machine, inspector = revive(found, str(path))
    session = Session(Timeline(machine), inspector, str(path), Printer(), CORE)
    killer = signal_names().get(found.signal, f"signal {found.signal}")
    moment = f"when {killer} ended it" if found.signal else "when the core was written"
    session.note = f"a core dump: process {found.pid} ({found.name}) as it was {moment}; nothing in it runs"
    return session
