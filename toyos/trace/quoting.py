"""Bytes and numbers -> text as strace prints it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_ESCAPES = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t", ord("\v"): "\\v", ord("\f"): "\\f",
            ord('"'): '\\"', ord("\\"): "\\\\"}  # fmt: skip
_PRINTABLE = range(0x20, 0x7F)
_DIGITS = b"0123456789"


def quoted(content: bytes, cut: bool = False) -> str:
    """Bytes -> a string of C; cut: there was more, which three dots say."""
    out = []
    for at, byte in enumerate(content):
        if byte in _ESCAPES:
            out.append(_ESCAPES[byte])
        elif byte in _PRINTABLE:
            out.append(chr(byte))
        else:
            digit_follows = content[at + 1 : at + 2] in [bytes([digit]) for digit in _DIGITS]
            out.append(f"\\{byte:03o}" if digit_follows else f"\\{byte:o}")
    return f'"{"".join(out)}"{"..." if cut else ""}'


def signed(word: int) -> int:
    """32 bits -> the number that they are in two's complement."""
    return word - (1 << 32) if word >> 31 else word


def address(word: int) -> str:
    """A pointer -> hexadecimal, NULL for 0."""
    return f"{word:#x}" if word else "NULL"


def flags(word: int, names: Iterable[str], values: Mapping[str, int], none: str = "0") -> str:
    """A word, the names that its bits may have, and their values -> such as O_RDWR|O_CREAT; the rest in hexadecimal."""
    shown = []
    for name in names:
        if word & values[name]:
            shown.append(name)
            word &= ~values[name]
    if word:
        shown.append(f"{word:#x}")
    return "|".join(shown) or none


def one_of(word: int, names: Iterable[str], values: Mapping[str, int]) -> str:
    """A word that is one of several constants -> its name, or the number."""
    return next((name for name in names if values[name] & 0xFFFF_FFFF == word), f"{signed(word)}")
