"""The memory map of a process: its regions, and how much of each is there, shared, or waits for its copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect import space
from toyos.inspect.memory import WORD
from vm.aout import PAGE

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process
    from toyos.inspect.space import PageTable

TEXT, DATA, BSS, HEAP, GUARD, STACK, ARGUMENTS, OTHER = (
    "text", "data", "bss", "heap", "guard", "stack", "arguments", "other",
)  # fmt: skip
ARGUMENTS_MOST = 8192  # words of the table of arguments that are looked through


class Region(NamedTuple):
    """start, end: virtual addresses, end not included. permissions: of its pages, "" when none is there. resident,
    shared, cow: pages that are there; of them those with other users too; those that are copied when written. A page on
    the border of two regions counts in both."""

    name: str
    start: int
    end: int
    permissions: str
    resident: int
    shared: int
    cow: int


def memory_map(inspector: Inspector, process: Process) -> list[Region]:
    """A process -> its regions by address; none for process 0, which has the kernel's space. Raises InspectError when
    it has no address space."""
    if process.space_root == inspector.layout.values["kernel_root"]:
        return []
    table = space.page_table(inspector, process.space_root, kernel=False)
    found = [_region(name, start, end, table) for name, start, end in _bounds(inspector, process)]
    known = [(region.start & -PAGE, region.end) for region in found]
    for page in table.pages:
        if not any(start <= page.address < end for start, end in known):
            found.append(_region(OTHER, page.address, page.address + page.size, table))
    return sorted(found, key=lambda region: (region.start, region.end))


def _region(name: str, start: int, end: int, table: PageTable) -> Region:
    pages = [page for page in table.pages if page.address < end and page.address + page.size > start]
    permissions = sorted({page.permissions[:3] for page in pages})
    return Region(
        name, start, end, "/".join(permissions), len(pages),
        sum(page.shared for page in pages), sum(page.cow for page in pages),
    )  # fmt: skip


def _bounds(inspector: Inspector, process: Process) -> list[tuple[str, int, int]]:
    """-> name, start and end of each region that a process has."""
    values = inspector.layout.values
    found = _segments(inspector, process)
    heap, heap_end = process.word("P_BRK_START"), process.word("P_BRK")
    if heap_end > heap:
        found.append((HEAP, heap, heap_end))
    top, low = values["USER_STACK_TOP"], values["USER_STACK_LOW"]
    arguments = _arguments(inspector, process, top, low)
    found += [(GUARD, values["USER_HEAP_END"], low), (STACK, low, arguments)]
    return [*found, (ARGUMENTS, arguments, top)] if arguments < top else found


def _segments(inspector: Inspector, process: Process) -> list[tuple[str, int, int]]:
    """-> the program's text, data and bss; by its header if it is known, else by the pages' permissions."""
    program = inspector.symbols.program(process.program) if process.program else None
    if program is not None:
        obj = program.object
        text_end = obj.text_address + len(obj.text)
        data_end = obj.data_address + len(obj.data)
        found = [(TEXT, obj.text_address, text_end), (DATA, obj.data_address, data_end), (BSS, data_end, program.end)]
        return [(name, start, end) for name, start, end in found if end > start]
    found, end = [], process.word("P_BRK_START")
    for page in space.page_table(inspector, process.space_root, kernel=False).pages:
        if page.address < end:
            name = TEXT if "x" in page.permissions else DATA
            if found and found[-1][0] == name and found[-1][2] == page.address:
                found[-1] = (name, found[-1][1], page.address + page.size)
            else:
                found.append((name, page.address, page.address + page.size))
    return found


def _arguments(inspector: Inspector, process: Process, top: int, low: int) -> int:
    """-> where on the stack the arguments and the environment begin that exec has put there; `top` when that cannot be
    told, because the program's `environ` is not known or leads elsewhere."""
    program = inspector.symbols.program(process.program) if process.program else None
    at = program.places.get("environ") if program else None
    environment = inspector.memory.user(process.space_root).word(at) if at is not None else None
    if environment is None or not low <= environment < top or environment % WORD:
        return top
    # Below the environment: a zero, the pointers to the arguments, their number.
    for count in range(ARGUMENTS_MOST):
        start = environment - (count + 2) * WORD
        word = inspector.memory.user(process.space_root).word(start) if start >= low else None
        if word is None:
            return top
        if word == count:
            return start
    return top
