"""A line that the user typed -> the command that it means, done, and its reply."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from toyos.debugger.command import CORE, Command, find
from toyos.debugger.replies import Refused, Reply
from toyos.inspect.memory import InspectError
from toyos.kernel_points import PointError
from toyos.symbols import SymbolError
from vm.container import RecordingError
from vm.machine import MachineError
from vm.timetravel import INTERRUPTED, Diverged

if TYPE_CHECKING:
    from toyos.debugger.session import Session

FAULTS = (Refused, PointError, SymbolError, InspectError, MachineError, Diverged, RecordingError)
END_OF_COMMANDS = "end"
LONGEST = 4000  # characters of a line; numbers that are longer, Python does not read
_WORD = re.compile(r"\s*([A-Za-z][\w-]*|[!?])\s*(.*)", re.DOTALL)


@cache
def table() -> dict[str, Command]:
    """-> every command by its name, in the order in which `help` shows them."""
    from toyos.debugger import groups

    return {row.name: row for _, rows in groups.GROUPS for row in rows}


def execute(session: Session, line: str) -> Reply:
    """A line -> the reply. An empty line repeats the last command, if that makes sense."""
    line = line.strip()
    if session.collecting is not None:
        return _collected(session, line)
    if line.startswith("#"):
        return Reply()
    if not line:
        line = session.last_line
        if not line:
            return Reply()
    session.to_do = []
    reply = _answer(session, line)
    again = session.last_line
    while session.to_do and session.outcome.reason != INTERRUPTED:
        more = _answer(session, session.to_do.pop(0))
        reply = Reply((*reply.lines, *more.lines), more.failed, reply.moved or more.moved, more.leave)
        if more.failed or more.leave:
            break
    session.last_line = again
    return reply


def _collected(session: Session, line: str) -> Reply:
    """A line while the commands of a breakpoint are being given."""
    assert session.collecting is not None
    number, lines = session.collecting
    if line == END_OF_COMMANDS:
        session.collecting = None
        session.breakpoints.get(number).commands = lines
    elif line:
        lines.append(line)
    return Reply()


def _answer(session: Session, line: str) -> Reply:
    try:
        return _done(session, line)
    except FAULTS as fault:
        session.last_line = ""
        return Reply(tuple(str(fault).splitlines()), failed=True)
    except OSError as fault:
        session.last_line = ""
        return Reply((f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault),), failed=True)


def _done(session: Session, line: str) -> Reply:
    if len(line) > LONGEST:
        raise Refused(f"a line of {len(line)} characters: expected {LONGEST} at most")
    found = _WORD.fullmatch(line)
    if found is None:
        raise Refused(f"{line!r} does not begin with the name of a command; `help` lists them")
    word, rest = found.groups()
    # As in gdb, a format may stand directly behind the command: x/4i, p/x.
    row = find(word, table())
    if row.runs and session.kind == CORE:
        raise Refused(f"{row.name}: a core dump can be looked at, but it does not run")
    session.last_line = line if row.again else ""
    if row.goes_on:
        session.last_line = word + (rest.split()[0] if rest.startswith("/") else "")
    answer = row.do(session, rest)
    if isinstance(answer, Reply):
        return answer
    return Reply(tuple(answer or ()))
