"""Loads, stores and atomics in their general form -> the path behind every TLB miss.

`i.load` and `i.store` come here unless the TLB answers at once. RAM is reached by offset, devices by leaving the
executor. Misaligned loads and stores work, across pages too; misaligned atomics trap, and so do misaligned or
atomic accesses to devices.
"""

from vm.arch import (
    CAUSE_LOAD_ACCESS,
    CAUSE_MISALIGNED_LOAD,
    CAUSE_MISALIGNED_STORE,
    CAUSE_STORE_ACCESS,
    CLINT_BASE,
    CLINT_MTIME,
    PAGE_MASK,
)
from vm.micro.context import Trap, routine
from vm.micro.layout import WORD_BYTES as WORD
from vm.micro.paging import READ, WRITE, in_ram, resolve
from vm.micro.slots import is_watched, release, stored
from vm.micro.traps import ticks
from vm.state import EXIT_DEVICE, IO_ERROR, IO_NONE

MTIME_BYTES = 8


def _physical(i, va, access):
    """Virtual address -> physical address. Trap: page or access fault."""
    found = resolve[access](i, va)
    cause = found.high()
    if cause != 0:
        raise Trap(cause, va)
    return found.low()


def _ram_offset(i, va, access):
    """Virtual address -> offset in RAM. Trap: page fault, or access fault for whatever is not RAM."""
    present, offset = in_ram(i, _physical(i, va, access))
    if not present:
        raise Trap(CAUSE_LOAD_ACCESS if access == READ else CAUSE_STORE_ACCESS, va)
    return offset


def _offsets(i, va, size, access, step=1):
    """Address of `size` bytes in up to two pages -> RAM offset of each byte, or of every `step`-th; both pages are
    resolved before anything is touched."""
    last = va + (size - 1)
    first_offset = _ram_offset(i, va, access)
    # In the same page this finds the same frame; a fault names the first byte of the second page.
    last_offset = _ram_offset(i, i.select((va & ~PAGE_MASK) == (last & ~PAGE_MASK), va, last & ~PAGE_MASK), access)
    crossed = last_offset & ~PAGE_MASK
    for k in range(0, size, step):
        inside = ((va + k) & ~PAGE_MASK) == (va & ~PAGE_MASK)
        yield i.select(inside, first_offset + k, crossed | (va + k) & PAGE_MASK)


def _device(i, paddr, size, write, value, va) -> None:
    """First time: leaves the executor, asking for the access. When run again: it has been made, or failed."""
    ready = i.s.io_ready
    if ready == IO_NONE:
        i.s.io_address, i.s.io_size, i.s.io_write, i.s.io_value = paddr, size, write, value
        i.stop(EXIT_DEVICE)
    i.s.io_ready = IO_NONE
    if ready == IO_ERROR:
        raise Trap(CAUSE_STORE_ACCESS if write else CAUSE_LOAD_ACCESS, va)
    i.look_again()  # the device may have raised an interrupt


def _after_store(i, marks, offset, size) -> None:
    """After a store to RAM, to a page with these marks: is it watched, is it code no more?"""
    if marks != 0:
        watched = is_watched(i, marks, offset, size)
        i.s.watch_hit = watched
        i.s.watch_offset, i.s.watch_size = offset, size
        # Otherwise the next record can be run as it is now: the store has dropped it if it changed its instruction.
        if (release(i, offset) | watched) != 0:
            i.look_again()


def load(i, va, size):
    """Virtual address -> the value, zero-extended."""
    if size > 1 and (va & (size - 1)) != 0:
        value = i.word(0)
        for k, offset in enumerate(list(_offsets(i, va, size, READ))):
            value = value | i.ram(offset, 1) << 8 * k
        return value
    paddr = _physical(i, va, READ)
    present, offset = in_ram(i, paddr)
    if present:
        return i.ram(offset, size)
    # Machine-mode systems read mtime in a loop to pass the time: that must not leave the executor each time.
    if size == WORD:
        if (paddr & -MTIME_BYTES) == CLINT_BASE + CLINT_MTIME:
            now = ticks(i)
            return i.select((paddr & WORD) == 0, now.low(), now.high())
    _device(i, paddr, size, 0, i.word(0), va)
    return i.s.io_value


def probe(i, va, access) -> None:
    """Trap, unless the word at va is RAM that can be read or written, all of it."""
    if (va & (WORD - 1)) != 0:
        list(_offsets(i, va, WORD, access))
    else:
        _ram_offset(i, va, access)


def stack_load(i, va):
    """Address on a stack -> the word there. Trap: as for loads; a stack in device space is an access fault."""
    probe(i, va, READ)
    return known_word(i, va)


@routine(32, returns=32)
def known_word(m, va):
    """Address of a word that a probe has found readable -> the word; no more faults."""
    value = m.word(0)
    for k in range(WORD):
        value = value | m.ram(in_ram(m, resolve[READ](m, va + k).low())[1], 1) << 8 * k
    return value


def store(i, va, value, size) -> None:
    """Stores the low bytes of a word."""
    if size > 1 and (va & (size - 1)) != 0:
        offsets = list(_offsets(i, va, size, WRITE))
        for k, offset in enumerate(offsets):
            i.ram_set(offset, 1, value >> 8 * k)
        _after_store(i, stored(i, offsets[0]) | stored(i, offsets[-1]), offsets[0], size)
        return
    paddr = _physical(i, va, WRITE)
    present, offset = in_ram(i, paddr)
    if present:
        i.ram_set(offset, size, value)
        _after_store(i, stored(i, offset), offset, size)
    else:
        _device(i, paddr, size, 1, value, va)


def load_words(i, va, count):
    """Address of so many words -> the words. They must be aligned, and in RAM."""
    if (va & (WORD - 1)) != 0:
        raise Trap(CAUSE_MISALIGNED_LOAD, va)
    return [i.ram(offset, WORD) for offset in list(_offsets(i, va, WORD * count, READ, WORD))]


def store_words(i, va, values) -> None:
    """Stores words that lie one behind the other: aligned, and in RAM."""
    if (va & (WORD - 1)) != 0:
        raise Trap(CAUSE_MISALIGNED_STORE, va)
    offsets = list(_offsets(i, va, WORD * len(values), WRITE, WORD))
    marks = i.word(0)
    for offset, value in zip(offsets, values, strict=True):
        i.ram_set(offset, WORD, value)
        marks = marks | stored(i, offset)
    if marks != 0:
        hit, released = i.word(0), release(i, offsets[0]) | release(i, offsets[-1])
        for offset in offsets:
            watched = is_watched(i, marks, offset, WORD)
            i.s.watch_offset = i.select(watched != 0, offset, i.s.watch_offset)
            hit = hit | watched
        i.s.watch_hit, i.s.watch_size = hit, i.word(WORD)
        if (released | hit) != 0:
            i.look_again()


def atomic(i, va, combine) -> None:
    """amo*.w: rd = word, word = combine(word)."""
    if (va & 3) != 0:
        raise Trap(CAUSE_MISALIGNED_STORE, va)
    offset = _ram_offset(i, va, WRITE)
    old = i.ram(offset, 4)
    i.ram_set(offset, 4, combine(old))
    i.rd = old
    _after_store(i, stored(i, offset), offset, 4)


def load_reserved(i, va) -> None:
    """lr.w"""
    if (va & 3) != 0:
        raise Trap(CAUSE_MISALIGNED_LOAD, va)
    offset = _ram_offset(i, va, READ)
    i.s.reservation, i.s.reserved = offset, i.word(1)
    i.rd = i.ram(offset, 4)


def store_conditional(i, va, value) -> None:
    """sc.w: an address that may not be written traps even when the reservation is gone, as on Spike (not on QEMU)."""
    if (va & 3) != 0:
        raise Trap(CAUSE_MISALIGNED_STORE, va)
    offset = _ram_offset(i, va, WRITE)
    holds = (i.s.reserved != 0) & (i.s.reservation == offset)
    i.s.reserved = i.word(0)
    if holds:
        i.ram_set(offset, 4, value)
        i.rd = i.word(0)
        _after_store(i, stored(i, offset), offset, 4)
    else:
        i.rd = i.word(1)
