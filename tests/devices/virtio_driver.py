"""The other side of a virtio block device, for tests: guest RAM, a disk of memory, and what a driver does."""

from __future__ import annotations

import struct

from vm.devices import block, virtio
from vm.devices.block import SECTOR, Block
from vm.devices.virtio import MODERN, VirtioMmio
from vm.devices.virtqueue import NEXT, WRITE, Memory

SIZE = 8  # entries of the queue
TABLE, AVAILABLE, USED, BUFFERS = 0x1000, 0x1080, 0x2000, 0x3000
RAM = 1 << 16
ACCEPTED = block.F_FLUSH | block.F_BLK_SIZE | virtio.F_INDIRECT


class MemoryDisk:
    """Bytes, and what was done to them."""

    read_only = False
    has_past = True
    name = "a disk of memory"

    def __init__(self, sectors: int = 16) -> None:
        self.size = sectors * SECTOR
        self.content = bytearray(k * 7 & 0xFF for k in range(self.size))
        self.done: list[str] = []
        self.dead = False

    def read(self, offset: int, size: int) -> bytes:
        if self.dead:
            raise OSError("the disk is dead")
        assert 0 <= offset <= offset + size <= self.size
        return bytes(self.content[offset : offset + size])

    def write(self, offset: int, data: bytes) -> None:
        assert 0 <= offset <= offset + len(data) <= self.size
        self.content[offset : offset + len(data)] = data
        self.done.append("write")

    def flush(self) -> None:
        self.done.append("flush")

    def save(self) -> bytes:
        return bytes(self.content)

    def load(self, saved: bytes) -> None:
        self.content[:] = saved


class Driver:
    """The other side: guest RAM, a device, and what a driver does to it."""

    def __init__(self, version: int = MODERN, disk: MemoryDisk | None = None, features: int = ACCEPTED) -> None:
        self.ram = bytearray(RAM)
        self.disk = disk or MemoryDisk()
        self.line = False
        self.device = VirtioMmio(Block(self.disk), Memory(self._read, self._write), self._level, version)
        self.version, self.given = version, 0
        self.begin(features)

    def _read(self, address: int, size: int) -> bytes:
        if not 0 <= address <= RAM - size:
            raise ValueError("outside")
        return bytes(self.ram[address : address + size])

    def _write(self, address: int, data: bytes) -> None:
        if not 0 <= address <= RAM - len(data):
            raise ValueError("outside")
        self.ram[address : address + len(data)] = data

    def _level(self, level: bool) -> None:
        self.line = level

    def put(self, offset: int, value: int) -> None:
        self.device.write(offset, 4, value)

    def get(self, offset: int) -> int:
        return self.device.read(offset, 4)

    def begin(self, features: int) -> None:
        """Reset, negotiation, queue, DRIVER_OK."""
        self.given = 0
        self.ram[AVAILABLE : AVAILABLE + 64] = self.ram[USED : USED + 256] = b""
        self.ram[AVAILABLE:AVAILABLE] = bytes(64)
        self.ram[USED:USED] = bytes(256)
        self.put(virtio.STATUS, 0)
        self.put(virtio.DRIVER_FEATURES_SEL, 0)
        self.put(virtio.DRIVER_FEATURES, features & 0xFFFF_FFFF)
        if self.version == MODERN:
            self.put(virtio.DRIVER_FEATURES_SEL, 1)
            self.put(virtio.DRIVER_FEATURES, features >> 32)
            self.put(virtio.STATUS, 3 | virtio.FEATURES_OK)
        self.put(virtio.QUEUE_NUM, SIZE)
        if self.version == MODERN:
            for offset, value in ((0x080, TABLE), (0x090, AVAILABLE), (0x0A0, USED)):
                self.put(offset, value)
                self.put(offset + 4, 0)
            self.put(virtio.QUEUE_READY, 1)
        else:
            self.put(virtio.GUEST_PAGE_SIZE, 4096)
            self.put(virtio.QUEUE_PFN, TABLE // 4096)
        self.put(virtio.STATUS, self.get(virtio.STATUS) | virtio.DRIVER_OK)

    def describe(self, number: int, address: int, length: int, flags: int, link: int = 0, table: int = TABLE) -> None:
        struct.pack_into("<QIHH", self.ram, table + 16 * number, address, length, flags, link)

    def offer(self, *heads: int) -> None:
        for head in heads:
            struct.pack_into("<H", self.ram, AVAILABLE + 4 + 2 * (self.given % SIZE), head)
            self.given = self.given + 1 & 0xFFFF
        struct.pack_into("<H", self.ram, AVAILABLE + 2, self.given)

    def ask(self, kind: int, sector: int, data: bytes | int) -> tuple[int, bytes, int]:
        """data: bytes to write, or how many to read -> (status, what was read, bytes said to be written)."""
        struct.pack_into("<IIQ", self.ram, BUFFERS, kind, 0, sector)
        size = data if isinstance(data, int) else len(data)
        self.ram[BUFFERS + 16 : BUFFERS + 16 + size] = bytes(size) if isinstance(data, int) else data
        self.describe(0, BUFFERS, 16, NEXT, 1)
        self.describe(1, BUFFERS + 16, size, NEXT | (WRITE if isinstance(data, int) else 0), 2)
        self.describe(2, BUFFERS + 16 + size, 1, WRITE)
        self.ram[BUFFERS + 16 + size] = 0xEE
        self.offer(0)
        self.put(virtio.QUEUE_NOTIFY, 0)
        return self.ram[BUFFERS + 16 + size], bytes(self.ram[BUFFERS + 16 : BUFFERS + 16 + size]), self.last()[1]

    def used(self) -> int:
        return int(struct.unpack_from("<H", self.ram, USED + 2)[0])

    def last(self) -> tuple[int, int]:
        """-> (head, length) of what was used last."""
        head, length = struct.unpack_from("<II", self.ram, USED + 4 + 8 * ((self.used() - 1) % SIZE))
        return head, length
