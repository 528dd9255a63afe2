"""The hart's translation cache: nothing in it that the page table of the process does not say any more.

A kernel that takes a page away, or the right to write to it, and forgets the fence leaves the old translation behind;
the process would use it. What the cache holds is looked at when the kernel returns to the process, before that; and
each use of such a translation, also by the kernel, is seen when it happens.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toyos.checks.check import Check, Finding, Findings
from toyos.checks.view import Space
from vm.arch import PAGE_MASK, PAGE_SHIFT, PTE_D, PTE_R, PTE_U, PTE_W, PTE_X, RAM_BASE, SATP_PPN
from vm.micro.observing_layout import TAG_PAGE
from vm.points import Access
from vm.state import BANK_S_SUM, BANK_U, TLB_INVALID

USER_FETCHES = 1  # bank of the instruction side
MANY = 4  # findings in one look


class Cached(NamedTuple):
    """Translations of one kind. pages: virtual addresses; frames: physical ones; right: what the entry allows."""

    verb: str
    right: int
    pages: NDArray[np.int64]
    frames: NDArray[np.int64]


class Translations(Check):
    name = "tlb"
    sentence = "The hart remembers no translation that the process's page table does not give any more."
    costly = True

    def returns(self) -> Findings:
        root = (self.view.state("satp") & SATP_PPN) << PAGE_SHIFT
        space = next((space for space in self.view.spaces() if space.root == root), None)
        if space is None:
            return
        for cached in self._cached():
            yield from self._stale(cached, space)

    def stale(self, access: Access) -> Findings:
        verb = "executes" if not access.size else "writes" if access.write else "reads"
        where = "" if access.physical is None else f" in frame {access.physical & ~PAGE_MASK:#010x}"
        yield Finding(
            f"it {verb} {access.address:#010x}{where}, which its page table does not give it any more",
            self.view.current, (verb, access.address & ~PAGE_MASK), access.pc,
        )  # fmt: skip

    def _stale(self, cached: Cached, space: Space) -> Findings:
        order = np.argsort(space.addresses)
        known, entries, frames = space.addresses[order], space.entries[order], space.frames[order]
        at = np.minimum(np.searchsorted(known, cached.pages), max(len(known) - 1, 0))
        if not len(known):
            return
        right = cached.right | PTE_U
        mapped = known[at] == cached.pages
        good = mapped & (frames[at] == cached.frames) & (entries[at] & right == right)
        for index in np.flatnonzero(~good)[:MANY]:
            page, frame, entry = int(cached.pages[index]), int(cached.frames[index]), int(entries[at[index]])
            if not mapped[index]:
                why = "no page there any more"
            elif int(frames[at[index]]) != frame:
                why = f"frame {int(frames[at[index]]):#010x} there now"
            else:
                why = f"the entry {entry:#010x}, which does not allow it"
            yield Finding(
                f"the hart would still {cached.verb} frame {frame:#010x} at {page:#010x}, but its page table has {why}",
                self.view.current, (cached.verb, page, frame),
            )  # fmt: skip

    def _cached(self) -> list[Cached]:
        """-> what the hart remembers of pages of processes."""
        state = self.view.machine.core.state
        data = state["dtlb"][[BANK_U, BANK_S_SUM]].reshape(-1)
        hosts = data["addend"] - np.uint64(state["ram_host"])
        found = []
        for tag, verb, right in (("rtag", "read", PTE_R), ("wtag", "write", PTE_W | PTE_D)):
            tags = data[tag]
            pages, offsets = _users(tags, hosts)
            found.append(Cached(verb, right, pages, RAM_BASE + (offsets + pages)))
        fetch = state["itlb"][USER_FETCHES]
        pages, numbers = _users(fetch["tag"], fetch["page"])
        found.append(Cached("execute", PTE_X, pages, RAM_BASE + (numbers << PAGE_SHIFT)))
        return found


def _users(tags: NDArray[np.uint32], values: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tags of a cache, a value each -> pages of processes that are in it, and their values."""
    filled = np.flatnonzero((tags != TLB_INVALID) & (tags < RAM_BASE))
    return (tags[filled] & np.uint32(TAG_PAGE)).astype(np.int64), values[filled].astype(np.int64)
