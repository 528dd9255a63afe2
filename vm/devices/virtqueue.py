"""Split virtqueue in guest RAM -> chains of buffers for a device, and used buffers back to the driver.

Source: Virtual I/O Device (VIRTIO) Version 1.2, sections 2.6 (layout, legacy layout) and 2.7 (split virtqueues).
Everything in a queue is the guest's word: addresses, lengths and links are checked; what cannot be raises QueueError.
"""

import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple

from vm.devices.kept import ForeignState, Kept, Plain

QUEUE_MOST = 1024  # entries; a power of two
DESCRIPTOR = struct.Struct("<QIHH")  # address, length, flags, next
NEXT, WRITE, INDIRECT = 1, 2, 4
AVAILABLE = struct.Struct("<HH")  # flags, index of the next entry that the driver fills in
USED = struct.Struct("<HH")
USED_ENTRY = struct.Struct("<II")  # first descriptor of the chain, bytes written
ENTRY = struct.Struct("<H")
NO_INTERRUPT = 1  # in the flags of the available ring
INDEX = 0xFFFF


class QueueError(Exception):
    """A queue that breaks the rules: the device needs a reset before it goes on."""


class Memory(NamedTuple):
    """The guest's RAM for a device. read(address, size) -> bytes; write(address, bytes); both raise ValueError for
    what is not in RAM."""

    read: Callable[[int, int], bytes]
    write: Callable[[int, bytes], None]


class Buffer(NamedTuple):
    """Bytes in guest RAM. writable: the device may only write there; else it may only read."""

    address: int
    length: int
    writable: bool


class Chain(NamedTuple):
    """head: number of the first descriptor, which names the chain to the driver."""

    head: int
    buffers: list[Buffer]


class Queue(Kept):
    """One virtqueue. size: entries, 0 before the driver says; addresses: of the three parts in guest RAM."""

    KEPT = ("size", "ready", "descriptors", "available", "used", "_seen", "_used")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.size = 0
        self.ready = False
        self.descriptors = self.available = self.used = 0
        self._seen = self._used = 0  # entries taken and given back, modulo 65536

    def load(self, saved: Mapping[str, Plain]) -> None:
        """See Kept. Raises ForeignState also for a size that no queue has."""
        before = self.save()
        super().load(saved)
        if self.size and not _possible(self.size):
            super().load(before)
            raise ForeignState(f"a queue of {saved['size']!r} entries")

    def resize(self, size: int) -> None:
        """The driver says how many entries; what cannot be changes nothing."""
        if _possible(size):
            self.size = size

    def place(self, start: int, align: int) -> None:
        """The legacy layout (section 2.6.2): the parts one behind the other, the used ring at the next boundary."""
        self.descriptors = start
        self.available = start + DESCRIPTOR.size * self.size
        behind = self.available + AVAILABLE.size + ENTRY.size * (self.size + 1)
        self.used = -(-behind // align) * align

    def take(self) -> Chain | None:
        """-> the next chain that the driver has made available, or None. Raises QueueError."""
        if not self.ready or not self.size:
            return None
        _, index = AVAILABLE.unpack(self._read(self.available, AVAILABLE.size))
        waiting = index - self._seen & INDEX
        if waiting == 0:
            return None
        if waiting > self.size:
            raise QueueError(f"{waiting} chains are said to be available in a queue of {self.size}")
        at = self.available + AVAILABLE.size + ENTRY.size * (self._seen % self.size)
        (head,) = ENTRY.unpack(self._read(at, ENTRY.size))
        self._seen = self._seen + 1 & INDEX
        return Chain(head, self._chain(head))

    def give_back(self, chain: Chain, written: int) -> bool:
        """The device has used a chain and written so many bytes -> whether the driver wants an interrupt."""
        at = self.used + USED.size + USED_ENTRY.size * (self._used % self.size)
        self._write(at, USED_ENTRY.pack(chain.head, written))
        self._used = self._used + 1 & INDEX
        self._write(self.used + 2, ENTRY.pack(self._used))
        flags, _ = AVAILABLE.unpack(self._read(self.available, AVAILABLE.size))
        return not flags & NO_INTERRUPT

    def _chain(self, head: int) -> list[Buffer]:
        """Follows the links, of which there can be no more than the table has entries."""
        buffers: list[Buffer] = []
        table, entries, number, inside = self.descriptors, self.size, head, False
        for _ in range(self.size + 1):
            if number >= entries:
                raise QueueError(f"descriptor {number} in a table of {entries}")
            raw = self._read(table + DESCRIPTOR.size * number, DESCRIPTOR.size)
            address, length, flags, link = DESCRIPTOR.unpack(raw)
            if flags & INDIRECT:
                if inside or flags & NEXT or not length or length % DESCRIPTOR.size:
                    raise QueueError("an indirect table inside another, with a successor, or of no whole entries")
                table, entries, number, inside = address, length // DESCRIPTOR.size, 0, True
                continue
            if len(buffers) >= self.size:
                break
            if buffers and buffers[-1].writable and not flags & WRITE:
                raise QueueError("a buffer for reading behind one for writing")
            buffers.append(Buffer(address, length, bool(flags & WRITE)))
            if not flags & NEXT:
                return buffers
            number = link
        raise QueueError(f"a chain that does not end within {self.size} buffers")

    def _read(self, address: int, size: int) -> bytes:
        try:
            return self._memory.read(address, size)
        except ValueError as fault:
            raise QueueError(str(fault)) from None

    def _write(self, address: int, data: bytes) -> None:
        try:
            self._memory.write(address, data)
        except ValueError as fault:
            raise QueueError(str(fault)) from None


def _possible(size: int) -> bool:
    return 0 < size <= QUEUE_MOST and not size & size - 1
