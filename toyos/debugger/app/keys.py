"""The keys of the application: what each does, and the row at the bottom that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from toyos.debugger.app.text.rows import Row, Span

GAP = 2  # columns between keys


class Move(NamedTuple):
    """A way to move in the run. function: the key that other debuggers have for it; letter: the same for keyboards and
    browsers that keep the function keys for themselves, as a capital backwards; forward, back: commands of the session;
    label: one word; help: a sentence."""

    function: str
    letter: str
    label: str
    forward: str
    back: str
    help: str


MOVES = (
    Move("F5", "c", "go", "continue", "reverse-continue", "run to a breakpoint, Esc, or the end"),
    Move("F10", "n", "over", "nexti", "reverse-nexti", "one instruction; a call or ecall counts as one"),
    Move("F11", "s", "into", "stepi", "reverse-stepi", "one instruction, into calls and through traps"),
    Move("⇧F11", "o", "out", "finish", "reverse-finish", "to the return of this procedure"),
    Move("", "t", "trap", "trap", "reverse-trap", "to the next trap, the first instruction of its handler"),
    Move("", "u", "user", "user", "reverse-user", "out of the kernel, to the next program that goes on"),
    Move("", "w", "switch", "switch", "reverse-switch", "to the next context switch"),
)
# The keys of a Move as terminals send them. Shift-F11 arrives as F23 from most of them; Ctrl with a function key goes
# backwards.
SHIFTED = {"⇧F11": ("f23", "shift+f11")}
BACKWARDS = {"F5": ("ctrl+f5",), "F10": ("ctrl+f10",), "F11": ("ctrl+f11",), "⇧F11": ("ctrl+f23", "ctrl+shift+f11")}


def keys_of(move: Move) -> tuple[str, str]:
    """-> textual's names of the keys that go forward, and of those that go back, both joined by commas; letters not
    among them."""
    names = SHIFTED.get(move.function) or ((move.function.lower(),) if move.function else ())
    return ",".join(names), ",".join(BACKWARDS.get(move.function, ()))


class Hint(NamedTuple):
    """A key in the row at the bottom, and the action of the application that a click on it does."""

    key: str
    label: str
    action: str


def hints() -> list[Hint]:
    """-> all that could be shown at the bottom, in the order in which they are."""
    moves = [Hint(f"{move.function} {move.letter}".strip(), move.label, f"go('{move.forward}')") for move in MOVES]
    point = Hint("F9 b", "break", "toggle_point")
    rest = [Hint("⇧letter", "backwards", "help"), Hint(":", "command", "command"), Hint("?", "help", "help")]
    return [*moves[:4], point, *moves[4:], *rest, Hint("q", "quit", "quit")]


def bottom(width: int) -> list[tuple[Row, list[tuple[int, int, str]]]]:
    """-> the rows of keys in this width, and for each key its first column, the column behind it, and its action."""
    rows: list[tuple[Row, list[tuple[int, int, str]]]] = []
    spans: list[Span] = []
    places: list[tuple[int, int, str]] = []
    column = 0
    for hint in hints():
        length = len(hint.key) + 1 + len(hint.label)
        if column + length > width and spans:
            rows.append((Row(tuple(spans)), places))
            spans, places, column = [], [], 0
        places.append((column, column + length, hint.action))
        spans += [Span(" " * GAP if column else ""), Span(hint.key, "name"), Span(f" {hint.label}")]
        column += length + GAP
    return [*rows, (Row(tuple(spans)), places)]


def help_lines() -> Sequence[str]:
    """-> the moves as a table for the help screen."""
    return [f"  {move.function:5} {move.letter} {move.letter.upper()}    {move.label:7} {move.help}" for move in MOVES]
