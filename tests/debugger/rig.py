"""Sessions for the tests of the debugger without a screen: each made once a mode, and put back to its beginning."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from toyos.debugger.replies import Reply
from toyos.debugger.session import Session
from toyos.debugger.start import start
from toyos.variants import MODES, choose
from vm.snapshot import capture, digest

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
FORK_SUM = PROJECT / "programs" / "lectures" / "fork_sum.s"
GOLDEN = HERE / "golden"
PROGRAMS = HERE / "programs"
WRITE = os.environ.get("TOYOS_GOLDEN") == "write"

__all__ = ["FORK_SUM", "GOLDEN", "HERE", "MODES", "PROGRAMS", "PROJECT", "WRITE"]


def made(mode: str, program: Path = FORK_SUM, variant: str | None = None) -> Session:
    """-> a new session at the program's main."""
    os.chdir(PROJECT)  # sources are named from here
    return start([program], (), choose(mode, variant, {}, None))


@cache
def _kept(mode: str, program: Path, use: str) -> tuple[Session, int]:
    session = made(mode, program)
    return session, session.position


def session_of(mode: str, program: Path = FORK_SUM, use: str = "") -> Session:
    """-> a session at the program's main, without breakpoints, values and displays; nothing but time was changed by who
    had it before. use: who changes more than that has a session of its own, by this name."""
    session, main = _kept(mode, program, use)
    put_back(session, main)
    return session


def put_back(session: Session, main: int) -> None:
    """The session as it was when it was made, but for what is known of its future."""
    session.collecting = None
    for number in list(session.breakpoints.by_number):
        session.breakpoints.delete(number)
    session.breakpoints._last = 0
    session.displays.clear()
    session.shown.clear()
    session.variables.clear()
    assert session.go(lambda: session.goto(main)) is not None
    session.next_address, session.examined = None, session.examined._replace(repeat=1, letter="x", size=4)
    session.last_line, session.checks = "", None


def ok(session: Session, line: str) -> tuple[str, ...]:
    """A command that can be done -> the lines of its reply."""
    reply: Reply = session.execute(line)
    assert not reply.failed, (line, reply.lines)
    return reply.lines


def refused(session: Session, line: str) -> str:
    """A command that cannot be done -> the sentence that says so."""
    reply: Reply = session.execute(line)
    assert reply.failed, (line, reply.lines)
    return "\n".join(reply.lines)


def state(session: Session) -> str:
    """-> the digest of the whole machine."""
    return digest(capture(session.machine))
