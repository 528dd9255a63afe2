"""virtio block devices as drivers see them: registers, negotiation, requests, broken rings.

tests/differential/test_qemu_virtio.py compares with QEMU; here is what QEMU leaves open.
"""

from __future__ import annotations

import struct

import pytest

from tests.devices.virtio_driver import (
    ACCEPTED,
    AVAILABLE,
    BUFFERS,
    SIZE,
    TABLE,
    USED,
    Driver,
    MemoryDisk,
)
from vm.devices import block, virtio
from vm.devices.block import SECTOR
from vm.devices.bus import BusError
from vm.devices.kept import ForeignState
from vm.devices.virtio import LEGACY, MODERN, VirtioMmio
from vm.devices.virtqueue import NEXT, WRITE, Memory


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
    """As Linux does it. The alignment is a page by itself, and when the driver says 0, as teaching kernels need it."""
    driver = Driver(LEGACY)
    driver.put(virtio.GUEST_PAGE_SIZE, 2048)
    driver.put(virtio.STATUS, 0)
    driver.put(virtio.QUEUE_ALIGN, 0)
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
