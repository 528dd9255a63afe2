"""While the kernel copies a page that was shared: the process's new page is not filled yet, the old one has it all.

`page_unshare` (space_page.s) changes the entry first and copies then, with the entry's address in s0 and the old frame
in s1; both stay where they are while it calls memcpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toyos.inspect.space import frame_of
from vm.arch import PAGE_MASK
from vm.isa.registers import NUMBERS
from vm.translation import translate

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector

COPYING = (("page_unshare",), ("memcpy", "page_unshare"))  # the kernel's innermost procedures, then


def being_copied(inspector: Inspector, procedures: Sequence[str]) -> tuple[int, int] | None:
    """Names of the kernel's procedures that have begun, the innermost first -> the frame that is being filled, and the
    one that has its contents; None when no page is being copied."""
    if not any(tuple(procedures[: len(names)]) == names for names in COPYING):
        return None
    x, memory = inspector.machine.x, inspector.memory
    entry, old = int(x[NUMBERS["s0"]]), int(x[NUMBERS["s1"]])
    if not memory.holds(entry) or not memory.holds(old, PAGE_MASK + 1) or old & PAGE_MASK:
        return None
    return frame_of(memory.word(entry)), old


def reader(inspector: Inspector, root: int, copied: tuple[int, int] | None) -> Callable[[int], int | None]:
    """A root table and what being_copied says -> what gives the word at a virtual address, None where nothing is."""

    def read(address: int) -> int | None:
        physical = translate(inspector.machine, address, root) if copied else None
        if copied is None or physical is None or physical & ~PAGE_MASK != copied[0] or address % 4:
            return inspector.memory.user(root).word(address)
        return inspector.memory.word(copied[1] | physical & PAGE_MASK)

    return read
