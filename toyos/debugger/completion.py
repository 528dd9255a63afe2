"""A line that is being typed -> the lines that it could become: commands, subjects, events, symbols, registers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toyos.debugger import scope
from toyos.debugger.catching import EVENTS
from toyos.debugger.command import find
from toyos.debugger.replies import Refused
from vm.arch import CSR_OF_MODE

if TYPE_CHECKING:
    from toyos.debugger.session import Session

MOST = 200  # proposals; more help nobody
LINES_IN = ("break", "tbreak", "until", "advance", "list", "disassemble")  # commands whose places may be FILE:LINE
_LAST_WORD = re.compile(r"[\w.$:/-]*$")


def complete(session: Session, line: str) -> Sequence[str]:
    """A line, the cursor at its end -> the lines that it could become, in order."""
    from toyos.debugger.words import table

    start = len(line) - len(line.lstrip())
    first, space, rest = line[start:].partition(" ")
    if not space:
        return _lines(line, first, table())
    try:
        row = find(first.partition("/")[0], table())
    except Refused:
        return []
    word = _LAST_WORD.search(rest)
    begun = word[0] if word else ""
    before = rest[: len(rest) - len(begun)].split()
    return _lines(line, begun, _words(session, row.name, before, begun))


def _lines(line: str, begun: str, words: Iterable[str]) -> list[str]:
    """The line, the word at its end and words that exist -> lines with those that begin so."""
    fitting = sorted({word for word in words if word.startswith(begun)})
    return [line[: len(line) - len(begun)] + word for word in fitting[:MOST]]


def _words(session: Session, command: str, before: Sequence[str], begun: str) -> Iterable[str]:
    """A command, the words behind it and the beginning of the next -> what that could be."""
    from toyos.debugger.show_commands import SUBJECTS
    from toyos.debugger.words import table

    if not before and command == "help":
        return table()
    if not before and command == "info":
        return SUBJECTS
    if command == "catch":
        return _of_catch(session, before)
    if begun.startswith("$"):
        registers = (*scope.register_names(session.machine.mode), *scope.PSEUDO, *session.variables)
        csrs = ("sstatus", "scause", "sepc", "stval", "stvec", "sscratch", "satp", *_csrs(session))
        return [f"${name}" for name in (*registers, *csrs)]
    words = [name for program in session.tables() for name in program.places]
    if command in LINES_IN:
        words += [f"{Path(file).name}:" for each in session.tables() for file in each.files]
    return [*words, "if", "pid"] if command in ("break", "tbreak") else words


def _csrs(session: Session) -> Iterable[str]:
    return CSR_OF_MODE.get(session.machine.mode, ())


def _of_catch(session: Session, before: Sequence[str]) -> Iterable[str]:
    if not before:
        return EVENTS
    if before[0] == "syscall":
        return [name.lower() for name in session.kernel.system_calls.values()]
    if before[0] in ("trap", "cause"):
        return session.kernel.cause_names.values()
    return ("from", "to") if before[0] == "switch" else ()
