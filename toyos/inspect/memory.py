"""The guest's memory as its kernel sees it: words, texts, runs of bytes; nothing of the machine is changed."""

from __future__ import annotations

import struct

from vm.arch import PAGE_MASK, PAGE_SIZE, RAM_BASE, WORD
from vm.machine import Machine, MachineError
from vm.translation import Untranslated, read_virtual

_WORDS = struct.Struct("<I")
TEXT_MOST = 256  # bytes of a text, where nobody says more


class InspectError(Exception):
    """What is in memory is not what the kernel keeps there; the message is a sentence."""


class Memory:
    """Reads RAM by physical address, which is also where the kernel sees it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def holds(self, address: int, size: int = WORD) -> bool:
        """-> whether these bytes are RAM."""
        return RAM_BASE <= address <= RAM_BASE + self.machine.ram_size - size

    def read(self, address: int, size: int, what: str) -> bytes:
        """Address -> bytes. what: the name, in messages, of what should be there. Raises InspectError outside RAM."""
        try:
            return self.machine.read(address, size)
        except MachineError:
            raise InspectError(f"{what} would be at {address:#010x}, where there is no RAM") from None

    def word(self, address: int, what: str = "a word") -> int:
        """Address -> the word there. Raises InspectError outside RAM."""
        return int.from_bytes(self.read(address, WORD, what), "little")

    def words(self, address: int, count: int, what: str) -> list[int]:
        """Address -> so many words from there on. Raises InspectError outside RAM."""
        return words_of(self.read(address, count * WORD, what))

    def user(self, root: int) -> UserMemory:
        """-> what lies under this root table."""
        return UserMemory(self.machine, root)


class UserMemory:
    """A process's memory, as one looks at it from outside: what is not mapped to RAM is None. root: physical address
    of its root table, 0 for none."""

    def __init__(self, machine: Machine, root: int) -> None:
        self._machine, self._root = machine, root

    def read(self, address: int, size: int) -> bytes | None:
        """-> exactly so many bytes, or None where some of them are not mapped."""
        try:
            return read_virtual(self._machine, address, size, self._root)
        except Untranslated:
            return None

    def word(self, address: int) -> int | None:
        """-> the word there."""
        content = self.read(address, WORD)
        return None if content is None else int.from_bytes(content, "little")

    def string(self, address: int, most: int) -> bytes | None:
        """-> the bytes up to a NUL, `most` of them at most; None when what is mapped ends before."""
        content, whole = self._string(address, most)
        return content if whole else None

    def text(self, address: int, most: int = TEXT_MOST) -> str | None:
        """-> the NUL-terminated text there, cut off after `most` bytes or where what is mapped ends; None where
        nothing is."""
        content, whole = self._string(address, most)
        return text_of(content) if content or whole else None

    def _string(self, address: int, most: int) -> tuple[bytes, bool]:
        """-> the bytes up to a NUL, and whether all that were looked at are mapped."""
        content = b""
        while len(content) < most:
            here = min(PAGE_SIZE - (address + len(content) & PAGE_MASK), most - len(content))
            piece = self.read(address + len(content), here)
            if piece is None:
                return content, False
            end = piece.find(0)
            if end >= 0:
                return content + piece[:end], True
            content += piece
        return content, True


def words_of(content: bytes) -> list[int]:
    """Bytes -> little-endian words."""
    return [word for (word,) in _WORDS.iter_unpack(content[: len(content) & -WORD])]


def text_of(content: bytes) -> str:
    """Bytes up to the first NUL -> text, with what cannot be printed as \\x.."""
    text = content.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
