"""RAM as an immutable table of pages: what two snapshots have in common is there once.

A table is a tuple of groups, a group a tuple of pages, a page its bytes. Pages that hold nothing but zeros are all the
same object, and so are groups of them. Tables are compared by identity, so that the difference of two costs no more
than what differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from vm.arch import PAGE_SHIFT, PAGE_SIZE

GROUP_SHIFT = 6
GROUP = 1 << GROUP_SHIFT  # pages
ZERO = bytes(PAGE_SIZE)
ZERO_GROUP = (ZERO,) * GROUP
# What an object costs beside its content: its header, and its place in the group, or in the table.
PAGE_COST = PAGE_SIZE + 33
GROUP_COST = 8 * GROUP + 56

Group = tuple[bytes, ...]
Pages = tuple[Group, ...]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def empty(ram_size: int) -> Pages:
    """RAM size in bytes -> the table of RAM that is all zeros. The last group may be longer than RAM."""
    return (ZERO_GROUP,) * -(-ram_size // (GROUP << PAGE_SHIFT))


def nonzero(ram: Bytes) -> list[int]:
    """RAM -> the numbers of its pages that are not all zeros."""
    return [int(page) for page in np.flatnonzero(ram.view(np.uint64).reshape(-1, PAGE_SIZE // 8).any(axis=1))]


def taken(ram: Bytes, known: Pages, changed: Iterable[int]) -> Pages:
    """RAM, an older table of it, the numbers (rising) of all pages that may differ from it -> the table of RAM now."""
    view = ram.data  # quicker to cut than the array
    return changed_to(known, ((page, bytes(view[page << PAGE_SHIFT : page + 1 << PAGE_SHIFT])) for page in changed))


def changed_to(known: Pages, contents: Iterable[tuple[int, bytes]]) -> Pages:
    """A table, (number, content) of pages that may be others -> the table with these contents."""
    groups: dict[int, list[bytes]] = {}
    for page, content in contents:
        number, place = page >> GROUP_SHIFT, page & (GROUP - 1)
        if content != (groups.get(number) or known[number])[place]:
            if number not in groups:
                groups[number] = list(known[number])
            groups[number][place] = ZERO if content == ZERO else content
    if not groups:
        return known
    table = list(known)
    for number, pages in groups.items():
        table[number] = ZERO_GROUP if all(page is ZERO for page in pages) else tuple(pages)
    return tuple(table)


def page(table: Pages, number: int) -> bytes:
    """Table, number of a page -> its bytes."""
    return table[number >> GROUP_SHIFT][number & (GROUP - 1)]


def differing(one: Pages, other: Pages) -> Iterator[int]:
    """Two tables of RAM of one size -> the numbers of the pages that may differ, rising."""
    for number, (group, against) in enumerate(zip(one, other, strict=True)):
        if group is not against:
            for place, page in enumerate(group):
                if page is not against[place]:
                    yield number << GROUP_SHIFT | place


def put(ram: Bytes, table: Pages, pages: Iterable[int]) -> None:
    """Writes these pages of the table into RAM."""
    for number in pages:
        ram[number << PAGE_SHIFT : number + 1 << PAGE_SHIFT] = np.frombuffer(page(table, number), np.uint8)


def contents(table: Pages) -> Iterator[tuple[int, bytes]]:
    """-> (number, bytes) of each page that is not all zeros, rising."""
    for number, group in enumerate(table):
        if group is not ZERO_GROUP:
            for place, page in enumerate(group):
                if page is not ZERO:
                    yield number << GROUP_SHIFT | place, page


class Ledger:
    """How many bytes a collection of tables takes, what they share counted once."""

    def __init__(self) -> None:
        self.bytes = 0
        self._groups: Counter[int] = Counter()
        self._pages: Counter[int] = Counter()

    def add(self, table: Pages) -> None:
        """The collection has got this table. It must stay alive until it is removed."""
        groups, pages = self._groups, self._pages
        for group in table:
            if group is not ZERO_GROUP:
                groups[id(group)] += 1
                if groups[id(group)] == 1:
                    before = len(pages)
                    pages.update([id(page) for page in group if page is not ZERO])
                    self.bytes += GROUP_COST + PAGE_COST * (len(pages) - before)

    def remove(self, table: Pages) -> None:
        """The collection has lost this table."""
        groups, pages = self._groups, self._pages
        for group in table:
            if group is not ZERO_GROUP:
                groups[id(group)] -= 1
                if not groups[id(group)]:
                    del groups[id(group)]
                    before = len(pages)
                    _take_away(pages, [id(page) for page in group if page is not ZERO])
                    self.bytes -= GROUP_COST + PAGE_COST * (before - len(pages))


def _take_away(counts: Counter[int], keys: list[int]) -> None:
    """Counts each key once less, and forgets those that are gone."""
    for key in keys:
        count = counts[key] - 1
        if count:
            counts[key] = count
        else:
            counts.pop(key)
