"""The application in a browser: textual-serve runs `toyos debug` for each visitor and passes the screen on."""

from __future__ import annotations

import logging
import shlex
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from toyos.errors import CommandError

if TYPE_CHECKING:
    from aiohttp import web

PORTS = range(1, 1 << 16)
COMMAND = (sys.executable, "-m", "toyos.cli.main", "debug")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(arguments: Sequence[str], host: str, port: int) -> None:
    """See app.serve."""
    try:
        from aiohttp import web
        from textual_serve.server import Server
    except ImportError:
        raise CommandError("--web needs the package textual-serve: pip install 'toyos[web]'") from None
    check_address(host, port)
    if host not in LOOPBACK:
        everybody = f"everybody who reaches {host}:{port} can use this debugger, and files of this computer with it"
        print(f"toyos debug: {everybody}", file=sys.stderr)

    @web.middleware
    async def ours(request: web.Request, handler: Any) -> Any:
        if not welcome(request.headers.get("Host", ""), request.headers.get("Origin"), host):
            raise web.HTTPForbidden(text="this page is not for other sites")
        return await handler(request)

    class Guarded(Server):
        async def _make_app(self) -> web.Application:
            made: web.Application = await super()._make_app()
            made.middlewares.append(ours)
            return made

        def initialize_logging(self) -> None:
            logging.basicConfig(level=logging.WARNING)

        async def on_startup(self, app: web.Application) -> None:
            print(f"the debugger is at {url}, a machine for every page; Ctrl-C ends it", flush=True)

    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    Guarded(shlex.join([*COMMAND, *arguments]), host=host, port=port, title="toyos debug", public_url=url).serve()


def welcome(host: str, origin: str | None, listening: str) -> bool:
    """Host and Origin of a request, and where we listen -> whether it comes from our own page. A browser lets every
    site open a WebSocket to this computer, so the answer has to be given here."""
    try:
        if listening in LOOPBACK and urlsplit(f"//{host}").hostname not in LOOPBACK:
            return False
        return origin is None or urlsplit(origin).netloc == host
    except ValueError:
        return False


def check_address(host: str, port: int) -> None:
    """Raises CommandError for an address at which nobody can listen now."""
    if port not in PORTS:
        raise CommandError(f"{port} is no port; expected {PORTS[0]} to {PORTS[-1]}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        why = error.strerror or error
        raise CommandError(f"cannot listen at {host}:{port}: {why}; --port chooses another") from None
