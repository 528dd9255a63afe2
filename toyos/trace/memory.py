"""A process's memory, as one looks at it from outside: nothing is changed, and what is not there is None."""

from __future__ import annotations

from vm.arch import PAGE_MASK, PAGE_SIZE, WORD
from vm.machine import Machine
from vm.translation import Untranslated, read_virtual


class UserMemory:
    """Reads through one page table. root: its physical address."""

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
        content = b""
        while len(content) < most:
            here = min(PAGE_SIZE - (address + len(content) & PAGE_MASK), most - len(content))
            piece = self.read(address + len(content), here)
            if piece is None:
                return None
            end = piece.find(0)
            if end >= 0:
                return content + piece[:end]
            content += piece
        return content
