"""A transcript (lines "$ toyos COMMAND ARGUMENTS" and what they printed) -> the transcript of running it again.

`python -m tests.golden.transcripts FILE...` writes transcripts anew: after a change on purpose, look at the difference.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from toyos.cli.main import main

PROMPT = "$ "


def run(words: list[str]) -> str:
    """One command line -> what it printed, standard error included, and its exit status where that is not 0."""
    if words[0] == "ls":
        return "".join(f"{name}\n" for name in words[1:] if os.path.exists(name))
    captured = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(captured), redirect_stderr(captured):
        status = main(words[1:])
    text = captured.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return text + (f"[exit status {status}]\n" if status else "")


def replay(path: Path) -> str:
    """A transcript -> the same commands with what they print now, run in a folder with the transcript's neighbours."""
    out, lines = "", path.read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for source in path.parent.glob("*.s"):
            shutil.copy(source, folder)
        with chdir(folder):
            for line in lines:
                if line.startswith(PROMPT):
                    out += line + "\n" + run(shlex.split(line.removeprefix(PROMPT)))
    return out


if __name__ == "__main__":
    for name in map(os.path.abspath, sys.argv[1:]):
        Path(name).write_text(replay(Path(name)))
