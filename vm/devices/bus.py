"""Physical address, size -> the device that answers there.

A device sees offsets from its own base. It raises BusError for what it does not support; the machine turns that into an
access fault. Values are unsigned ints of `size` bytes, little endian as the processor sees them.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Protocol

from vm.devices.kept import Plain


class BusError(Exception):
    """Nothing answers at this address with this access size."""


class Device(Protocol):
    """What the bus asks of a device. Neither read nor write may raise anything but BusError."""

    def read(self, offset: int, size: int) -> int:
        """Offset in bytes from the device's base, size in bytes (1, 2, 4 or 8) -> value, 0 <= value < 256 ** size."""

    def write(self, offset: int, size: int, value: int) -> None:
        """Offset, size as for read; value unsigned."""

    def save(self) -> dict[str, Plain]:
        """-> its whole state (vm/devices/kept.py)."""

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave -> the same state again."""


class Bus:
    """The address decoder of the board: disjoint ranges of physical addresses, each with its device."""

    def __init__(self) -> None:
        self._bases: list[int] = []
        self._slots: list[tuple[int, int, Device]] = []  # (base, end, device), ordered by base

    def attach(self, base: int, size: int, device: Device) -> None:
        """Makes `device` answer at base .. base + size - 1. Raises ValueError when the range overlaps another's."""
        end = base + size
        for other_base, other_end, _ in self._slots:
            if base < other_end and other_base < end:
                raise ValueError(f"device range {base:#x}..{end:#x} overlaps {other_base:#x}..{other_end:#x}")
        at = bisect_right(self._bases, base)
        self._bases.insert(at, base)
        self._slots.insert(at, (base, end, device))

    def devices(self) -> Iterator[tuple[int, Device]]:
        """-> (base, device), in the order of their addresses."""
        for base, _, device in self._slots:
            yield base, device

    def _find(self, address: int, size: int) -> tuple[int, Device]:
        at = bisect_right(self._bases, address) - 1
        if at < 0 or address + size > self._slots[at][1]:
            raise BusError(f"no device at {address:#x}")
        if address % size:
            raise BusError(f"misaligned device access at {address:#x}")
        base, _, device = self._slots[at]
        return address - base, device

    def read(self, address: int, size: int) -> int:
        """Physical address, size 1, 2, 4 or 8 -> value. Raises BusError where nothing answers, or when misaligned."""
        offset, device = self._find(address, size)
        return device.read(offset, size)

    def write(self, address: int, size: int, value: int) -> None:
        """Physical address, size, unsigned value -> the device's reaction. Raises BusError as read does."""
        offset, device = self._find(address, size)
        device.write(offset, size, value)
