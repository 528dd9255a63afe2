"""The real gdb-multiarch against the real command: `toyos ... --gdb 0`, a script for gdb, what both have said."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GDB = shutil.which("gdb-multiarch")
SECONDS = 60
MARK = "@@@"

needs_gdb = pytest.mark.skipif(GDB is None, reason="gdb-multiarch is not installed")


class Session(NamedTuple):
    """replies: what gdb printed after each command of the script, in order. status, out, errors: of toyos."""

    replies: dict[str, str]
    status: int
    out: str
    errors: str

    def __getitem__(self, command: str) -> str:
        """A command of the script, with #2 behind it for its second appearance -> what gdb printed."""
        return self.replies[command]


def debug(words: Sequence[str | Path], script: str, stdin: str = "") -> Session:
    """Words after `toyos`, and gdb's commands, one a line -> what came of it. A machine that is left is killed."""
    server = subprocess.Popen(
        [sys.executable, "-m", "toyos.cli.main", *map(str, words), "--gdb", "0"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    watchdog = threading.Timer(SECONDS, server.kill)
    watchdog.start()
    try:
        assert server.stderr is not None and server.stdin is not None
        first = server.stderr.readline()
        place = re.search(r"target remote ([\d.]+:\d+)", first)
        assert place is not None, first + server.stderr.read()
        commands = [line.strip() for line in script.splitlines() if line.strip()]
        replies = _gdb(place[1], commands)
        out, errors = server.communicate(stdin, timeout=SECONDS)
    finally:
        watchdog.cancel()
        server.kill()
        server.wait()
    return Session(replies, server.returncode, out, errors)


def _gdb(place: str, commands: Sequence[str]) -> dict[str, str]:
    options = ["set confirm off", "set width 0", "set pagination off", f"target remote {place}"]
    arguments = [word for option in options for word in ("-ex", option)]
    for command in commands:
        arguments += ["-ex", f"echo {MARK}{command.replace(chr(92), '')}\\n", "-ex", command]
    assert GDB is not None
    environment = {**os.environ, "LC_ALL": "C", "HOME": "/nonexistent", "DEBUGINFOD_URLS": ""}
    done = subprocess.run(
        [GDB, "-nx", "-batch", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=SECONDS, env=environment,
    )  # fmt: skip
    pieces = done.stdout.split(MARK)
    assert len(pieces) == len(commands) + 1, done.stdout
    replies: dict[str, str] = {"": pieces[0]}
    counts: dict[str, int] = {}
    for command, piece in zip(commands, pieces[1:], strict=True):
        counts[command] = count = counts.get(command, 0) + 1
        replies[command if count == 1 else f"{command}#{count}"] = piece.partition("\n")[2]
    return replies
