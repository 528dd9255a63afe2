"""What the observing build watches for, said once on words, for the reference executor and for generated code.

Points of data are marked in the data TLB: an entry of a page with marks holds its tag with TAG_WATCHED, so that fast
handlers miss it; it counts as present all the same, and so the TLB answers as if nothing was watched. Pages that were
written are found in the same way: the first store to a page since that was last asked misses on TAG_CLEAN.

Besides the vocabulary of context.py both executors offer

    m.o.NAME, m.o.NAME = v         a scalar field of observing_layout.OBSERVER
    m.o_get(NAME, k), m.o_put(NAME, k, v)    an element of one of its arrays
    m.mask(k)                      a byte of the masks
    m.table(NAME, k)               also "dirty", "virtual_marks", "physical_marks"
"""

from __future__ import annotations

from vm.arch import INTERRUPT_FLAG, PAGE_MASK, PAGE_SHIFT
from vm.micro import paging, slots
from vm.micro.context import routine
from vm.micro.observing_layout import (
    ABSENT,
    KIND_SIZE,
    KIND_STALE,
    KIND_WRITE,
    MARK_CODE,
    MARK_DATA,
    MARK_PAGE,
    MARK_READ,
    MARK_WRITE,
    NEVER,
    NOTES,
    OFF,
    SCAN,
    TAG_CLEAN,
    TAG_FLAGS,
    TAG_WATCHED,
    TRAPS,
    WORDS,
)
from vm.micro.paging import EXEC, READ, WRITE, dtlb_entry, in_ram, walk
from vm.state import TLB_INVALID

_LONGEST = 4  # bytes of an access
_CAUSES = 31


# ---- pages: which are watched, which are written ---------------------------------------------------------------------
@routine(32, returns=32)
def stored(m, offset):
    """As slots.stored."""
    m.table_set("dirty", offset >> PAGE_SHIFT, m.word(1))
    return slots.stored.fn(m, offset)


def _resolved(m, va, how: str):
    """As paging.resolve; the entry gets its flags."""
    page, entry = va & ~PAGE_MASK, dtlb_entry(m, va)
    before = m.peek(entry + 4)
    kept = m.select((before & ~TAG_FLAGS) == page, before & TAG_CLEAN, m.word(0))
    m.poke(entry + 4, m.select((before & ~TAG_FLAGS) == page, page, before))
    found = paging.resolve[how].fn(m, va)
    present, offset = in_ram(m, found.low())
    if (found.high() == 0) & present:
        frame = offset >> PAGE_SHIFT
        marks = m.table("virtual_marks", va >> PAGE_SHIFT) | m.table("physical_marks", frame)
        watched = m.select(((marks | m.o.translations) & MARK_DATA) != 0, m.word(TAG_WATCHED), m.word(0))
        m.poke(entry, page | watched)
        tag = m.peek(entry + 4)
        if how == WRITE:
            kept = m.word(0)
            m.table_set("dirty", frame, m.word(1))
        m.poke(entry + 4, m.select(tag == TLB_INVALID, tag, tag | watched | kept))
    else:
        m.poke(entry + 4, before)
    return found


@routine(32, returns=64)
def resolve_read(m, va):
    return _resolved(m, va, READ)


@routine(32, returns=64)
def resolve_write(m, va):
    return _resolved(m, va, WRITE)


@routine(32, 32, returns=32)
def cached_read(m, va, alignment):
    """Virtual address, size - 1 -> offset in RAM by the data TLB, watched or not; ABSENT for a miss."""
    entry = dtlb_entry(m, va)
    if (m.peek(entry) & ~TAG_FLAGS) != (va & (alignment | ~PAGE_MASK)):
        return m.word(ABSENT)
    return m.peek(entry + 8) + va - m.s.ram_host.low()


@routine(32, 32, returns=32)
def cached_write(m, va, alignment):
    """The same for a store, which will happen."""
    entry = dtlb_entry(m, va)
    tag = m.peek(entry + 4)
    if (tag & ~TAG_FLAGS) != (va & (alignment | ~PAGE_MASK)):
        return m.word(ABSENT)
    offset = m.peek(entry + 8) + va - m.s.ram_host.low()
    m.poke(entry + 4, tag & ~TAG_CLEAN)
    m.table_set("dirty", offset >> PAGE_SHIFT, m.word(1))
    return offset


# ---- accesses ----------------------------------------------------------------------------------------------
def _mask(m, table: str, page, place):
    """Entry of a table of marks, place in its page -> the byte of masks."""
    return m.mask(((m.table(table, page) & MARK_PAGE) << PAGE_SHIFT) + (place & PAGE_MASK))


def _pages_marked(m, table: str, first, last):
    return m.table(table, first >> PAGE_SHIFT) | m.table(table, last >> PAGE_SHIFT)


@routine(32, 32, 32, 32, 32, 32)
def note(m, va, first, last, kind, old, pc):
    """An access was made (see the notes in OBSERVER): is it remembered?"""
    if m.o.armed == OFF:
        return
    size = kind & KIND_SIZE
    in_memory = first != ABSENT
    first_there = m.select(in_memory, first, m.word(0))
    last_there = m.select(in_memory, last, m.word(0))
    marked = _pages_marked(m, "virtual_marks", va, va + (size - 1))
    marked = marked | _pages_marked(m, "physical_marks", first_there, last_there) | m.o.translations
    if (marked & MARK_DATA) == 0:
        return
    met = m.word(0)
    for k in range(_LONGEST):
        here = va + k
        offset = m.select((here & ~PAGE_MASK) == (va & ~PAGE_MASK), first_there + k, last_there - (size - 1) + k)
        offset = m.select(k < size, offset, first_there) if k else offset
        virtual = _mask(m, "virtual_marks", here >> PAGE_SHIFT, here)
        physical = _mask(m, "physical_marks", offset >> PAGE_SHIFT, offset)
        both = virtual | m.select(in_memory, physical, m.word(0))
        met = met | (m.select(size > k, both, m.word(0)) if k else both)
    wanted = m.select((kind & KIND_WRITE) != 0, m.word(MARK_WRITE), m.word(MARK_READ))
    number, stale = m.o.noted, m.word(0)
    if (m.o.translations != 0) & in_memory:
        stale = m.select(_is_stale(m, va, first, kind) != 0, m.word(KIND_STALE), m.word(0))
    if (((met & wanted) | stale) != 0) & (number < NOTES):
        values = {"va": va, "first": first, "last": last, "kind": kind | stale, "old": old, "pc": pc}
        for name, value in values.items():
            m.o_put("note_" + name, number, value)
        m.o.noted = number + 1


# ---- translations ------------------------------------------------------------------------------------------
def _differs(m, found, offset):
    """Result of a walk, offset in RAM that was used -> 1 when the page table says another, or none."""
    present, there = in_ram(m, found.low())
    return m.bit((found.high() != 0) | (there != offset)) | m.bit(present) ^ 1


@routine(32, 32, 32, returns=32)
def _is_stale(m, va, offset, kind):
    """An access was made -> 1 when the page table does not allow it, or not there."""
    if (kind & KIND_WRITE) != 0:
        return _differs(m, walk(m, va, WRITE, marking=False), offset)
    return _differs(m, walk(m, va, READ, marking=False), offset)


@routine(32, 32, returns=32)
def _fetch_is_stale(m, pc, offset):
    """The instruction at pc is about to be run from this offset in RAM -> the same."""
    return _differs(m, walk(m, pc, EXEC, marking=False), offset)


# ---- traps -------------------------------------------------------------------------------------------------
def trap_begins(m, pc) -> None:
    """Before an instruction's exception is delivered: what it has accessed it will access again."""
    m.o.noted = m.word(0)
    m.o.pc = pc


@routine()
def trap_taken(m):
    """After a trap: is it remembered?"""
    cause = m.s.trap_cause
    wanted = m.select((cause & INTERRUPT_FLAG) != 0, m.o.interrupts, m.o.exceptions)
    number = m.o.traps
    if (m.o.armed != OFF) & ((wanted >> (cause & _CAUSES) & 1) != 0) & (number < TRAPS):
        s = m.s
        values = {"cause": cause, "pc": s.trap_pc, "value": s.trap_value, "source": s.trap_from}
        for name, value in (values | {"target": s.priv, "handler": s.pc}).items():
            m.o_put("trap_" + name, number, value)
        m.o.traps = number + 1


# ---- between two instructions ----------------------------------------------------------------------------------
def position(m, clock):
    """Clock -> instructions started since the machine was made."""
    return clock - m.s.skipped + m.o.base


@routine(returns=32)
def words_changed(m):
    """-> not 0 when a watched word of the CPU state is another than it was."""
    changed = m.word(0)
    for k in range(WORDS):
        if k & (k - 1) == 0 and m.o.watched_words <= k:
            break
        changed = changed | (m.peek(m.o_get("word_at", k)) ^ m.o_get("word_value", k))
    return changed


@routine()
def take_words(m):
    """Watched words are compared with what they are now from now on."""
    for k in range(WORDS):
        if m.o.watched_words <= k:
            break
        m.o_put("word_value", k, m.peek(m.o_get("word_at", k)))


def met_here(m, pc, at):
    """Before the instruction at pc, at this position -> not 0 when a point of code or of state is met, or was by the
    fetch of the instruction before it."""
    marked = _mask(m, "virtual_marks", pc >> PAGE_SHIFT, pc) & MARK_CODE
    fetched_before = m.bit((m.o.stale_from != NEVER) & (m.o.stale_from != at))
    return m.select(m.o.ignore == at, m.word(0), marked) | words_changed(m) | fetched_before


def caught(m, at) -> None:
    """SCAN: points were met at this position."""
    m.o.last = at
    m.o.noted, m.o.traps, m.o.stale_from = m.word(0), m.word(0), m.wide(NEVER)
    take_words(m)


def fetched(m, pc, at, offset) -> None:
    """The instruction at pc is about to be run, from offset() in RAM: does the page table say so?"""
    if m.o.translations != 0:
        place = offset()
        if _fetch_is_stale(m, pc, place) != 0:
            m.o.stale_from, m.o.stale_pc, m.o.stale_place = at, pc, place


@routine(returns=32)
def noticed(m):
    """Before the instruction at s.pc -> not 0 when it is time to leave, since points were met."""
    armed = m.o.armed
    if armed == OFF:
        return m.word(0)
    at = position(m, m.s.clock)
    met = m.o.noted | m.o.traps | met_here(m, m.s.pc, at)
    if met != 0:
        if armed == SCAN:
            caught(m, at)
            return m.word(0)
    return met
