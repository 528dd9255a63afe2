"""Commands from a file or a pipe -> their replies as text: the debugger without a screen.

    (toyos) break fork
    breakpoint 1: 0x00010528 <fork> at toyos/lib/process.s:13

The same commands give the same text on every computer: nothing of the host's time or names gets into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from toyos.debugger.replies import Reply
from toyos.debugger.session import Session

PROMPT = "(toyos) "
CONTINUED = "> "


def prompt(session: Session) -> str:
    """-> what stands before the next line that is typed."""
    return PROMPT if session.collecting is None else CONTINUED


def run(session: Session, lines: Iterable[str], write: Callable[[str], object], echo: bool = True) -> int:
    """Lines of commands -> how many of them could not be done. write: takes each line of the text; echo: the commands
    are part of it. Ends with the lines, or at `quit`. In a file an empty line does nothing."""
    failures = 0
    for line in lines:
        line = line.rstrip()
        if not line.strip():
            continue
        if echo:
            write(prompt(session) + line.strip())
        reply = session.execute(line)
        show(reply, write)
        failures += reply.failed
        if reply.leave:
            break
    return failures


def show(reply: Reply, write: Callable[[str], object]) -> None:
    """A reply -> its lines."""
    for text in reply.lines:
        write(text)


def talk(session: Session, read: Callable[[str], str], write: Callable[[str], object]) -> int:
    """Commands of a person, one a line -> how many of them could not be done. read: prompt -> a line, raises EOFError
    at the end. An empty line repeats the last step; Ctrl-C stops the machine, or takes back the line."""
    failures = 0
    while True:
        try:
            line = read(prompt(session))
        except EOFError:
            write("")
            return failures
        except KeyboardInterrupt:
            write("\nquit leaves")
            continue
        reply = _interruptible(session, line)
        show(reply, write)
        failures += reply.failed
        if reply.leave:
            return failures


def _interruptible(session: Session, line: str) -> Reply:
    """Executes a line; Ctrl-C ends a move where it is, and leaves the session in order."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        return session.execute(line)
    before = signal.signal(signal.SIGINT, lambda number, frame: session.interrupt())
    try:
        return session.execute(line)
    finally:
        signal.signal(signal.SIGINT, before)
