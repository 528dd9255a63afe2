"""virtio block device: requests of the driver -> reads and writes of a disk.

Source: VIRTIO 1.2, section 5.2. A request is done when the driver notifies: disks need no virtual time, so that equal
runs are equal whatever the host's disk does.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from vm.devices.kept import ForeignState, Plain
from vm.devices.virtqueue import Buffer, Chain, Memory, Queue, QueueError

BLOCK_DEVICE = 2
F_SEG_MAX, F_RO, F_BLK_SIZE, F_FLUSH = 1 << 2, 1 << 5, 1 << 6, 1 << 9
SECTOR = 512
HEADER = struct.Struct("<IIQ")  # type, reserved, sector
IN, OUT, FLUSH, GET_ID = 0, 1, 4, 8
OK, IO_ERROR, UNSUPPORTED = 0, 1, 2
ID_BYTES = 20
CONFIG = struct.Struct("<QIIHBBI")  # capacity in sectors, size_max, seg_max, geometry (three fields), block size
SEGMENTS = 254  # as QEMU offers: a queue of 256 with header and status
PIECE = 1 << 20  # bytes moved at once, whatever a buffer's length is said to be
# What one notification can ask for, so that no ring keeps the host busy for ever: bytes, of which a buffer by itself
# counts for some.
WORK_MOST, WORK_OF_BUFFER = 1 << 30, 4096


class Disk(Protocol):
    """Where the bytes are. size: bytes, whole sectors. has_past: whether what the guest overwrites can be had back.
    read, write and flush raise OSError when the host cannot."""

    size: int
    read_only: bool
    has_past: bool
    name: str

    def read(self, offset: int, size: int) -> bytes: ...

    def write(self, offset: int, data: bytes) -> None: ...

    def flush(self) -> None:
        """Returns when all that was written will survive the host's power failing."""

    def save(self) -> bytes:
        """-> what has changed, and is not in its file."""

    def load(self, saved: bytes) -> None:
        """What save gave, of a disk with the same content at first. Raises ForeignState."""

    def close(self) -> None:
        """Lets others have what is behind it."""


class Block:
    """The device behind a transport (virtio.Backend)."""

    device_id = BLOCK_DEVICE

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.features = F_SEG_MAX | F_BLK_SIZE | F_FLUSH | (F_RO if disk.read_only else 0)
        self.config = CONFIG.pack(disk.size // SECTOR, 0, SEGMENTS, 0, 0, 0, SECTOR)

    def serve(self, queue: Queue, memory: Memory, accepted: int, interrupt: Callable[[], object]) -> None:
        """See virtio.Backend. Raises QueueError for chains that are no request."""
        work = 0
        for _ in range(queue.size):  # there are not more, unless a request has changed the ring itself
            chain = queue.take()
            if chain is None:
                break
            work += sum(buffer.length + WORK_OF_BUFFER for buffer in chain.buffers)
            if work > WORK_MOST:
                raise QueueError(f"requests for more than {WORK_MOST} bytes at once")
            written = _Request(chain, memory, self._disk, accepted).run()
            if queue.give_back(chain, written):
                interrupt()

    def save(self) -> dict[str, Plain]:
        """-> the size of the disk, and what has changed on it."""
        return {"size": self._disk.size, "changed": self._disk.save()}

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave, of a disk with the same content at first. Raises ForeignState."""
        size, changed = saved["size"], saved["changed"]
        if size != self._disk.size or not isinstance(changed, bytes):
            raise ForeignState(f"a disk of {size!r} bytes; this one, {self._disk.name}, has {self._disk.size}")
        self._disk.load(changed)


class _Request:
    """One chain: a header that is read, data, and a last byte for the status; divided into buffers in any way."""

    def __init__(self, chain: Chain, memory: Memory, disk: Disk, accepted: int) -> None:
        self._memory, self._disk, self._accepted = memory, disk, accepted
        self._from = [buffer for buffer in chain.buffers if not buffer.writable]
        self._to = [buffer for buffer in chain.buffers if buffer.writable]
        if _length(self._from) < HEADER.size or _length(self._to) < 1:
            raise QueueError("a request without a header, or without room for its status")

    def run(self) -> int:
        """-> bytes written into guest RAM."""
        header = b"".join(self._gather(_cut(self._from, 0, HEADER.size)))
        kind, _, sector = HEADER.unpack(header)
        room = _length(self._to) - 1
        try:
            status, written = self._done(kind, sector, room)
        except OSError:
            status, written = IO_ERROR, 0
        self._put(_cut(self._to, room, 1), bytes([status]))
        return written + 1

    def _done(self, kind: int, sector: int, room: int) -> tuple[int, int]:
        """-> (status, bytes written before it)"""
        disk = self._disk
        if kind == IN:
            if not self._inside(sector, room):
                return IO_ERROR, 0
            at = sector * SECTOR
            for piece in _pieces(_cut(self._to, 0, room)):
                self._put([piece], disk.read(at, piece.length))
                at += piece.length
            return OK, room
        if kind == OUT:
            size = _length(self._from) - HEADER.size
            if disk.read_only or not self._inside(sector, size):
                return IO_ERROR, 0
            at = sector * SECTOR
            for content in self._gather(_pieces(_cut(self._from, HEADER.size, size))):
                disk.write(at, content)
                at += len(content)
            if not self._accepted & F_FLUSH:
                disk.flush()  # a driver that never asks for it relies on what it was told (section 5.2.6.2)
            return OK, 0
        if kind == FLUSH:
            disk.flush()
            return OK, 0
        if kind == GET_ID:
            text = disk.name.encode()[:ID_BYTES].ljust(ID_BYTES, b"\0")[:room]
            self._put(_cut(self._to, 0, len(text)), text)
            return OK, len(text)
        return UNSUPPORTED, 0

    def _inside(self, sector: int, size: int) -> bool:
        """-> whether these are whole sectors of the disk."""
        return size % SECTOR == 0 and sector * SECTOR + size <= self._disk.size

    def _gather(self, buffers: Iterable[Buffer]) -> Iterator[bytes]:
        try:
            for buffer in buffers:
                yield self._memory.read(buffer.address, buffer.length)
        except ValueError as fault:
            raise QueueError(str(fault)) from None

    def _put(self, buffers: list[Buffer], data: bytes) -> None:
        at = 0
        try:
            for buffer in buffers:
                self._memory.write(buffer.address, data[at : at + buffer.length])
                at += buffer.length
        except ValueError as fault:
            raise QueueError(str(fault)) from None


def _length(buffers: list[Buffer]) -> int:
    return sum(buffer.length for buffer in buffers)


def _pieces(buffers: list[Buffer]) -> Iterator[Buffer]:
    """-> the same bytes, no more than PIECE at once."""
    for address, length, writable in buffers:
        for at in range(0, length, PIECE):
            yield Buffer(address + at, min(PIECE, length - at), writable)


def _cut(buffers: list[Buffer], first: int, size: int) -> list[Buffer]:
    """-> the parts of the buffers that hold `size` bytes from byte `first` on."""
    found = []
    for buffer in buffers:
        begin, end = max(first, 0), min(first + size, buffer.length)
        if begin < end:
            found.append(Buffer(buffer.address + begin, end - begin, buffer.writable))
        first -= buffer.length
    return found
