"""Snapshots of a run, in order, within a budget of bytes: close together near a position, further apart far from it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from typing import NamedTuple

from vm.pages import Ledger
from vm.snapshot import Snapshot

MOST = 1024  # snapshots, whatever they take, so that the search for one to drop stays short


class Rung(NamedTuple):
    """A snapshot of a run. at: its position; heard, printed: how many inputs, and bytes of output, came before."""

    at: int
    snapshot: Snapshot
    heard: int
    printed: int


class Ladder:
    """The rungs by position. The first one that is added stays for ever, whatever the budget (bytes)."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._rungs: list[Rung] = []
        self._ledger = Ledger()
        self._own = 0

    def __iter__(self) -> Iterator[Rung]:
        return iter(self._rungs)

    @property
    def bytes(self) -> int:
        """-> what the snapshots take, pages that they share counted once."""
        return self._ledger.bytes + self._own

    def before(self, position: int) -> Rung:
        """-> the last rung at or before the position."""
        return self._rungs[bisect_right(self._rungs, position, key=_at) - 1]

    def add(self, rung: Rung, near: int) -> None:
        """Adds a rung, unless there is one at its position; drops others when the budget asks for it, those first that
        are missed least by somebody who walks about near that position."""
        if self._rungs and self.before(rung.at).at == rung.at:
            return
        insort(self._rungs, rung, key=_at)
        self.hold(rung.snapshot)
        while len(self._rungs) > 1 and (self.bytes > self.budget or len(self._rungs) > MOST):
            self._drop(self._least(near))

    def hold(self, snapshot: Snapshot) -> None:
        """A snapshot that is kept elsewhere, for good, counts too."""
        self._ledger.add(snapshot.pages)
        self._own += snapshot.own_size

    def release(self, snapshot: Snapshot) -> None:
        """It is kept no more."""
        self._ledger.remove(snapshot.pages)
        self._own -= snapshot.own_size

    def cut(self, position: int) -> None:
        """Drops what lies behind the position."""
        while self._rungs and self._rungs[-1].at > position:
            self._drop(len(self._rungs) - 1)

    def _least(self, near: int) -> int:
        """-> the rung whose absence would lengthen the way by the least part of its distance."""

        def loss(number: int) -> float:
            here = self._rungs[number].at
            following = self._rungs[number + 1].at if number + 1 < len(self._rungs) else max(near, here) + 1
            return (following - self._rungs[number - 1].at) / (abs(near - here) + 1)

        return min(range(1, len(self._rungs)), key=loss)

    def _drop(self, number: int) -> None:
        self.release(self._rungs.pop(number).snapshot)


def _at(rung: Rung) -> int:
    return rung.at
