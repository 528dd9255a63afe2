"""A row of the table of commands, and how a word that the user typed finds its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol, TypeVar

from toyos.debugger.replies import Refused, Reply

if TYPE_CHECKING:
    from toyos.debugger.session import Session

Answer = Reply | Iterable[str] | None
Do = Callable[["Session", str], Answer]
CORE = "core"  # kind of a session that can be looked at, but does not run


@dataclass(frozen=True)
class Command:
    """name, and short: other words for it. usage: its arguments; help: one line, then more if need be.

    again: an empty line does it once more; goes_on: the same, but without its arguments other than the format. runs: it
    moves or changes the machine, so that a core dump refuses it."""

    name: str
    short: tuple[str, ...]
    usage: str
    help: str
    do: Do
    again: bool = False
    runs: bool = False
    goes_on: bool = False

    @property
    def summary(self) -> str:
        """-> the first line of its help."""
        return self.help.partition("\n")[0]


class Row(Protocol):
    """What is found by a word: a command, a subject of info, an event."""

    @property
    def name(self) -> str: ...

    @property
    def short(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=Row)


def find(word: str, rows: Mapping[str, R], what: str = "command") -> R:
    """What the user typed -> the row: its name, one of its short words, or the beginning of one name only. Raises
    Refused."""
    for row in rows.values():
        if word == row.name or word in row.short:
            return row
    beginning = [row for row in rows.values() if row.name.startswith(word)]
    if len(beginning) == 1:
        return beginning[0]
    if beginning:
        raise Refused(f"{word!r} could be {_either([row.name for row in beginning])}")
    known = {name: row.name for row in rows.values() for name in (row.name, *row.short)}
    near = [known[name] for name in get_close_matches(word, known, n=1)]
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else "`help` lists them"
        if what == "command"
        else f"expected {_either(rows)}"
    )
    raise Refused(f"there is no {what} {word!r}; {hint}")


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


def split(text: str) -> tuple[str, str]:
    """Text -> its first word and the rest."""
    word, _, rest = text.strip().partition(" ")
    return word, rest.strip()


def count(session: Session, text: str, default: int = 1) -> int:
    """An argument that says how often: a number or an expression, "" for the default. Raises Refused below 1."""
    from toyos.debugger import scope
    from toyos.debugger.expressions import evaluate

    number = scope.sound(evaluate(session, text)).number if text else default
    if number < 1:
        raise Refused(f"{text}: expected how often, 1 or more")
    return number
