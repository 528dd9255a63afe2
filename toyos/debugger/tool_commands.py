"""Commands about the guest's console, files, and the debugger itself."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from toyos.boot import END_OF_INPUT
from toyos.debugger import opening
from toyos.debugger.command import Command, find, split
from toyos.debugger.data_commands import LOST
from toyos.debugger.formats import string_text
from toyos.debugger.info_system import process_of
from toyos.debugger.replies import Refused, Reply

if TYPE_CHECKING:
    from toyos.debugger.session import Session


def typed(session: Session, data: bytes) -> Reply:
    """Bytes for the guest's console -> the reply that says so."""
    future = session.timeline.end > session.position
    session.send(data)
    lost = (LOST,) if future else ()
    return Reply((f"the guest's console has {string_text(data)} to read", *lost), moved=True)


def input_(session: Session, text: str) -> Reply:
    """input TEXT: types a line."""
    return typed(session, (text + "\n").encode("utf-8", "surrogateescape"))


def output(session: Session, text: str) -> Iterator[str]:
    """output: what the guest has printed up to now."""
    yield from session.output.decode("utf-8", "replace").splitlines()


def _path(text: str, what: str) -> Path:
    words = _words(text)
    if len(words) != 1:
        raise Refused(f"{what} FILE: expected the name of one file")
    return Path(words[0])


def _words(text: str) -> list[str]:
    """Names of files, in quotes or without -> the names. Raises Refused."""
    if "\0" in text:
        raise Refused(f"{text!r}: no file has a NUL in its name")
    try:
        return shlex.split(text)
    except ValueError:
        raise Refused(f"{text}: a quotation mark has no second one, or nothing is behind a \\") from None


def save(session: Session, text: str) -> Iterator[str]:
    """save FILE."""
    path = _path(text, "save")
    size = opening.save(session, path)
    yield f"{size} bytes in {path}: the machine as it stands; `toyos debug --load {path}` goes on with it"


def record(session: Session, text: str) -> Iterator[str]:
    """record save FILE."""
    word, rest = split(text)
    if word != "save":
        raise Refused("expected `record save FILE`; the run is always recorded (info timeline)")
    path = _path(rest, "record save")
    found = opening.save_run(session, path)
    yield (
        f"positions {found.start.at} to {found.end}, {len(found.log)} inputs, in {path}; "
        f"`toyos debug --replay {path}` opens it"
    )


def core(session: Session, text: str) -> Iterator[str]:
    """gcore [PID] FILE."""
    from toyos.core_file import write_core

    words = _words(text)
    if not 1 <= len(words) <= 2:
        raise Refused("expected `gcore FILE`, or `gcore PID FILE`")
    process = process_of(session, words[0] if len(words) == 2 else "")
    write_core(session.inspector, process, words[-1])
    yield f"process {process.pid} ({process.name}) in {words[-1]}; `toyos debug --core {words[-1]}` looks at it"


def check(session: Session, text: str) -> Iterator[str]:
    """check [on|off]."""
    from toyos.debugger.checking import SessionChecks

    if text not in ("", "on", "off"):
        raise Refused(f"check {text}: expected on or off")
    if session.checks is None:
        session.checks = SessionChecks(session)
    if text:
        session.checks.switch(text == "on")
    yield f"the kernel's invariants are {'checked' if session.checks.on else 'not checked'}"
    yield from map(str, session.checks.up_to_now())


def help_(session: Session, text: str) -> Iterator[str]:
    """help [COMMAND]."""
    from toyos.debugger.groups import GROUPS
    from toyos.debugger.show_commands import SUBJECTS
    from toyos.debugger.words import table

    if not text:
        for title, rows in GROUPS:
            yield f"{title}:"
            for row in rows:
                words = ", ".join((row.name, *row.short))
                yield f"  {words:28} {row.summary}"
        yield "An empty line repeats the last step. Names may be shortened. `help COMMAND` says more."
        return
    first, _, rest = text.partition(" ")
    row = find(first, table())
    if rest and row.name == "info":
        row = find(rest.strip(), SUBJECTS, "subject of info")
        first = "info "
    else:
        first = ""
    yield f"{first}{row.name} {row.usage}".rstrip() + (f"   (or {', '.join(row.short)})" if row.short else "")
    yield from row.help.splitlines()
    if row.name == "info":
        for each in SUBJECTS.values():
            yield f"  info {each.name + ' ' + each.usage:28} {each.summary}".rstrip()


def source(session: Session, text: str) -> Reply:
    """source FILE."""
    lines = _path(text, "source").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    said: list[str] = []
    failed = moved = False
    for line in filter(str.strip, lines):
        if line.split()[0] == "source":
            raise Refused(f"{text}: a script that reads another one")
        reply = session.execute(line)
        said += reply.lines
        failed, moved = failed or reply.failed, moved or reply.moved
        if reply.leave:
            return Reply(tuple(said), failed, moved, leave=True)
    return Reply(tuple(said), failed, moved)


def quit_(session: Session, text: str) -> Reply:
    """quit."""
    if text:
        raise Refused("quit has no argument")
    return Reply(leave=True)


ROWS = (
    Command("input", (), "TEXT", "type a line on the guest's console", input_, runs=True),
    Command("eof", (), "", "type Ctrl-D on the guest's console: its input ends",
            lambda session, text: typed(session, END_OF_INPUT), runs=True),
    Command("save", (), "FILE", "the machine as it stands, into a file", save, runs=True),
    Command("record", (), "save FILE", "the whole run that is known, into a file", record, runs=True),
    Command("gcore", ("core", "generate-core-file"), "[PID] FILE", "a core dump of a process", core),
    Command("check", (), "[on|off]", "stop where the kernel breaks one of its invariants (docs/checks.md)", check,
            runs=True),
    Command("output", (), "", "what the guest has printed up to now", output),
    Command("source", (), "FILE", "do the commands of a file", source),
    Command("echo", (), "TEXT", "say it, for scripts", lambda session, text: [text]),
    Command("help", ("h", "?"), "[COMMAND]", "this list, or more about one", help_),
    Command("quit", ("q", "exit"), "", "leave", quit_),
)  # fmt: skip
