"""What the observing build works with: its record as a numpy dtype, and the bits that mark points."""

from __future__ import annotations

import numpy as np

from vm.arch import PAGE_SIZE

OFF, STOP, SCAN = range(3)  # field `armed`: nothing is looked for; leave where a point is met; only note where
WORDS = 32  # words of the CPU state that can be watched
NOTES, TRAPS = 64, 4  # accesses of one instruction, and traps between two, that are remembered
NEVER = (1 << 64) - 1  # a position that there is not
ABSENT = 0xFFFF_FFFF  # an offset in RAM that there is not

OBSERVER = np.dtype(
    [
        ("base", "u8"),  # instructions started in former lives: position = clock - skipped + base
        ("ignore", "u8"),  # position at which points of code do not count
        ("last", "u8"),  # SCAN: position of the last hit, or NEVER
        ("stale_from", "u8"),  # position before that instruction, or NEVER; told behind it
        ("masks_host", "u8"),  # bytes: a page of 4096 for every page number in the tables of marks
        ("shadow_host", "u8"),  # handlers, one a decoded record: that of a record which holds @look
        ("armed", "u4"),
        ("translations", "u4"),  # MARK_DATA: accesses and fetches are compared with the page table; else 0
        ("stale_pc", "u4"),  # of the last instruction whose fetch differs, and the offset in RAM where it was found
        ("stale_place", "u4"),
        ("watched_words", "u4"),  # how many
        ("exceptions", "u4"),  # causes that are points, a bit each
        ("interrupts", "u4"),
        ("pc", "u4"),  # of the instruction that makes the accesses
        ("noted", "u4"),  # accesses that have met a point and have not been taken over yet
        ("traps", "u4"),  # the same of traps
        ("word_at", "u4", WORDS),  # byte offsets in the state record
        ("word_value", "u4", WORDS),  # what they held
        # -- notes of accesses: virtual address, offsets in RAM of first and last byte (ABSENT: a device), size and
        # whether it wrote, what a store has overwritten, where the instruction stands
        *[("note_" + name, "u4", NOTES) for name in "va first last kind old pc".split()],
        *[("trap_" + name, "u4", TRAPS) for name in "cause pc value source target handler".split()],
        ("places", "u1", PAGE_SIZE),  # 1: instructions at this place of whatever page are looked at before they begin
    ],
    align=True,
)

# Bits of a byte of the masks.
MARK_READ, MARK_WRITE, MARK_CODE = 1, 2, 4
# An entry of the tables of marks: the number of a page of masks (0: no marks), and whether data is marked there.
MARK_DATA = 1 << 31
MARK_PAGE = MARK_DATA - 1
# A note's kind: bytes, whether it is a store, and whether its translation is not in the page table any more.
KIND_WRITE, KIND_STALE, KIND_SIZE = 1 << 8, 1 << 9, 0xFF

# Bits of a data TLB's tag that no address has: the entry is valid, but only the general handlers may use it.
TAG_WATCHED = 0x800  # accesses to the page are compared with the marks
TAG_CLEAN = 0x400  # write side: the page is not known to have been written since that was last asked
TAG_FLAGS = TAG_WATCHED | TAG_CLEAN
TAG_PAGE = 0xFFFF_F000  # the page's address


def _layout() -> dict[str, tuple[int, int]]:
    """-> {field: (byte offset, element size in bits)}"""
    out = {}
    for name in OBSERVER.names or ():
        dtype, offset = OBSERVER.fields[name][:2]
        out[name] = (offset, dtype.base.itemsize * 8)
    return out


FIELDS = _layout()
