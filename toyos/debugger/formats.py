"""gdb's formats: "4xw" behind x/, "x" behind p/ -> text of numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

from toyos.debugger.replies import Refused

SIZES = {"b": 1, "h": 2, "w": 4, "g": 8}
LETTERS = "xduoctazfis"
_FORMAT = re.compile(r"/?(-?\d*)([a-z]*)$")
_NAMES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 13: "\\r", 27: "\\e", 34: '\\"', 92: "\\\\"}


class Format(NamedTuple):
    """repeat: how many; letter: one of LETTERS; size: bytes of each."""

    repeat: int
    letter: str
    size: int


def split_format(text: str) -> tuple[str, str]:
    """Argument "/4xw main" -> ("4xw", "main"); without a format ("", argument)."""
    if not text.startswith("/"):
        return "", text
    word, _, rest = text[1:].partition(" ")
    return word, rest.strip()


def parse_format(text: str, before: Format) -> Format:
    """ "4xw" -> a Format; what is not said stays as before. Raises Refused."""
    found = _FORMAT.match(text)
    if found is None:
        raise Refused(f"/{text}: expected a number, a format and a size, such as /4xw or /8i")
    number, letters = found.groups()
    if number.startswith("-"):
        raise Refused(f"/{text}: memory is shown forwards only")
    count, letter, size = int(number or 1), before.letter, before.size
    for each in letters:
        if each in SIZES:
            size = SIZES[each]
        elif each in LETTERS and each != "f":
            letter = each
            if each in "ia":
                size = 4
            elif each == "c":
                size = 1 if not set(letters) & set(SIZES) else size
        else:
            raise Refused(f"/{text}: there is no format {each!r}; expected x d u o t a c z i s, with a size b h w g")
    if count < 1:
        raise Refused(f"/{text}: expected how many, 1 or more")
    return Format(count, letter, size)


def letter_text(code: int) -> str:
    """A character's code -> "97 'a'" as gdb has it, with its sign."""
    signed = code - 256 if code > 127 else code
    return f"{signed} '{_escaped(code & 0xFF)}'"


def _escaped(code: int) -> str:
    return _NAMES.get(code) or (chr(code) if 32 <= code < 127 else f"\\{code:03o}")


def string_text(content: bytes) -> str:
    """Bytes -> "text" in quotes, with C's escapes."""
    return '"' + "".join(_escaped(code) for code in content) + '"'


def number(value: int, letter: str, size: int) -> str:
    """A number of so many bytes -> as the letter wants it; not for the letters a, i and s."""
    bits = 8 * size
    unsigned = value & (1 << bits) - 1
    if letter == "x":
        return f"{unsigned:#x}"
    if letter == "z":
        return f"0x{unsigned:0{2 * size}x}"
    if letter == "o":
        return f"0{unsigned:o}" if unsigned else "0"
    if letter == "t":
        return f"{unsigned:b}"
    if letter == "u":
        return str(unsigned)
    if letter == "c":
        return letter_text(unsigned & 0xFF)
    return str(unsigned - (1 << bits) if unsigned >> bits - 1 else unsigned)
