"""Several wishes for one point: an observer asks one `accept` a point, a debugger has breakpoints, steps and logs.

points = PointSet(observer)
wish = points.add(CodePoint(0x1000), accept)
hits of a stop -> points.accepting(hit): the wishes that wanted it
points.remove(wish)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from vm.observe import Accept
from vm.points import Hit, Point


class Watching(Protocol):
    """What is told of points: an Observer."""

    def add(self, point: Point, accept: Accept | None = None) -> None: ...

    def remove(self, point: Point) -> None: ...


@dataclass(eq=False)
class Wish:
    """A point that somebody wants to stop at. Equal only to itself."""

    point: Point
    accept: Accept | None = None

    def wants(self, hit: Hit) -> bool:
        """A hit of its point, while the machine stands there -> whether it counts."""
        return self.accept is None or self.accept(hit)


class PointSet:
    """The points of one observer. Only this object adds to them and takes away."""

    def __init__(self, observer: Watching) -> None:
        self._observer = observer
        self._wishes: dict[Point, list[Wish]] = {}

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(self._wishes)

    def add(self, point: Point, accept: Accept | None = None) -> Wish:
        """-> what to give to `remove`. accept: as for Observer.add; asked more than once, it must not change anything.
        Raises MachineError for a point that no machine can meet."""
        wish = Wish(point, accept)
        self._tell(point, [*self._wishes.get(point, []), wish])
        return wish

    def remove(self, wish: Wish) -> None:
        """Takes back a wish. Raises ValueError for one that is not there."""
        wishes = list(self._wishes.get(wish.point, []))
        wishes.remove(wish)
        self._tell(wish.point, wishes)

    def _tell(self, point: Point, wishes: list[Wish]) -> None:
        """From now on these are the wishes for a point. An observer is quicker where it need not ask."""
        if not wishes:
            self._observer.remove(point)
            del self._wishes[point]
            return
        asks = all(wish.accept is not None for wish in wishes)
        self._observer.add(point, partial(_wanted, wishes) if asks else None)
        self._wishes[point] = wishes

    def accepting(self, hit: Hit) -> list[Wish]:
        """A hit, while the machine stands there -> the wishes that wanted it, in the order in which they were made."""
        return [wish for wish in self._wishes.get(hit.point, []) if wish.wants(hit)]


def _wanted(wishes: list[Wish], hit: Hit) -> bool:
    """-> whether anybody wants it. All are asked: there are some that only listen."""
    return max([wish.wants(hit) for wish in wishes])
