"""What a user says for a place in the code -> addresses: a symbol, FILE:LINE, a line, *ADDRESS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toyos.debugger import scope
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.debugger.values import WORD
from toyos.symbols import SymbolError

if TYPE_CHECKING:
    from toyos.debugger.session import Session

_FILE_LINE = re.compile(r"(?:(?P<file>\S+):)?(?P<line>\d+)$")
ADDRESS_HINT = "an address is written with a star, as in *0x80000000"


def addresses(session: Session, text: str) -> list[int]:
    """Location, "" for where the machine stands -> addresses of its code, at least one. Raises Refused."""
    text = text.strip()
    if not text:
        return [session.machine.pc]
    if text.startswith("*"):
        return [scope.sound(evaluate(session, text[1:])).number & WORD]
    found = _FILE_LINE.match(text)
    if found:
        file = found["file"] or session.where().file
        if not file:
            raise Refused(f"line {text} of which file? Where the machine stands there is no source; write FILE:{text}")
        try:
            return session.symbols.addresses_of_line(file, int(found["line"]), session.program_name or None)
        except SymbolError as error:
            raise Refused(str(error)) from None
    if text.startswith(("0x", "0X")):
        raise Refused(f"{text} is no symbol; {ADDRESS_HINT}")
    value = evaluate(session, text)
    if value.type.code or value.type.target is not None:
        return [scope.sound(value).number & WORD]
    if value.symbol and value.place is not None:
        raise Refused(f"{text} is data, not code; `watch {text}` stops when it changes")
    raise Refused(f"{text!r} is no place in the code: expected a symbol, FILE:LINE or *ADDRESS")
