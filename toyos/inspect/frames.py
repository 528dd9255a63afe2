"""The frames of RAM: what each is used for, by whom, and how often the kernel says it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect import space
from toyos.inspect.files import inodes
from toyos.inspect.memory import InspectError
from vm.arch import PAGE_SIZE

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector

KERNEL, DEVICE_TREE, INITRD, COUNTS, TABLE, PAGE, INODES, FREE, FRESH, NOBODY = (
    "kernel", "device tree", "initrd", "reference counts", "page table", "page", "inodes", "free", "never used",
    "nobody's",
)  # fmt: skip
RESERVED = (DEVICE_TREE, INITRD, COUNTS)  # in the order of the kernel's `reserved`
UNCOUNTED = (KERNEL, *RESERVED)


class Frame(NamedTuple):
    """address: physical; kind: one of the words above; references: as the kernel counts them; owners: (pid, virtual
    address) of each mapping, for a page table (pid, first address that it maps)."""

    address: int
    kind: str
    references: int
    owners: tuple[tuple[int, int], ...] = ()


class Frames(NamedTuple):
    """frames: all of RAM that the kernel uses, by address; trouble: sentences about what is not in order."""

    frames: list[Frame]
    trouble: tuple[str, ...]

    def at(self, address: int) -> Frame | None:
        """Physical address -> its frame, or None outside RAM."""
        index = (address - self.frames[0].address) // PAGE_SIZE if self.frames else -1
        return self.frames[index] if 0 <= index < len(self.frames) else None

    def count(self, kind: str) -> int:
        """Kind -> how many frames are of it."""
        return sum(frame.kind == kind for frame in self.frames)


def all_frames(inspector: Inspector) -> Frames:
    """-> what every frame is for. A kernel at work may have frames in its hands that nobody owns yet. Raises
    InspectError before the kernel has counted them."""
    values, memory = inspector.layout.values, inspector.memory
    base, end, table = values["KERNEL_BASE"], inspector.variable("frame_end"), inspector.variable("frame_table")
    fresh = inspector.variable("frame_next")
    if not table or end % PAGE_SIZE or not base < end <= base + inspector.machine.ram_size or not base < fresh:
        raise InspectError("the kernel has not counted its frames yet, or its numbers about them are damaged")
    counts = memory.words(table, (end - base) // PAGE_SIZE, "the table of reference counts")
    kinds: dict[int, str] = dict.fromkeys(range(base, values["_end"], PAGE_SIZE), KERNEL)
    bounds = memory.words(values["reserved"], 2 * len(RESERVED), "the ranges that are reserved")
    for kind, start, stop in zip(RESERVED, bounds[::2], bounds[1::2], strict=True):
        kinds |= dict.fromkeys(range(max(start, base), min(stop, end), PAGE_SIZE), kind)
    free, trouble = _free_list(inspector, base, end)
    kinds |= dict.fromkeys(free, FREE)
    kinds |= {inode & -PAGE_SIZE: INODES for inode in inodes(inspector) if inode >= values["_end"]}
    owners: dict[int, list[tuple[int, int]]] = {}
    for frame, kind, pid, address in _mapped(inspector):
        if kinds.get(frame) == FREE:
            trouble.append(f"frame {frame:#010x} is on the free list, and a {kind} of pid {pid}")
        kinds[frame] = kind
        owners.setdefault(frame, []).append((pid, address))
    frames = []
    for count, address in zip(counts, range(base, end, PAGE_SIZE), strict=True):
        kind = kinds.get(address) or (FRESH if address >= fresh else NOBODY)
        frames.append(Frame(address, kind, count, tuple(owners.get(address, ()))))
    trouble += [sentence for frame in frames if (sentence := _complaint(frame))]
    return Frames(frames, tuple(trouble))


def _complaint(frame: Frame) -> str:
    """-> what is wrong with what the kernel counts for a frame, "" when nothing is."""
    expected = len(frame.owners) if frame.kind in (TABLE, PAGE) else int(frame.kind == INODES)
    if frame.kind in UNCOUNTED or (frame.references == expected and frame.kind != NOBODY):
        return ""
    if frame.kind == NOBODY:
        return f"frame {frame.address:#010x} has {frame.references} references, but nobody has it"
    return f"frame {frame.address:#010x} ({frame.kind}) has {frame.references} references instead of {expected}"


def _free_list(inspector: Inspector, base: int, end: int) -> tuple[list[int], list[str]]:
    """-> the frames on the free list as far as it makes sense, and why it does not go on from there."""
    found: list[int] = []
    seen: set[int] = set()
    at = inspector.variable("free_frames")
    while at:
        if at % PAGE_SIZE or not base <= at < end:
            return found, [f"the free list leads to {at:#010x}, which is no frame"]
        if at in seen:
            return found, [f"the free list comes back to {at:#010x}"]
        found.append(at)
        seen.add(at)
        at = inspector.memory.word(at)
    return found, []


def _mapped(inspector: Inspector) -> Iterator[tuple[int, str, int, int]]:
    """-> frame, kind, pid and virtual address of all that the page tables of processes use, themselves included."""
    half = inspector.layout.values["KERNEL_BASE"] // space.MEGAPAGE
    for process in inspector.processes():
        root = process.space_root
        if root in (0, inspector.layout.values["kernel_root"]):
            continue
        yield root, TABLE, process.pid, 0
        for index, pte in enumerate(space.words_at(inspector, root, half)):
            if pte:
                yield space.frame_of(pte), TABLE, process.pid, index * space.MEGAPAGE
        for address, pte in space.leaves(inspector, root):
            yield space.frame_of(pte), PAGE, process.pid, address
