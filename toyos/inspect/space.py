"""Page tables as the kernel made them: a tree of entries with permissions, and who else maps the same frame."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect.memory import WORD, InspectError
from vm.arch import (
    LEVEL_BITS,
    PAGE_SHIFT,
    PAGE_SIZE,
    PTE_A,
    PTE_D,
    PTE_G,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
)

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector

ENTRIES = 1 << LEVEL_BITS
MEGAPAGE = PAGE_SIZE << LEVEL_BITS
_LETTERS = ((PTE_R, "r"), (PTE_W, "w"), (PTE_X, "x"), (PTE_U, "u"), (PTE_G, "g"), (PTE_A, "a"), (PTE_D, "d"))
Sharing = Mapping[int, tuple[tuple[int, int], ...]]
LEAST_LIMIT = 2048  # entries of a space that are looked at, however small RAM is


class Page(NamedTuple):
    """A leaf. address: virtual; size: bytes, 4 KiB or 4 MiB; physical: of its frame; pte: the entry; cow: it is written
    to a copy; references: as the kernel counts them, 0 for frames that it does not count; users: who maps the frame,
    this space too, as (pid, virtual address)."""

    address: int
    size: int
    physical: int
    pte: int
    cow: bool
    references: int
    users: tuple[tuple[int, int], ...]

    @property
    def permissions(self) -> str:
        """-> "rwxugad" with a dash for what it has not, and a c at the end of a page that is copied on write."""
        return flags(self.pte) + ("c" if self.cow else "-")

    @property
    def shared(self) -> bool:
        """-> whether the frame is mapped more than once."""
        return self.references > 1 or len(self.users) > 1


class Branch(NamedTuple):
    """An entry of the root that leads to a table: address: virtual, of its first page; table: physical address."""

    address: int
    table: int
    pte: int
    pages: tuple[Page, ...]


class PageTable:
    """A root table. entries: what its valid entries lead to, in order: branches and pages of 4 MiB."""

    def __init__(self, root: int, entries: tuple[Branch | Page, ...], trouble: tuple[str, ...]) -> None:
        self.root, self.entries, self.trouble = root, entries, trouble

    @cached_property
    def pages(self) -> list[Page]:
        """-> all leaves, in the order of their addresses."""
        found: list[Page] = []
        for entry in self.entries:
            found += [entry] if isinstance(entry, Page) else entry.pages
        return found

    @property
    def tables(self) -> list[int]:
        """-> physical addresses of the tables: the root's, then those below it."""
        return [self.root, *(entry.table for entry in self.entries if isinstance(entry, Branch))]

    def page(self, address: int) -> Page | None:
        """Virtual address -> the leaf that maps it, or None."""
        return next((each for each in self.pages if each.address <= address < each.address + each.size), None)


def flags(pte: int) -> str:
    """Entry -> its permissions and marks: "rwxugad", with a dash for what is not set."""
    return "".join(letter if pte & bit else "-" for bit, letter in _LETTERS)


def page_table(inspector: Inspector, root: int, kernel: bool, sharing: Sharing | None = None) -> PageTable:
    """Physical address of a root table -> the tree. kernel: with the half that is the kernel's. sharing: who maps which
    frame, when it is known already. Raises InspectError when the root is not in RAM."""
    if not root:
        raise InspectError("there is no page table: the process has given up its address space or never had one")
    sharing = users(inspector) if sharing is None else sharing
    half = inspector.layout.values["KERNEL_BASE"] // MEGAPAGE
    trouble: list[str] = []
    entries: list[Branch | Page] = []
    seen = 0
    for index, pte in enumerate(inspector.memory.words(root, ENTRIES if kernel else half, "a root page table")):
        address = index * MEGAPAGE
        if not pte & PTE_V:
            if pte:
                trouble.append(f"the entry for {address:#010x} is {pte:#010x}, which is not valid and not zero")
            continue
        if _leaf(pte):
            entries.append(_page(inspector, address, MEGAPAGE, pte, sharing))
            continue
        table = frame_of(pte)
        try:
            words = inspector.memory.words(table, ENTRIES, f"the page table for {address:#010x}")
        except InspectError as fault:
            trouble.append(str(fault))
            continue
        seen += sum(map(bool, words))
        if seen > _limit(inspector):
            trouble.append(f"from {address:#010x} on there are more entries than RAM has frames: they are left out")
            break
        pages = []
        for number, leaf in enumerate(words):
            if leaf & PTE_V and _leaf(leaf):
                pages.append(_page(inspector, address + number * PAGE_SIZE, PAGE_SIZE, leaf, sharing))
            elif leaf:
                trouble.append(f"the entry for {address + number * PAGE_SIZE:#010x} is {leaf:#010x}, which is no page")
        entries.append(Branch(address, table, pte, tuple(pages)))
    return PageTable(root, tuple(entries), tuple(trouble))


def _limit(inspector: Inspector) -> int:
    """-> entries that no sound space has: each frame is in it twice. Damaged tables may lead to each other for ever."""
    return max(2 * inspector.machine.ram_size // PAGE_SIZE, LEAST_LIMIT)


def _leaf(pte: int) -> bool:
    return bool(pte & (PTE_R | PTE_W | PTE_X))


def frame_of(pte: int) -> int:
    """Entry -> physical address of the frame."""
    return (pte >> PTE_PPN_SHIFT << PAGE_SHIFT) & 0xFFFF_FFFF


def _page(inspector: Inspector, address: int, size: int, pte: int, sharing: Sharing) -> Page:
    frame = frame_of(pte)
    cow = bool(pte & inspector.layout.values["PTE_COW"])
    references = inspector.references(frame) if pte & PTE_U else 0
    return Page(address, size, frame, pte, cow, references, sharing.get(frame, ()))


def leaves(inspector: Inspector, root: int) -> list[tuple[int, int]]:
    """Root table -> (virtual address, entry) of the pages of its process; what cannot be read is left out."""
    found = []
    half = inspector.layout.values["KERNEL_BASE"] // MEGAPAGE
    for index, pte in enumerate(words_at(inspector, root, half)):
        if pte & PTE_V and not _leaf(pte):
            words = words_at(inspector, frame_of(pte), ENTRIES)
            at = index * MEGAPAGE
            found += [(at + number * PAGE_SIZE, leaf) for number, leaf in enumerate(words) if leaf & PTE_V]
            if len(found) > _limit(inspector):
                break
    return found


def words_at(inspector: Inspector, table: int, count: int) -> list[int]:
    """Physical address of a table -> its first `count` entries, [] when it is not in RAM."""
    try:
        return inspector.memory.words(table, count, "a page table")
    except InspectError:
        return []


def users(inspector: Inspector) -> Sharing:
    """-> physical address of a frame -> the pids that map it, each with the virtual address."""
    found: dict[int, list[tuple[int, int]]] = {}
    for process in inspector.processes():
        if process.space_root not in (0, inspector.layout.values["kernel_root"]):
            for address, pte in leaves(inspector, process.space_root):
                found.setdefault(frame_of(pte), []).append((process.pid, address))
    return {frame: tuple(each) for frame, each in found.items()}


def references(inspector: Inspector, frame: int) -> int:
    """Physical address of a frame -> how often the kernel says it is used; 0 for one that it does not count."""
    table, base = inspector.variable("frame_table"), inspector.layout.values["KERNEL_BASE"]
    if not table or not inspector.memory.holds(frame, PAGE_SIZE):
        return 0
    at = table + (frame - base) // PAGE_SIZE * WORD
    return inspector.memory.word(at) if inspector.memory.holds(at) else 0
