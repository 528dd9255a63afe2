"""How the application begins, in a terminal or behind a page: what can go wrong is told, and nobody else gets in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.debugger.app_rig import PROGRAM
from toyos.debugger import app
from toyos.errors import CommandError

PATIENCE = 60  # seconds


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind((app.HOST, 0))
        return int(trial.getsockname()[1])


def test_without_a_terminal():
    def never() -> None:
        raise AssertionError("no session is wanted")

    with pytest.raises(CommandError, match="--batch FILE debugs without one"):
        app.run_app(never, "program")


def test_port_in_use():
    with socket.socket() as taken:
        taken.bind((app.HOST, 0))
        taken.listen()
        with pytest.raises(CommandError, match="cannot listen at .*; --port chooses another"):
            app.serve([], port=taken.getsockname()[1])


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_no_port(port):
    with pytest.raises(CommandError, match="is no port; expected 1 to 65535"):
        app.serve([], port=port)


def test_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    with pytest.raises(CommandError, match="pip install"):
        app.serve([])


def test_page_is_there_and_not_for_other_sites():
    port = free_port()
    script = f"from toyos.debugger.app import serve; serve([{str(PROGRAM)!r}], port={port})"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert f"http://{app.HOST}:{port}" in server.stdout.readline()
            assert b"toyos debug" in answer(port)
            for header in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}):
                with pytest.raises(urllib.error.HTTPError, match="403"):
                    answer(port, header)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


def answer(port: int, headers: dict[str, str] | None = None) -> bytes:
    """-> what the server says; it has been told of a moment before it listens."""
    request = urllib.request.Request(f"http://{app.HOST}:{port}/", headers=headers or {})
    for _ in range(PATIENCE * 10):
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as page:
                return bytes(page.read())
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("nobody listens")


def test_commands_without_a_screen_do_not_load_textual():
    script = "import toyos.cli.debug, toyos.debugger.start, toyos.debugger.words, toyos.debugger.app, sys\n"
    script += "print([name for name in sys.modules if name.startswith(('textual', 'rich'))])"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=os.environ, check=True)
    assert loaded.stdout.strip() == "[]"
