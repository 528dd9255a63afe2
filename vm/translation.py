"""Virtual address -> physical address, and bytes, as the page tables say now: for those who look on.

Nothing of the machine is changed: no accessed or dirty bit, no TLB entry. Sv32 as in the privileged manual, chapter
"Supervisor-Level ISA", section "Sv32: Page-Based 32-bit Virtual-Memory Systems".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vm.arch import (
    LEVEL_BITS,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PTE_BYTES_LOG,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_V,
    PTE_W,
    PTE_X,
    SATP_MODE,
    SATP_PPN,
)
from vm.machine import Machine, MachineError

ENTRIES = 1 << LEVEL_BITS
SUPERPAGE_SHIFT = PAGE_SHIFT + LEVEL_BITS


class Untranslated(Exception):
    """No mapping, or no RAM, at a virtual address; the message is a sentence. address: the first byte without one."""

    def __init__(self, address: int, why: str) -> None:
        super().__init__(f"{address:#010x}: {why}")
        self.address = address


class Mapping(NamedTuple):
    """A leaf of a page table. size: 4 KiB, or 4 MiB for a superpage; entry_at: physical address of the entry."""

    address: int
    size: int
    physical: int
    pte: int
    entry_at: int


def _entry(machine: Machine, table: int, index: int) -> tuple[int, int] | None:
    """Table and index -> (the entry's physical address, the entry), None for a table outside RAM."""
    at = table + (index << PTE_BYTES_LOG)
    try:
        return at, int.from_bytes(machine.read(at, 1 << PTE_BYTES_LOG), "little")
    except MachineError:
        return None


def mappings(machine: Machine, root: int, first: int = 0, last: int = (1 << 32) - 1) -> Iterator[Mapping]:
    """Physical address of a root table -> its leaves from address `first` to `last`, in order."""
    for top in range(first >> SUPERPAGE_SHIFT, (last >> SUPERPAGE_SHIFT) + 1):
        found = _entry(machine, root, top)
        if found is None or not found[1] & PTE_V:
            continue
        at, pte = found
        base = top << SUPERPAGE_SHIFT
        target = pte >> PTE_PPN_SHIFT << PAGE_SHIFT
        if pte & (PTE_R | PTE_W | PTE_X):
            yield Mapping(base, 1 << SUPERPAGE_SHIFT, target, pte, at)
            continue
        low = max(first - base >> PAGE_SHIFT, 0)
        high = min(last - base >> PAGE_SHIFT, ENTRIES - 1)
        for index in range(low, high + 1):
            leaf = _entry(machine, target, index)
            if leaf is not None and leaf[1] & PTE_V and leaf[1] & (PTE_R | PTE_W | PTE_X):
                page = leaf[1] >> PTE_PPN_SHIFT << PAGE_SHIFT
                yield Mapping(base + (index << PAGE_SHIFT), PAGE_SIZE, page, leaf[1], leaf[0])


def lookup(machine: Machine, root: int, address: int) -> Mapping | None:
    """Root table and virtual address -> the leaf that maps it, or None."""
    return next(mappings(machine, root, address, address), None)


def current_root(machine: Machine) -> int | None:
    """-> the root table in force for what the hart executes now; None while addresses are physical."""
    state = machine.core.state
    satp = int(state["satp"])
    if int(state["priv"]) == PRIV_M or not satp & SATP_MODE:
        return None
    return (satp & SATP_PPN) << PAGE_SHIFT


def translate(machine: Machine, address: int, root: int | None) -> int | None:
    """Virtual address -> physical by this root table (None: as it is); None where nothing is mapped."""
    if root is None:
        return address
    leaf = lookup(machine, root, address)
    return None if leaf is None else leaf.physical + (address & (leaf.size - 1))


def _pieces(machine: Machine, address: int, size: int, root: int | None) -> Iterator[tuple[int, int]]:
    """-> (physical address, bytes), page by page. Raises Untranslated."""
    while size > 0:
        here = min(size, PAGE_SIZE - (address & PAGE_MASK))
        physical = translate(machine, address & 0xFFFF_FFFF, root)
        if physical is None:
            raise Untranslated(address & 0xFFFF_FFFF, "nothing is mapped there")
        yield physical, here
        address, size = address + here, size - here


def read_virtual(machine: Machine, address: int, size: int, root: int | None) -> bytes:
    """Virtual address -> bytes, by this root table (see current_root). Raises Untranslated: not mapped, or no RAM."""
    content = b""
    try:
        for physical, here in _pieces(machine, address, size, root):
            content += machine.read(physical, here)
    except MachineError as fault:
        raise Untranslated(address + len(content), f"no RAM there ({fault})") from None
    return content


def write_virtual(machine: Machine, address: int, data: bytes, root: int | None) -> None:
    """Stores bytes at a virtual address, whatever its page permits; all of them or none. Raises Untranslated."""
    pieces = list(_pieces(machine, address, len(data), root))
    try:
        for physical, here in pieces:
            machine.read(physical, here)
    except MachineError as fault:
        raise Untranslated(address, f"no RAM there ({fault})") from None
    done = 0
    for physical, here in pieces:
        machine.write(physical, data[done : done + here])
        done += here
