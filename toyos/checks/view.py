"""The kernel's memory, read quickly: what a check looks at thousands of times in a run.

toyos.inspect shows everything to people; this reads a few words, or all PCBs at once, and copies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyos.inspect.memory import text_of
from vm.arch import PAGE_SHIFT, PAGE_SIZE, PTE_PPN_SHIFT, PTE_R, PTE_V, PTE_W, PTE_X, RAM_BASE, WORD
from vm.machine import Machine

Words = NDArray[np.uint32]
LEAF = PTE_R | PTE_W | PTE_X
USER_TABLES = 512  # entries of a root table that belong to the process: below RAM


class Space(NamedTuple):
    """A process's address space. tables: physical addresses of second-level tables; frames, entries, addresses: of each
    page, the frame's physical address, the page-table entry, and where the process sees it. astray: tables and pages
    that are named, but lie outside RAM."""

    pcb: int
    root: int
    pages: int
    tables: NDArray[np.int64]
    frames: NDArray[np.int64]
    entries: NDArray[np.int64]
    addresses: NDArray[np.int64]
    astray: tuple[int, ...]


class View:
    """A machine on which the kernel with these symbols (toyos.build.System.symbols) runs."""

    def __init__(self, machine: Machine, symbols: Mapping[str, int]) -> None:
        self.machine, self.symbols = machine, symbols
        self.pool_start, self.pcb_size = symbols["pcb_pool"], symbols["P_SIZE"]
        self.pcbs = range(self.pool_start, symbols["pcb_pool_end"], self.pcb_size)
        self.ram_end = RAM_BASE + machine.ram_size
        self._spaces: list[Space] | None = None
        self.ram: Words = machine.core.ram.view(np.uint32)  # all of it, as it is at any time

    def state(self, field: str) -> int:
        """Name of a word of the CPU state -> its value."""
        return int(self.machine.core.state[field])

    def word(self, address: int) -> int:
        """Physical address -> the word there, 0 outside RAM."""
        if not RAM_BASE <= address <= self.ram_end - WORD:
            return 0
        return int(self.ram.item((address - RAM_BASE) >> 2))

    def variable(self, name: str) -> int:
        """Name of a variable of the kernel -> its word."""
        return self.word(self.symbols[name])

    def words(self, address: int, count: int) -> Words:
        """Physical address of a word -> so many words, as a view; zeros for those that are not all in RAM."""
        if not RAM_BASE <= address <= self.ram_end - count * WORD:
            return np.zeros(count, np.uint32)
        first = (address - RAM_BASE) >> 2
        return self.ram[first : first + count]

    def field(self, pcb: int, name: str) -> int:
        """PCB, name of a word in it such as "P_PID" -> its value."""
        return self.word(pcb + self.symbols[name])

    @property
    def current(self) -> int:
        """-> PCB of the Running process."""
        return self.variable("current")

    @property
    def pool(self) -> Words:
        """-> all PCBs, a row each, as a view."""
        count = len(self.pcbs) * self.pcb_size >> 2
        return self.words(self.pool_start, count).reshape(len(self.pcbs), self.pcb_size >> 2)

    def column(self, name: str) -> int:
        """Name of a word in a PCB -> its column in `pool`."""
        return self.symbols[name] >> 2

    def program(self, pcb: int) -> str:
        """PCB -> the name in it."""
        if pcb not in self.pcbs:
            return ""
        at = pcb + self.symbols["P_NAME"]
        return text_of(self.machine.read(at, self.symbols["NAME_SIZE"]))

    def title(self, pcb: int) -> str:
        """PCB -> such as "pid 3 (cow)"; what is none is said to be none."""
        if pcb not in self.pcbs:
            return f"{pcb:#010x}, which is no PCB," if pcb else "no process"
        return f"pid {self.field(pcb, 'P_PID')} ({self.program(pcb)})"

    def forget(self) -> None:
        """The machine has gone on: what was gathered is out of date."""
        self._spaces = None

    def spaces(self) -> list[Space]:
        """-> the address spaces of all processes, each once, as they were at the first question since `forget`."""
        if self._spaces is None:
            self._spaces = self._all_spaces()
        return self._spaces

    def _all_spaces(self) -> list[Space]:
        pool, idle = self.pool, self.variable("process0")
        states, roots = pool[:, self.column("P_STATE")], pool[:, self.column("P_SPACE")]
        none = (self.symbols["STATE_FREE"], self.symbols["STATE_ZOMBIE"])
        rows = np.flatnonzero((states != none[0]) & (states != none[1]) & (roots != 0))
        found: dict[int, Space] = {}
        for row in rows:
            pcb, root = self.pcbs[int(row)], int(roots[row])
            if pcb != idle and root not in found:
                found[root] = self._space(pcb, root)
        return list(found.values())

    def _space(self, pcb: int, root: int) -> Space:
        pages = self.word(pcb + self.symbols["P_SPACE"] + self.symbols["SPACE_PAGES"])
        if not self._holds_page(root):
            nothing = np.zeros(0, np.int64)
            return Space(pcb, root, pages, nothing, nothing, nothing, nothing, (root,))
        top = self.words(root, USER_TABLES)
        used = np.flatnonzero(top & PTE_V)
        tables, parts, places, astray = [], [], [], []
        for index in used:
            table = int(top[index]) >> PTE_PPN_SHIFT << PAGE_SHIFT
            if not self._holds_page(table) or int(top[index]) & LEAF:  # programs have no superpages
                astray.append(table)
                continue
            tables.append(table)
            leaves = self.words(table, PAGE_SIZE // WORD)
            valid = np.flatnonzero(leaves & PTE_V)
            parts.append(leaves[valid].astype(np.int64))
            places.append(((int(index) << 10) + valid) << PAGE_SHIFT)
        entries = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        addresses = np.concatenate(places) if places else np.zeros(0, np.int64)
        frames = entries >> PTE_PPN_SHIFT << PAGE_SHIFT
        outside = (frames < RAM_BASE) | (frames >= self.ram_end)
        if outside.any():
            astray += [int(frame) for frame in frames[outside]]
            frames, entries, addresses = frames[~outside], entries[~outside], addresses[~outside]
        return Space(pcb, root, pages, np.array(tables, np.int64), frames, entries, addresses, tuple(astray))

    def _holds_page(self, address: int) -> bool:
        return RAM_BASE <= address <= self.ram_end - PAGE_SIZE and address % PAGE_SIZE == 0
