"""Drivers of virtio devices that do anything at all: the device stays sound."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.virtio_driver import ACCEPTED, AVAILABLE, BUFFERS, RAM, SIZE, TABLE, USED, Driver
from vm.devices import block, virtio, virtqueue
from vm.devices.block import SECTOR
from vm.devices.virtio import LEGACY, MODERN
from vm.devices.virtqueue import INDIRECT, NEXT, WRITE, Memory

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
