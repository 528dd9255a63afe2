"""The guest's memory as its kernel sees it: words, texts, runs of bytes; nothing of the machine is changed."""

from __future__ import annotations

import struct

from vm.arch import RAM_BASE, WORD
from vm.machine import Machine, MachineError
from vm.translation import Untranslated, read_virtual

_WORDS = struct.Struct("<I")
_TEXT_STEP = 16


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

    def user(self, root: int, address: int, size: int) -> bytes | None:
        """Virtual address under this root table -> bytes, None where some of them are not mapped to RAM."""
        if not root:
            return None
        try:
            return read_virtual(self.machine, address, size, root)
        except Untranslated:
            return None

    def user_word(self, root: int, address: int) -> int | None:
        """The same for a word."""
        found = self.user(root, address, WORD)
        return None if found is None else int.from_bytes(found, "little")

    def user_text(self, root: int, address: int, most: int = 256) -> str | None:
        """Virtual address -> the NUL-terminated text there, cut off after `most` bytes; None where nothing is."""
        content = b""
        while len(content) < most and b"\0" not in content:
            here = min(_TEXT_STEP - address % _TEXT_STEP, most - len(content))
            piece = self.user(root, address, here)
            if piece is None:
                break
            content, address = content + piece, address + here
        return text_of(content) if content else None


def words_of(content: bytes) -> list[int]:
    """Bytes -> little-endian words."""
    return [word for (word,) in _WORDS.iter_unpack(content[: len(content) & -WORD])]


def text_of(content: bytes) -> str:
    """Bytes up to the first NUL -> text, with what cannot be printed as \\x.."""
    text = content.partition(b"\0")[0].decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
