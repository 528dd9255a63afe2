"""The executor's caches - software TLBs, and which pages are decoded - without host addresses, and back.

A guest that changes a page table and does not fence may still see the old translation. So that it sees the same when a
run is taken up again from a snapshot, the caches are part of it; decoded records themselves are not, since they always
agree with the code.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from vm.arch import PAGE_MASK, PAGE_SHIFT
from vm.micro.core import Core
from vm.micro.observing_layout import TAG_FLAGS
from vm.micro.slots import SLOT_MASK
from vm.state import DTLB, DTLB_BANKS, DTLB_ENTRIES, ITLB, ITLB_BANKS, ITLB_ENTRIES, LAYOUT, TLB_INVALID, TLB_LOG

Words = np.ndarray[Any, np.dtype[np.uint32]]
WIDTHS = (4, 4, 2, 2)  # columns of the four arrays
DTLB_BANK, ITLB_BANK = DTLB_ENTRIES * DTLB.itemsize, ITLB_ENTRIES * ITLB.itemsize


class Lookaside(NamedTuple):
    """data, fetch: the filled entries of the TLBs, a row each: number of the entry, tags, page of RAM (and slot).
    decoded: page and count of stores, a row a slot; owners: page and slot, a row a page that has one.
    banks: of the data and the instruction TLB, those in force."""

    data: Words
    fetch: Words
    decoded: Words
    owners: Words
    banks: tuple[int, int]

    @property
    def size(self) -> int:
        """-> bytes."""
        return int(self.data.nbytes + self.fetch.nbytes + self.decoded.nbytes + self.owners.nbytes)


def save(core: Core) -> Lookaside:
    """-> what the caches hold."""
    state, tables = core.state, core.tables
    dtlb, itlb = state["dtlb"].reshape(-1), state["itlb"].reshape(-1)
    at = np.flatnonzero((dtlb["rtag"] != TLB_INVALID) | (dtlb["wtag"] != TLB_INVALID))
    entries = dtlb[at]
    rtags, wtags = _bare(entries["rtag"]), _bare(entries["wtag"])
    pages = entries["addend"] + rtags - np.uint64(state["ram_host"]) >> np.uint64(PAGE_SHIFT)
    data = np.stack([at, rtags, wtags, pages], axis=1).astype(np.uint32)
    at = np.flatnonzero(itlb["tag"] != TLB_INVALID)
    entries = itlb[at]
    slots = (entries["base"] - np.uint64(state["records_host"])) // np.uint64(core.target.layout.slot_bytes)
    fetch = np.stack([at, entries["tag"], entries["page"], slots], axis=1).astype(np.uint32)
    used = slice(1, int(state["next_slot"]) + 1)
    decoded = np.stack([tables["slot_page"][used], tables["slot_writes"][used]], axis=1)
    owned = tables["page_slot"] & np.uint32(SLOT_MASK)
    with_slot = np.flatnonzero(owned)
    owners = np.stack([with_slot, owned[with_slot]], axis=1).astype(np.uint32)
    banks = (
        (int(state["dtlb_host"]) - int(state["state_host"]) - LAYOUT["dtlb"][0]) // DTLB_BANK,
        (int(state["itlb_host"]) - int(state["state_host"]) - LAYOUT["itlb"][0]) // ITLB_BANK,
    )
    return Lookaside(data, fetch, decoded, owners, banks)


def _bare(tags: Words) -> Words:
    """Tags -> the same without the flags of the build that observes."""
    return np.where(tags == TLB_INVALID, tags, tags & np.uint32(~TAG_FLAGS & 0xFFFF_FFFF))


def restore(core: Core, saved: Lookaside) -> None:
    """The caches hold what `save` found, in this machine or another of its kind. Decoded records are made anew. RAM
    must be what it was, too: the machine that observes takes its pages as not written since.
    """
    state, tables = core.state, core.tables
    tables["page_slot"] &= np.uint32(~SLOT_MASK & 0xFFFF_FFFF)
    tables["page_slot"][saved.owners[:, 0]] |= saved.owners[:, 1]
    count = len(saved.decoded)
    tables["slot_page"][1 : count + 1], tables["slot_writes"][1 : count + 1] = saved.decoded.T
    state["next_slot"] = count
    for slot in range(1, count + 1):
        core.init_slot(slot)
    _fill_data(core, saved.data)
    _fill_fetch(core, saved.fetch)
    state["dtlb_host"] = int(state["state_host"]) + LAYOUT["dtlb"][0] + saved.banks[0] * DTLB_BANK
    state["itlb_host"] = int(state["state_host"]) + LAYOUT["itlb"][0] + saved.banks[1] * ITLB_BANK
    if core.marks is not None:
        core.marks.retag()


def _fill_data(core: Core, rows: Words) -> None:
    state = core.state
    dtlb = state["dtlb"].reshape(-1)
    dtlb["rtag"] = dtlb["wtag"] = TLB_INVALID
    at, rtag, wtag, page = rows.T
    dtlb["rtag"][at], dtlb["wtag"][at] = rtag, wtag
    host = np.uint64(state["ram_host"]) + (page.astype(np.uint64) << np.uint64(PAGE_SHIFT))
    dtlb["addend"][at] = host - rtag
    _log(core, "dtlb", at * DTLB.itemsize)


def _fill_fetch(core: Core, rows: Words) -> None:
    state = core.state
    itlb = state["itlb"].reshape(-1)
    itlb["tag"] = TLB_INVALID
    at, tag, page, slot = rows.T
    itlb["tag"][at], itlb["page"][at] = tag, page
    slot_bytes = np.uint64(core.target.layout.slot_bytes)
    itlb["base"][at] = np.uint64(state["records_host"]) + slot.astype(np.uint64) * slot_bytes
    _log(core, "itlb", at * ITLB.itemsize)


def _log(core: Core, name: str, places: Words) -> None:
    """The fills of a TLB are remembered, so that it can be emptied."""
    count = min(len(places), TLB_LOG)
    core.state[name + "_log"][:count] = places[:count] + LAYOUT[name][0]
    core.state[name + "_fills"] = len(places) if len(places) <= TLB_LOG else TLB_LOG + 1


def fits(saved: Lookaside, core: Core) -> bool:
    """-> whether every number is one that this machine can have; for what comes from a file."""
    pages, slots = core.tables["page_slot"].size, len(saved.decoded)
    return bool(
        slots < int(core.state["slot_limit"])
        and (saved.data[:, 0] < DTLB_BANKS * DTLB_ENTRIES).all()
        and ((saved.data[:, 1] & PAGE_MASK) == 0).all()
        and ((saved.data[:, 2] == saved.data[:, 1]) | (saved.data[:, 2] == TLB_INVALID)).all()
        and (saved.data[:, 3] < pages).all()
        and (saved.fetch[:, 0] < ITLB_BANKS * ITLB_ENTRIES).all()
        and ((saved.fetch[:, 1] & PAGE_MASK) == 0).all()
        and (saved.fetch[:, 2] < pages).all()
        and ((saved.fetch[:, 3] > 0) & (saved.fetch[:, 3] <= slots)).all()
        and (saved.decoded[:, 0] < pages).all()
        and (saved.owners[:, 0] < pages).all()
        and ((saved.owners[:, 1] > 0) & (saved.owners[:, 1] <= slots)).all()
        and saved.banks[0] in range(DTLB_BANKS)
        and saved.banks[1] in range(ITLB_BANKS)
    )
