"""Decoded records and the pages they come from -> coherence between stores and code.

A page of RAM that is executed owns a slot: one record for every place an instruction may start, and a last one that
stands for the next page. page_slot[page] is the slot's number (0: none), with WATCHED set when the machine wants to
hear of stores to some bytes of the page. A page with either mark never enters the write side of the data TLB, so every
store to it comes through `stored`, which drops the records that it touches.
"""

from vm.arch import PAGE_MASK, PAGE_SHIFT
from vm.micro.context import routine

WATCHED = 1 << 31
SLOT_MASK = WATCHED - 1
# So many stores to a page since it got its slot make it data again (recycled frames, buffers beside code); if it is
# executed after all, it gets a fresh one.
RELEASE_AFTER = 1 << 16


@routine(32, returns=32)
def new_slot(m, page):
    """RAM page -> the number of a fresh slot for it. When slots run out, all are forgotten and filling starts anew."""
    slot = m.s.next_slot + 1
    if slot >= m.s.slot_limit:
        m.forget_slots()
        m.empty_tlb("itlb")
        m.s.next_slot = m.word(0)
    slot = m.s.next_slot + 1
    m.s.next_slot = slot
    m.table_set("page_slot", page, m.table("page_slot", page) | slot)
    m.table_set("slot_page", slot, page)
    m.table_set("slot_writes", slot, m.word(0))
    m.init_slot(slot)
    m.empty_tlb("dtlb")  # the page may be writable there
    return slot


@routine(32, returns=32)
def stored(m, offset):
    """After a store to RAM at this offset, within one aligned word -> the page's marks; 0 means an ordinary page."""
    page = offset >> PAGE_SHIFT
    marks = m.table("page_slot", page)
    slot = marks & SLOT_MASK
    if slot != 0:
        m.undecode(slot, offset & PAGE_MASK)
        m.table_set("slot_writes", slot, m.table("slot_writes", slot) + 1)
    return marks


@routine(32, returns=32)
def release(m, offset):
    """After a store to a marked page, between two instructions: gives the page's slot up when it has become data -> 1,
    or 0 when it keeps it."""
    page = offset >> PAGE_SHIFT
    marks = m.table("page_slot", page)
    if m.table("slot_writes", marks & SLOT_MASK) >= RELEASE_AFTER:
        m.table_set("page_slot", page, marks & WATCHED)
        m.empty_tlb("itlb")
        return m.word(1)
    return m.word(0)


def is_watched(m, marks, offset, size):
    """After a store to a page with these marks -> 1 when it reached the bytes that the machine watches, else 0."""
    reached = (offset < m.s.watch_end) & (offset + size > m.s.watch_first)
    return marks >> 31 & m.bit(reached)
