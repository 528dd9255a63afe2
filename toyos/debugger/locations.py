"""What a user says for a place in the code -> addresses: a symbol, PROGRAM:SYMBOL, FILE:LINE, a line, *ADDRESS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from toyos.debugger import scope
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.debugger.values import WORD
from toyos.errors import suggestion
from toyos.symbols import Table

if TYPE_CHECKING:
    from toyos.debugger.session import Session

_FILE_LINE = re.compile(r"(?:(?P<file>\S+):)?(?P<line>\d+)$")
_IN_PROGRAM = re.compile(r"(?P<program>[\w./-]+):(?P<symbol>[A-Za-z_]\w*)$")
ADDRESS_HINT = "an address is written with a star, as in *0x80000000"


class Location(NamedTuple):
    """addresses: at least one; program: name, as in PCBs, of the program that they are in, "" for the kernel, or for
    any."""

    addresses: list[int]
    program: str


def locate(session: Session, text: str) -> Location:
    """Location, "" for where the machine stands -> where that is. Raises Refused."""
    text = text.strip()
    if not text:
        pc = session.machine.pc
        table = session.symbols.table_at(pc, session.program_name)
        return Location([pc], scope.program_name(session, table) if table else "")
    if text.startswith("*"):
        return Location([scope.sound(evaluate(session, text[1:])).number & WORD], "")
    found = _FILE_LINE.match(text)
    if found:
        return _of_line(session, found["file"], int(found["line"]))
    if text.startswith(("0x", "0X")):
        raise Refused(f"{text} is no symbol; {ADDRESS_HINT}")
    if (found := _IN_PROGRAM.match(text)) and (table := session.symbols.program(found["program"])):
        return _of_symbol(session, table, found["symbol"])
    value = evaluate(session, text)
    if value.type.code or value.type.target is not None:
        table = next((t for t in session.tables() if value.symbol in t.places), None)
        return Location([scope.sound(value).number & WORD], scope.program_name(session, table) if table else "")
    if value.symbol and value.place is not None:
        raise Refused(f"{text} is data, not code; `watch {text}` stops when it changes")
    raise Refused(f"{text!r} is no place in the code: expected a symbol, FILE:LINE or *ADDRESS")


def _of_line(session: Session, file: str | None, number: int) -> Location:
    """A file (None: the one that is shown) and a line -> where its code is."""
    name = file or session.where().file
    if not name:
        raise Refused(f"line {number} of which file? Where the machine stands there is no source: write FILE:{number}")
    for table in session.tables():
        called = table.file_called(name)
        if called is not None:
            addresses = table.addresses_of_line(called, number)
            if not addresses:
                raise Refused(f"{called} has no code from line {number} on")
            return Location(addresses, scope.program_name(session, table))
    names = [each for table in session.tables() for path in table.files for each in (path, Path(path).name)]
    raise Refused(f"no code comes from a file {name!r}{suggestion(name, names)}")


def _of_symbol(session: Session, table: Table, symbol: str) -> Location:
    """A program, also one that does not run yet, and its symbol -> where that is."""
    if symbol not in table.places:
        raise Refused(f"{table.title} has no symbol {symbol!r}{suggestion(symbol, table.places)}")
    return Location([table.places[symbol]], scope.program_name(session, table))


def addresses(session: Session, text: str) -> list[int]:
    """The same -> the addresses alone."""
    return locate(session, text).addresses
