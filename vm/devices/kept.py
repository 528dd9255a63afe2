"""A device's state -> plain values and back, by the names that the device lists.

Each device says in KEPT which of its attributes are its state, all of it; what else it has are wires to the board.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

Plain = int | bytes | list[int]  # what a snapshot and a file can hold
MOST = 1 << 64  # no register of a device is wider


class ForeignState(ValueError):
    """Saved values that are not those of this device; the message says which."""


class Kept:
    """A device whose state can be taken out and put back."""

    KEPT: ClassVar[tuple[str, ...]] = ()

    def save(self) -> dict[str, Plain]:
        """-> the whole state, by name; shares nothing with the device. A queue of bytes is bytes."""
        return {name: _plain(getattr(self, name)) for name in self.KEPT}

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave, of this device or another one of its kind -> the device is in that state; no line moves.

        Raises ForeignState, and leaves the device as it is, when the names or the kinds of values are others.
        """
        if set(saved) != set(self.KEPT):
            raise ForeignState(f"{type(self).__name__}: state of another kind of device")
        values = {name: _shaped(name, saved[name], getattr(self, name)) for name in self.KEPT}
        for name, value in values.items():
            setattr(self, name, value)


def _plain(value: Any) -> Plain:
    if isinstance(value, deque):
        return bytes(value)
    return list(value) if isinstance(value, list) else int(value)


def _shaped(name: str, value: Any, like: Any) -> Any:
    """A saved value -> the same as the device keeps it, of the type of `like`. Raises ForeignState."""
    if isinstance(like, deque) and isinstance(value, bytes):
        return deque(value)
    if isinstance(like, list) and isinstance(value, list) and len(value) == len(like) and all(map(_number, value)):
        return list(value)
    if isinstance(like, int) and _number(value):
        return bool(value) if isinstance(like, bool) else value
    raise ForeignState(f"{name}: a value that this device cannot have")


def _number(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < MOST
