"""What a user says for a place in the code -> addresses: a symbol, FILE:LINE, a line, *ADDRESS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from toyos.build import KERNEL_ADDRESS
from toyos.debugger import scope
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.debugger.values import WORD
from toyos.symbols import SymbolError, Table

if TYPE_CHECKING:
    from toyos.debugger.session import Session

_FILE_LINE = re.compile(r"(?:(?P<file>\S+):)?(?P<line>\d+)$")
ADDRESS_HINT = "an address is written with a star, as in *0x80000000"


class Location(NamedTuple):
    """addresses: at least one; program: name, as in PCBs, of the program that they are in, "" for the kernel, or for
    any."""

    addresses: list[int]
    program: str


def _program(session: Session, table: Table) -> str:
    """A program -> what its processes are called. Addresses of the kernel are the same in all of them."""
    if table.start >= KERNEL_ADDRESS:
        return ""
    return table.title.rpartition("/")[2][: session.kernel.symbols["NAME_SIZE"] - 1]


def locate(session: Session, text: str) -> Location:
    """Location, "" for where the machine stands -> where that is. Raises Refused."""
    text = text.strip()
    if not text:
        pc = session.machine.pc
        table = session.symbols.table_at(pc, session.program_name)
        return Location([pc], _program(session, table) if table else "")
    if text.startswith("*"):
        return Location([scope.sound(evaluate(session, text[1:])).number & WORD], "")
    found = _FILE_LINE.match(text)
    if found:
        return _of_line(session, found["file"], int(found["line"]))
    if text.startswith(("0x", "0X")):
        raise Refused(f"{text} is no symbol; {ADDRESS_HINT}")
    value = evaluate(session, text)
    if value.type.code or value.type.target is not None:
        table = next((t for t in session.symbols.tables(session.program_name) if t.places.get(value.symbol)), None)
        return Location([scope.sound(value).number & WORD], _program(session, table) if table else "")
    if value.symbol and value.place is not None:
        raise Refused(f"{text} is data, not code; `watch {text}` stops when it changes")
    raise Refused(f"{text!r} is no place in the code: expected a symbol, FILE:LINE or *ADDRESS")


def _of_line(session: Session, file: str | None, number: int) -> Location:
    """A file (None: the one that is shown) and a line -> where its code is."""
    name = file or session.where().file
    if not name:
        raise Refused(f"line {number} of which file? Where the machine stands there is no source: write FILE:{number}")
    for table in session.symbols.tables(session.program_name):
        if table.file_called(name) is not None:
            break
    try:
        addresses = session.symbols.addresses_of_line(name, number, session.program_name)
    except SymbolError as error:
        raise Refused(str(error)) from None
    return Location(addresses, _program(session, table))


def addresses(session: Session, text: str) -> list[int]:
    """The same -> the addresses alone."""
    return locate(session, text).addresses
