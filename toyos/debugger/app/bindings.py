"""Which key does what in the application: keys -> actions of application.py."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from toyos.debugger.app.keys import MOVES, keys_of
from toyos.debugger.app.layout import PANES


def _moves() -> list[BindingType]:
    found: list[BindingType] = []
    for move in MOVES:
        forward, back = keys_of(move)
        for keys, letter, command in ((forward, move.letter, move.forward), (back, move.letter.upper(), move.back)):
            found.append(Binding(letter, f"go('{command}')", move.label, show=False))
            if keys:
                found.append(Binding(keys, f"go('{command}')", move.label, show=False, priority=True))
    return found


BINDINGS: list[BindingType] = [
    *_moves(),
    Binding("f9", "toggle_point", show=False, priority=True),
    Binding("b", "toggle_point", show=False),
    Binding("f1", "help", show=False, priority=True),
    Binding("question_mark", "help", show=False),
    Binding("colon", "command", show=False),
    Binding("escape", "leave", show=False, priority=True),
    Binding("ctrl+c", "interrupt", show=False, priority=True),
    Binding("left_square_bracket", "mark(-1)", show=False),
    Binding("right_square_bracket", "mark(1)", show=False),
    Binding("plus,equals_sign", "zoom(0.25)", show=False),
    Binding("minus", "zoom(4)", show=False),
    Binding("d", "dark", show=False),
    Binding("q", "quit", show=False),
    *(Binding(str(number % 10), f"pane('{pane}')", show=False) for number, pane in enumerate(PANES, 1)),
]
