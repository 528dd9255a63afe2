"""What the guest prints -> the same with the position at which it was printed, for those who look at any moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

Printed = tuple[int, bytes]


class Printer:
    """The console of a machine. position: says where the machine stands; to be set when there is a machine."""

    def __init__(self) -> None:
        self.position: Callable[[], int] = lambda: 0
        self.printed: list[Printed] = []

    def __call__(self, data: bytes) -> None:
        self.printed.append((self.position(), data))

    def all(self) -> Sequence[Printed]:
        """-> all that is known, in order; a copy."""
        return tuple(self.printed)

    def forget_after(self, position: int) -> None:
        """What was printed later belongs to a future that will not come."""
        del self.printed[bisect_right(self.printed, position, key=_position) :]


def _position(entry: Printed) -> int:
    return entry[0]
