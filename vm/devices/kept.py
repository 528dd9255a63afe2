"""A device's state -> plain values and back, by the names that the device lists.

Each device says in KEPT which of its attributes are its state, all of it; what else it has are wires to the board.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

Plain = int | bytes | list[int]  # what a snapshot and a file can hold
MOST = 1 << 64  # no register of a device is wider


class ForeignState(ValueError):
    """Saved values that are not those of this device; the message says which."""


class Stateful(Protocol):
    """What can be saved and loaded, whether by this file or in its own way."""

    def save(self) -> dict[str, Plain]: ...

    def load(self, saved: Mapping[str, Plain]) -> None: ...


class Kept:
    """A device whose state can be taken out and put back. PARTS: attributes that have a state themselves, or are None;
    its names are saved as those of the part."""

    KEPT: ClassVar[tuple[str, ...]] = ()
    PARTS: ClassVar[tuple[str, ...]] = ()

    def save(self) -> dict[str, Plain]:
        """-> the whole state, by name; shares nothing with the device. A queue of bytes is bytes."""
        own = {name: _plain(getattr(self, name)) for name in self.KEPT}
        return own | {_of(part, name): value for part, each in self._parts() for name, value in each.save().items()}

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave, of this device or another one of its kind -> the device is in that state; no line moves.

        Raises ForeignState, and leaves the device as it is, when the names or the kinds of values are others.
        """
        names = {part: {_of(part, name): name for name in each.save()} for part, each in self._parts()}
        if set(saved) != {*self.KEPT, *(name for part in names.values() for name in part)}:
            raise ForeignState(f"{type(self).__name__}: state of another kind of device")
        values = {name: _shaped(name, saved[name], getattr(self, name)) for name in self.KEPT}
        done: list[tuple[Stateful, dict[str, Plain]]] = []
        try:
            for part, each in self._parts():
                done.append((each, each.save()))
                each.load({name: saved[longer] for longer, name in names[part].items()})
        except ForeignState:
            for each, before in done:
                each.load(before)
            raise
        for name, value in values.items():
            setattr(self, name, value)

    def _parts(self) -> list[tuple[str, Stateful]]:
        found = [(part, getattr(self, part)) for part in self.PARTS]
        return [(part, each) for part, each in found if each is not None]


def _of(part: str, name: str) -> str:
    return f"{part}.{name}"


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
