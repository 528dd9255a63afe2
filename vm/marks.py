"""Points of code, data, state and traps -> the tables that the observing build looks into; and what it has written.

A core that is observed has one of these. `place` says what is looked for, `arm` when; `notes` and `traps` are what was
met. vm/observe.py is what people use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vm.arch import PAGE_SHIFT, PAGE_SIZE
from vm.micro.observing_layout import (
    MARK_DATA,
    NEVER,
    OBSERVER,
    TAG_CLEAN,
    TAG_PAGE,
    TAG_WATCHED,
)
from vm.state import TLB_INVALID

if TYPE_CHECKING:
    from vm.micro.core import Core

VIRTUAL_PAGES = 1 << (32 - PAGE_SHIFT)


class Marks:
    """What a core is watched for. Nothing, to begin with."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.record = np.zeros(1, OBSERVER)
        self.tables = {
            "dirty": np.zeros(len(core.ram) >> PAGE_SHIFT, np.uint32),
            "virtual_marks": np.zeros(VIRTUAL_PAGES, np.uint32),
            "physical_marks": np.zeros(len(core.ram) >> PAGE_SHIFT, np.uint32),
        }
        self._shadow = np.zeros(core.records.size, np.uint64)
        self.masks = np.zeros(PAGE_SIZE, np.uint8)
        fields = self.record[0]
        fields["shadow_host"], fields["masks_host"] = self._shadow.ctypes.data, self.masks.ctypes.data
        fields["ignore"] = fields["last"] = NEVER

    def restart(self) -> None:
        """The hart was reset: what was met and not taken over is forgotten."""
        self.record[0]["noted"] = self.record[0]["traps"] = 0

    # ---- pages in the data TLB
    def take_dirty(self) -> np.ndarray[Any, Any]:
        """-> numbers of the pages of RAM that may have been written since this was last asked, rising; none is missing.
        """
        table = self.tables["dirty"]
        pages = np.flatnonzero(table)
        table[:] = 0
        self._tag(clean=True)
        return pages

    def retag(self) -> None:
        """The data TLB was filled from outside, with tags that have no flags: they get theirs, and no page counts as
        written."""
        self.tables["dirty"][:] = 0
        self._tag(clean=True)

    def _tag(self, clean: bool = False) -> None:
        """Entries of watched pages get the flag for it, others lose it. clean: the write side also that one."""
        entries = self._core.state["dtlb"]
        pages = entries["addend"] + (entries["rtag"] & TAG_PAGE) - self._core.state["ram_host"] >> np.uint64(PAGE_SHIFT)
        frames = np.minimum(pages, len(self.tables["dirty"]) - 1)  # of entries that are not valid: any
        marks = self.tables["virtual_marks"][entries["rtag"] >> PAGE_SHIFT] | self.tables["physical_marks"][frames]
        watched = np.where((marks & MARK_DATA) != 0, TAG_WATCHED, 0).astype(np.uint32)
        for name, flags in (("rtag", watched), ("wtag", watched | np.uint32(TAG_CLEAN if clean else 0))):
            tags = entries[name]
            kept = tags & np.uint32(~TAG_WATCHED & 0xFFFF_FFFF)
            entries[name] = np.where(tags == TLB_INVALID, tags, kept | flags)
