"""Routines of cisc mode that move words which no micro-op of an instruction does, for the builds that look on.

They take the place of those of the same name, and tell the machine context: `m.reaching(act)` runs one and collects the
RAM offsets of the bytes that it reaches, `m.word_moved(write, va, places)` is told of each word.
"""

from __future__ import annotations

from vm.micro import access, stack_traps
from vm.micro.context import routine
from vm.micro.layout import WORD_BYTES


@routine(32, returns=32)
def known_word(m, va):
    """As access.known_word."""
    value, places = m.reaching(lambda: access.known_word.fn(m, va))
    m.word_moved(False, va, places)
    return value


@routine(32, 32, 32)
def push_frame(m, low, pc, psw):
    """As in stack_traps.py."""
    _, places = m.reaching(lambda: stack_traps.push_frame.fn(m, low, pc, psw))
    for at in range(0, stack_traps.FRAME_BYTES, WORD_BYTES):
        m.word_moved(True, low + at, places[at : at + WORD_BYTES])


class Reaching:
    """In front of an executor's machine context: what a routine reaches."""

    watched: list | None = None  # RAM offsets of bytes that a routine reaches

    def reaching(self, act):
        """-> (result, RAM offsets of the bytes that were reached)"""
        self.watched = []
        result = act()
        places, self.watched = self.watched, None
        return result, places
