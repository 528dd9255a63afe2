"""virtio block devices as drivers see them: registers, negotiation, requests; and rings that are no rings.

tests/differential/test_qemu_virtio.py compares with QEMU; here is what QEMU leaves open, and what must never happen.
"""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm.devices import block, virtio, virtqueue
from vm.devices.block import SECTOR, Block
from vm.devices.bus import BusError
from vm.devices.kept import ForeignState
from vm.devices.virtio import LEGACY, MODERN, VirtioMmio
from vm.devices.virtqueue import INDIRECT, NEXT, WRITE, Memory

SIZE = 8  # entries of the queue
TABLE, AVAILABLE, USED, BUFFERS = 0x1000, 0x1080, 0x2000, 0x3000
RAM = 1 << 16
ACCEPTED = block.F_FLUSH | block.F_BLK_SIZE | virtio.F_INDIRECT


class MemoryDisk:
    """Bytes, and what was done to them."""

    read_only = False
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


@pytest.fixture(params=[LEGACY, MODERN], ids=["legacy", "modern"])
def driver(request: pytest.FixtureRequest) -> Driver:
    return Driver(request.param)


def test_a_disk_is_read_and_written(driver: Driver) -> None:
    before = bytes(driver.disk.content)
    assert driver.ask(block.IN, 3, 1024) == (block.OK, before[3 * SECTOR : 5 * SECTOR], 1025)
    assert driver.line and driver.get(virtio.INTERRUPT_STATUS) == virtio.USED_BUFFER
    driver.put(virtio.INTERRUPT_ACK, virtio.USED_BUFFER)
    assert not driver.line
    assert driver.ask(block.OUT, 2, b"x" * SECTOR)[::2] == (block.OK, 1)
    assert driver.disk.content == before[: 2 * SECTOR] + b"x" * SECTOR + before[3 * SECTOR :]
    assert driver.ask(block.GET_ID, 0, 20)[:2] == (block.OK, b"a disk of memory\0\0\0\0")
    assert driver.used() == 3


def test_indices_wrap(driver: Driver) -> None:
    """The rings' indices have 16 bits, whatever the size of the queue."""
    driver.device.load({**driver.device.save(), "_queue._seen": 0xFFFE, "_queue._used": 0xFFFE})
    driver.given = 0xFFFE
    for index in (0xFFFF, 0, 1):
        assert driver.ask(block.IN, 1, SECTOR)[0] == block.OK
        assert driver.used() == index


@pytest.mark.parametrize(
    ("features", "done"), [(ACCEPTED, ["write", "flush"]), (block.F_BLK_SIZE, ["write", "flush", "flush"])]
)
def test_what_was_written_is_safe_when_the_driver_was_told_so(features: int, done: list[str]) -> None:
    """Section 5.2.6.2: with F_FLUSH after a flush, without it at once."""
    for version in (LEGACY, MODERN):
        driver = Driver(version, features=features)
        driver.ask(block.OUT, 0, bytes(SECTOR))
        assert driver.disk.done == done[:-1]
        driver.ask(block.FLUSH, 0, 0)
        assert driver.disk.done == done


def test_a_disk_that_fails_is_an_error_of_the_request(driver: Driver) -> None:
    driver.disk.dead = True
    assert driver.ask(block.IN, 0, SECTOR)[0] == block.IO_ERROR
    driver.disk.dead = False
    assert driver.ask(block.IN, 0, SECTOR)[0] == block.OK


def test_a_disk_that_may_not_be_written() -> None:
    disk = MemoryDisk()
    disk.read_only = True
    driver = Driver(disk=disk)
    assert driver.get(virtio.DEVICE_FEATURES) & block.F_RO
    assert driver.ask(block.OUT, 0, bytes(SECTOR))[0] == block.IO_ERROR and not disk.done


def test_negotiation() -> None:
    """Section 3.1.1: only features that are offered; later attempts change nothing. 1 << 32 may be left out: so do
    teaching kernels."""
    wrong = Driver(features=ACCEPTED | 1 << 3)
    assert not wrong.get(virtio.STATUS) & virtio.FEATURES_OK
    for features in (ACCEPTED, ACCEPTED | virtio.F_VERSION_1, 0):
        driver = Driver(features=features)
        assert driver.get(virtio.STATUS) == 3 | virtio.FEATURES_OK | virtio.DRIVER_OK
        driver.put(virtio.DRIVER_FEATURES, 0xFFFF_FFFF)
        driver.put(virtio.STATUS, driver.get(virtio.STATUS))
        assert driver.get(virtio.STATUS) & virtio.FEATURES_OK


def test_nothing_is_used_before_the_driver_is_ready() -> None:
    """But what waits then is (section 3.1.1, step 8). Legacy drivers need not say so (3.1.2)."""
    for version, used in ((MODERN, 0), (LEGACY, 1)):
        driver = Driver(version)
        driver.put(virtio.STATUS, 3 | virtio.FEATURES_OK)
        driver.ask(block.IN, 0, SECTOR)
        assert driver.used() == used
        driver.put(virtio.STATUS, driver.get(virtio.STATUS) | virtio.DRIVER_OK)
        assert driver.used() == 1 and driver.ram[BUFFERS + 16 + SECTOR] == block.OK


def test_a_page_size_said_before_the_reset_holds() -> None:
    """As Linux does it. The alignment is a page by itself, as teaching kernels need it."""
    driver = Driver(LEGACY)
    driver.put(virtio.GUEST_PAGE_SIZE, 2048)
    driver.put(virtio.STATUS, 0)
    driver.put(virtio.QUEUE_NUM, SIZE)
    driver.put(virtio.QUEUE_PFN, TABLE // 2048)
    assert driver.get(virtio.QUEUE_PFN) == TABLE // 2048
    driver.given = 0
    driver.ram[USED : USED + 4] = bytes(4)
    assert driver.ask(block.IN, 0, SECTOR)[0] == block.OK and driver.used() == 1
    driver.put(virtio.QUEUE_PFN, 0)
    driver.ask(block.IN, 0, SECTOR)
    assert driver.used() == 1 and driver.get(virtio.QUEUE_PFN) == 0


def test_another_alignment() -> None:
    driver = Driver(LEGACY)
    driver.put(virtio.STATUS, 0)
    driver.put(virtio.QUEUE_NUM, SIZE)
    driver.put(virtio.QUEUE_ALIGN, 64)
    driver.put(virtio.QUEUE_PFN, TABLE // 4096)
    driver.given = 0
    driver.ram[TABLE : TABLE + 0x200] = bytes(0x200)
    assert driver.ask(block.IN, 0, SECTOR)[0] == block.OK
    near = TABLE + 16 * SIZE + 64  # 22 bytes of the available ring, and then the next multiple of 64
    assert struct.unpack_from("<HHII", driver.ram, near) == (0, 1, 0, SECTOR + 1)


def test_a_request_that_overwrites_the_ring_ends(driver: Driver) -> None:
    """Sector 0 makes the ring say, each time that it is read there, that everything is available once more."""
    ring = struct.pack("<HH", 0, SIZE) + struct.pack("<H", 0) * SIZE
    driver.disk.content[: len(ring)] = ring
    struct.pack_into("<IIQ", driver.ram, BUFFERS, block.IN, 0, 0)
    driver.describe(0, BUFFERS, 16, NEXT, 1)
    driver.describe(1, AVAILABLE, SECTOR, NEXT | WRITE, 2)
    driver.describe(2, BUFFERS + 16, 1, WRITE)
    driver.offer(0)
    driver.put(virtio.QUEUE_NOTIFY, 0)
    assert driver.used() <= SIZE


def test_a_driver_cannot_ask_for_endless_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "WORK_MOST", 1 << 20)
    disk = MemoryDisk(64)
    driver = Driver(disk=disk)
    struct.pack_into("<IIQ", driver.ram, BUFFERS, block.OUT, 0, 0)
    driver.describe(0, BUFFERS, 16, NEXT, 1)
    for number in range(1, SIZE - 1):  # the same bytes again and again
        driver.describe(number, 0, 16 * SECTOR // 4, NEXT, number + 1)
    driver.describe(SIZE - 1, BUFFERS + 16, 1, WRITE)
    driver.offer(*[0] * SIZE)
    driver.put(virtio.QUEUE_NOTIFY, 0)
    assert driver.used() == SIZE, "this is little"
    monkeypatch.setattr(block, "WORK_MOST", 100_000)
    driver.begin(ACCEPTED)
    driver.offer(*[0] * SIZE)
    driver.put(virtio.QUEUE_NOTIFY, 0)
    assert 0 < driver.used() < SIZE and driver.get(virtio.STATUS) & virtio.NEEDS_RESET
    driver.begin(ACCEPTED)
    assert driver.ask(block.IN, 0, SECTOR)[0] == block.OK


def test_requests_before_a_broken_one_are_told(driver: Driver) -> None:
    driver.ask(block.IN, 0, SECTOR)
    driver.put(virtio.INTERRUPT_ACK, 3)
    assert not driver.line
    driver.offer(0, SIZE)
    driver.put(virtio.QUEUE_NOTIFY, 0)
    assert driver.used() == 2 and driver.line
    assert driver.get(virtio.INTERRUPT_STATUS) == (virtio.USED_BUFFER if driver.version == LEGACY else 3)


def test_accesses_of_other_sizes(driver: Driver) -> None:
    device = driver.device
    for offset in (0, virtio.CONFIG):
        with pytest.raises(BusError):
            device.read(offset, 8)
        with pytest.raises(BusError):
            device.write(offset, 8, 0)
    assert [device.read(virtio.CONFIG, size) for size in (1, 2, 4)] == [16, 16, 16]
    assert device.read(virtio.WINDOW - 4, 4) == 0


def test_state_is_that_of_one_kind_and_size(driver: Driver) -> None:
    saved = driver.device.save()
    driver.ask(block.OUT, 0, b"y" * SECTOR)
    later = driver.device.save()
    driver.device.load(saved)
    assert driver.device.save() == saved != later
    assert driver.disk.content[0] != ord("y")
    foreign: list[dict[str, object]] = [
        {"_version": 3 - driver.version}, {"_queue.size": 3}, {"_queue.size": 1 << 40}, {"_backend.size": SECTOR},
        {"_backend.changed": 5}, {"_broken": b""},
    ]  # fmt: skip
    for change in foreign:
        with pytest.raises(ForeignState):
            driver.device.load({**later, **change})  # type: ignore[dict-item]
        assert driver.device.save() == saved, change
    with pytest.raises(ForeignState):
        VirtioMmio(None, Memory(driver._read, driver._write), driver._level, driver.version).load(saved)


# ---- hostile drivers
addresses = st.one_of(
    st.integers(0, RAM), st.sampled_from([TABLE, AVAILABLE, USED, BUFFERS, RAM - 1]), st.integers(0, 2**64 - 1)
)
lengths = st.one_of(
    st.sampled_from([0, 1, 16, 17, 32, 512, 513, 1024, 0xFFFF_FFFF]), st.integers(0, RAM), st.integers(0, 2**32 - 1)
)
descriptors = st.tuples(addresses, lengths, st.integers(0, 7), st.integers(0, SIZE))
registers = st.sampled_from([
    virtio.STATUS, virtio.QUEUE_NUM, virtio.QUEUE_READY, virtio.QUEUE_PFN, virtio.QUEUE_ALIGN, virtio.GUEST_PAGE_SIZE,
    virtio.QUEUE_SEL, virtio.DRIVER_FEATURES, virtio.DRIVER_FEATURES_SEL, virtio.DEVICE_FEATURES_SEL,
    virtio.INTERRUPT_ACK, *virtio.QUEUE_ADDRESSES,
])  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("descriptor"), st.integers(0, SIZE - 1), descriptors),
    st.tuples(st.just("header"), st.integers(0, 12), st.one_of(st.integers(0, 20), st.integers(0, 2**64 - 1))),
    st.tuples(st.just("offer"), st.lists(st.integers(0, SIZE), max_size=SIZE), st.just(0)),
    st.tuples(st.just("index"), st.integers(0, 0xFFFF), st.just(0)),
    st.tuples(st.just("register"), registers, st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 16))),
    st.tuples(st.just("begin"), st.just(0), st.just(0)),
    st.tuples(st.just("read"), st.integers(0, virtio.WINDOW - 4), st.sampled_from([1, 2, 4])),
    st.tuples(st.just("notify"), st.just(0), st.just(0)),
)


@pytest.mark.parametrize("version", [LEGACY, MODERN])
@given(data=st.data())
def test_whatever_a_driver_does_the_device_stays_sound(version: int, data: st.DataObject) -> None:
    """Loops, wild addresses and lengths, registers at any time: no exception, no long work, and all is well again
    after a reset. That nothing outside RAM and disk is touched, Driver and MemoryDisk see to."""
    driver = Driver(version)
    begun = time.process_time()
    for what, one, two in data.draw(st.lists(steps, max_size=25)):
        if what == "descriptor":
            driver.describe(one, *two)
        elif what == "header":
            struct.pack_into("<IIQ", driver.ram, BUFFERS, one, 0, two)
        elif what == "offer":
            driver.offer(*one)
        elif what == "index":
            struct.pack_into("<H", driver.ram, AVAILABLE + 2, one)
        elif what == "register":
            driver.put(one, two)
        elif what == "begin":
            driver.begin(ACCEPTED)
        elif what == "read":
            assert 0 <= driver.device.read(one - one % two, two) < 256**two
        driver.put(virtio.QUEUE_NOTIFY, 0)
        driver.device.load(driver.device.save())
    assert time.process_time() - begun < 5
    assert len(driver.ram) == RAM and len(driver.disk.content) == driver.disk.size
    driver.put(virtio.QUEUE_ALIGN, virtio.DEFAULT_ALIGN)
    driver.put(virtio.QUEUE_SEL, 0)
    driver.begin(ACCEPTED)
    assert driver.ask(block.IN, 1, SECTOR) == (block.OK, bytes(driver.disk.content[SECTOR : 2 * SECTOR]), SECTOR + 1)


@given(table=st.lists(descriptors, min_size=SIZE, max_size=SIZE), inner=st.lists(descriptors, max_size=SIZE))
def test_random_chains_are_followed_as_the_manual_says(
    table: list[tuple[int, int, int, int]], inner: list[tuple[int, int, int, int]]
) -> None:
    """Queue.take against the plainest reading of sections 2.7.4 and 2.7.5."""
    at = 0x4000
    ram = bytearray(RAM)
    table = [
        (at, 16 * len(inner), flags, link) if flags & INDIRECT else (a, n, flags, link) for a, n, flags, link in table
    ]
    for number, each in enumerate(table):
        struct.pack_into("<QIHH", ram, TABLE + 16 * number, *each)
    for number, each in enumerate(inner):
        struct.pack_into("<QIHH", ram, at + 16 * number, *each)
    struct.pack_into("<HH", ram, AVAILABLE + 2, 1, 0)
    queue = virtqueue.Queue(Memory(lambda a, n: bytes(ram[a : a + n]), lambda a, d: None))
    queue.resize(SIZE)
    queue.descriptors, queue.available, queue.used, queue.ready = TABLE, AVAILABLE, USED, True
    expected = followed(table, inner)
    if expected is None:
        with pytest.raises(virtqueue.QueueError):
            queue.take()
    else:
        assert queue.take() == (0, expected)


def followed(
    table: list[tuple[int, int, int, int]], inner: list[tuple[int, int, int, int]]
) -> list[tuple[int, int, bool]] | None:
    """-> (address, length, writable) of the buffers from descriptor 0 on, None for what is against the rules."""
    found: list[tuple[int, int, bool]] = []
    where, number = table, 0
    while number < len(where) and len(found) <= SIZE:
        address, length, flags, link = where[number]
        if flags & INDIRECT:
            if where is inner or flags & NEXT or not inner:
                return None
            where, number = inner, 0
            continue
        found.append((address, length, bool(flags & WRITE)))
        if not flags & NEXT:
            kinds = [writable for _, _, writable in found]
            return found if kinds == sorted(kinds) and len(found) <= SIZE else None
        number = link
    return None
