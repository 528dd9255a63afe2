"""docs/trace.md: `python -m toyos.trace.page` writes its examples and its picture anew, by the commands on it.

An example is a block of code that begins with `$ toyos trace WORDS`; what follows is what the command prints. Behind
the words may stand ` 2>&1 >/dev/null | head -N`: then it is the first N lines.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from toyos.paths import PACKAGE

ROOT = PACKAGE.parent
PAGE = ROOT / "docs" / "trace.md"
_EXAMPLE = re.compile(r"^```\n\$ toyos (trace [^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r" 2>&1 >/dev/null \| head -(\d+)$")
_PICTURE = re.compile(r"`toyos (trace --plot (docs/[\w.-]+) [^`]*)`")
WIDTH = "80"  # columns


def trace(words: str) -> str:
    """Words behind `toyos` -> what the command writes to standard error."""
    command = [sys.executable, "-m", "toyos.cli.main", *shlex.split(words)]
    environment = {**os.environ, "COLUMNS": WIDTH}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stderr


def example(line: str) -> str:
    """A command as the page has it, without "$ toyos " -> the block."""
    head = _HEAD.search(line)
    lines = trace(_HEAD.sub("", line)).splitlines()
    shown = lines[: int(head[1])] if head else lines
    return "\n".join(["```", f"$ toyos {line}", *(each.rstrip() for each in shown), "```"])


def fresh(page: str) -> str:
    """Text of the page -> the same with fresh examples."""
    return _EXAMPLE.sub(lambda match: example(match[1]), page)


def pictures(page: str) -> dict[str, str]:
    """Text of the page -> file -> the words that draw it."""
    return {file: words for words, file in _PICTURE.findall(page)}


def main(page: Path = PAGE) -> None:
    """Writes the page and its pictures."""
    text = page.read_text(encoding="utf-8")
    page.write_text(fresh(text), encoding="utf-8")
    for words in pictures(text).values():
        trace(words)


if __name__ == "__main__":
    main()
