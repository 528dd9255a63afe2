"""Several wishes for one point: an observer asks one `accept` a point, a debugger has breakpoints, steps and logs.

points = PointSet(observer)
wish = points.add(CodePoint(0x1000), accept)
hits of a stop -> points.accepting(hit): the wishes that wanted it
points.remove(wish)
"""

from __future__ import annotations

from dataclasses import dataclass
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
        """-> what to give to `remove`. accept: as for Observer.add; it must not change anything."""
        wish = Wish(point, accept)
        wishes = self._wishes.setdefault(point, [])
        wishes.append(wish)
        if len(wishes) == 1:
            self._observer.add(point, lambda hit: any([each.wants(hit) for each in wishes]))
        return wish

    def remove(self, wish: Wish) -> None:
        """Takes back a wish. Raises ValueError for one that is not there."""
        wishes = self._wishes.get(wish.point, [])
        wishes.remove(wish)
        if not wishes:
            del self._wishes[wish.point]
            self._observer.remove(wish.point)

    def accepting(self, hit: Hit) -> list[Wish]:
        """A hit, while the machine stands there -> the wishes that wanted it, in the order in which they were made."""
        return [wish for wish in self._wishes.get(hit.point, []) if wish.wants(hit)]
