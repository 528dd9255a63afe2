"""The application of `toyos debug`: a session on the screen of a terminal, or in a browser.

Nothing here is imported before it is wanted: textual is loaded by run_app, textual-serve by serve.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toyos.errors import CommandError

if TYPE_CHECKING:
    from toyos.debugger.session import Session

HOST, PORT = "127.0.0.1", 8000
PAGE_VARIABLE = "TEXTUAL_DRIVER"  # of the environment: textual-serve sets it for the processes behind its pages


def in_browser() -> bool:
    """-> whether this process has a page in a browser for a terminal."""
    return PAGE_VARIABLE in os.environ


def run_app(open_session: Callable[[], Session], name: str, light: bool = False) -> int:
    """A function that makes the session (called in another thread, while the screen says so), and what is debugged ->
    the exit status, when the user has left. Raises CommandError when there is no terminal, or the session could not be
    made."""
    import sys

    from toyos.debugger.app.application import Debugger
    from toyos.debugger.app.read.desk import SessionDesk

    if not in_browser() and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError("there is no terminal here; --batch FILE debugs without one, --web in a browser")
    first, *rest = name.split(" ")
    title = " ".join([first.rpartition("/")[2], *rest])
    app = Debugger(lambda: SessionDesk(open_session(), title), light)
    status = app.run()
    if app.failure:
        raise CommandError(app.failure)
    return status or 0


def serve(arguments: Sequence[str], host: str = HOST, port: int = PORT) -> None:
    """Words after `toyos debug` -> the same in every browser that opens http://host:port, a session each, until Ctrl-C.
    Raises CommandError: textual-serve is missing, the port is in use."""
    from toyos.debugger.app.web import serve as serve_pages

    serve_pages(arguments, host, port)
