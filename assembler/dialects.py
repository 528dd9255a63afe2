"""What the assembler must know of a mode besides its instructions: where they may begin, and what fills gaps in code.

The tables of a mode are loaded when a source is assembled for it, not before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vm.isa.codec import CISC, MODES

if TYPE_CHECKING:
    from assembler.instructions import Forms

RISC_STEP = 4


@dataclass(frozen=True, slots=True)
class Dialect:
    """One mode's way of writing.

    step: instructions begin at multiples of so many bytes. padding: number of bytes -> what fills a gap of that size in
    code, so that it can be run through. forms: the mnemonics (instructions.py). immediate: what stands before a number
    that is an operand.
    """

    mode: str
    step: int
    padding: Callable[[int], bytes]
    forms: Forms
    immediate: str = ""


def _risc_padding(count: int) -> bytes:
    """The bytes of GNU as: a zero, a 16-bit nop, then nops. Only the last can be reached as code."""
    return bytes(count & 1) + b"\x01\0" * (count >> 1 & 1) + b"\x13\0\0\0" * (count >> 2)


@cache
def dialect(mode: str) -> Dialect:
    """Mode -> its dialect. ValueError: there is no such mode."""
    if mode == CISC:
        from assembler.cisc import forms, padding

        return Dialect(mode, 1, padding, forms(), "$")
    from assembler import instructions

    return Dialect(mode, RISC_STEP, _risc_padding, instructions.forms(mode))


def foreign(word: str, mode: str) -> str | None:
    """A word that is no instruction of the mode -> a sentence, if it is one of other modes."""
    homes = [other for other in MODES if other != mode and word in dialect(other).forms]
    if not homes:
        return None
    modes = f"{homes[0]} mode" if len(homes) == 1 else f"the modes {' and '.join(homes)}"
    return f"{word} is an instruction of {modes}; this source is assembled for {mode}"
