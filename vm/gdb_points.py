"""gdb's breakpoints and watchpoints -> points of the observer, and hits of these -> what a stop reply says of them.

Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", sections "Packets" (Z0 to Z4) and
"Stop Reply Packets".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vm.points import ACCESS, CHANGE, READ, CodePoint, DataPoint, Hit

if TYPE_CHECKING:
    from vm.gdb_guest import Guest
    from vm.observe import Accept, Observer

SOFTWARE, HARDWARE, WRITE_WATCH, READ_WATCH, ACCESS_WATCH = range(5)  # the digit behind Z
# gdb tells of a `watch` only when the value is another one, so writes of the same value need not stop.
KINDS = {WRITE_WATCH: CHANGE, READ_WATCH: READ, ACCESS_WATCH: ACCESS}
REASONS = {
    SOFTWARE: b"swbreak",
    HARDWARE: b"hwbreak",
    WRITE_WATCH: b"watch",
    READ_WATCH: b"rwatch",
    ACCESS_WATCH: b"awatch",
}
ADDRESSES = 1 << 32


class Points:
    """The points that gdb has inserted. Software and hardware breakpoints are the same: no code is changed for them."""

    def __init__(self, observer: Observer, guest: Guest) -> None:
        self._observer, self._guest = observer, guest
        self._inserted: dict[tuple[int, int, int], CodePoint | DataPoint] = {}

    @property
    def data(self) -> list[DataPoint]:
        return [point for point in self.all if isinstance(point, DataPoint)]

    @property
    def all(self) -> list[CodePoint | DataPoint]:
        """-> each point once."""
        return list(dict.fromkeys(self._inserted.values()))

    @property
    def accept(self) -> Accept | None:
        """-> asked at each hit of any of the points, whether it counts; None: all do."""
        asked = {point: accept for point in self.all if (accept := self._guest.accept(point.address)) is not None}
        if not asked:
            return None
        return lambda hit: hit.point not in asked or asked[hit.point](hit)

    def insert(self, kind: int, address: int, size: int) -> bool:
        """The numbers of a Z packet -> whether there can be such a point. Inserting it twice does no more than once."""
        if not 0 <= address < ADDRESSES or kind in KINDS and not 0 < size <= ADDRESSES - address:
            return False
        point = DataPoint(address, size, KINDS[kind]) if kind in KINDS else CodePoint(address)
        if point not in self._inserted.values():
            self._observer.add(point, self._guest.accept(address))
        self._inserted[kind, address, size] = point
        return True

    def remove(self, kind: int, address: int, size: int) -> None:
        """The numbers of a z packet; one that was not inserted is nothing to complain of."""
        point = self._inserted.pop((kind, address, size), None)
        if point is not None and point not in self._inserted.values():
            self._observer.remove(point)

    def clear(self) -> None:
        for key in list(self._inserted):
            self.remove(*key)

    def reasons(self, hits: Iterable[Hit], understood: frozenset[bytes]) -> bytes:
        """Hits at one position -> the part of a stop reply that tells of the first that gdb has asked for.

        understood: the reasons for breakpoints that gdb has said to know.
        """
        for hit in hits:
            for (kind, _, _), point in self._inserted.items():
                if point != hit.point:
                    continue
                reason = REASONS[kind]
                if isinstance(point, DataPoint):
                    at = point.address if hit.access is None else max(point.address, hit.access.address)
                    return b"%s:%x;" % (reason, at)
                if reason in understood:
                    return reason + b":;"
        return b""
