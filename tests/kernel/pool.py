"""The kernel's data structures, read from the machine's memory by the offsets that the kernel exports."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from toyos.boot import Computer

FREE, NEW, READY, RUNNING, SLEEP, ZOMBIE = range(6)
NAMES = ("Free", "New", "Ready", "Running", "Sleep", "Zombie")
PAGE, ENTRIES, USER_ENTRIES = 4096, 1024, 512
VALID = 1
RAM_BASE = 0x8000_0000


class Pcb(NamedTuple):
    """A process control block: its address and the words that the tests look at, by their names in pcb.inc."""

    address: int
    state: int
    pid: int
    parent: int
    child: int
    sibling: int
    next: int
    queue: int
    root: int
    pages: int


class Kernel:
    """The kernel in a computer's memory."""

    def __init__(self, computer: Computer) -> None:
        self.computer, self.symbols = computer, computer.parts.symbols
        names = ("STATE", "PID", "PARENT", "CHILD", "SIBLING", "NEXT", "QUEUE", "SPACE")
        self.offsets = [self.symbols[f"P_{name}"] for name in names]

    def word(self, address: int) -> int:
        """Address of a word in RAM -> the word."""
        return int.from_bytes(self.computer.machine.read(address, 4), "little")

    def variable(self, name: str) -> int:
        """Symbol -> the word there."""
        return self.word(self.symbols[name])

    def pool(self) -> list[Pcb]:
        """-> all PCBs, free ones too."""
        start, end, size = (self.symbols[name] for name in ("pcb_pool", "pcb_pool_end", "P_SIZE"))
        memory = self.computer.machine.read(start, end - start)
        pcbs = []
        for at in range(0, end - start, size):
            words = [struct.unpack_from("<I", memory, at + offset)[0] for offset in self.offsets]
            pages = struct.unpack_from("<I", memory, at + self.offsets[-1] + 4)[0]
            pcbs.append(Pcb(start + at, *words, pages))
        return pcbs

    def states(self) -> list[int]:
        """-> the state of each PCB of the pool."""
        start, end, size = (self.symbols[name] for name in ("pcb_pool", "pcb_pool_end", "P_SIZE"))
        memory = self.computer.machine.read(start, end - start)
        return [memory[at] for at in range(self.symbols["P_STATE"], end - start, size)]

    def queue(self, address: int) -> list[int]:
        """Address of a queue -> the PCBs on it, from head to tail. Fails if its links disagree."""
        found, last, at = [], 0, self.word(address)
        while at:
            assert self.word(at + self.symbols["P_QUEUE"]) == address
            assert self.word(at + self.symbols["P_PREV"]) == last
            found.append(at)
            last, at = at, self.word(at + self.symbols["P_NEXT"])
        assert self.word(address + 4) == last
        return found

    def user_frames(self, root: int) -> Iterator[tuple[int, bool]]:
        """Root of a page table -> its lower half's frames: address, whether the frame is a page (or else a table)."""
        for entry in self._entries(root, USER_ENTRIES):
            table = entry >> 10 << 12
            yield table, False
            for leaf in self._entries(table, ENTRIES):
                yield leaf >> 10 << 12, True

    def _entries(self, table: int, count: int) -> list[int]:
        return [entry for (entry,) in struct.iter_unpack("<I", self.computer.machine.read(table, 4 * count)) if entry]

    def references(self, frame: int) -> int:
        """Frame -> how often the kernel believes it is used."""
        return self.word(self.variable("frame_table") + (frame - RAM_BASE) // PAGE * 4)
