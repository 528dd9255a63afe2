"""The address decoder: who answers, and what is an error."""

import pytest

from vm.devices.bus import Bus, BusError


class Recorder:
    """A device that answers each read with its offset and remembers writes."""

    def __init__(self) -> None:
        self.writes: list[tuple[int, int, int]] = []

    def read(self, offset: int, size: int) -> int:
        return offset

    def write(self, offset: int, size: int, value: int) -> None:
        self.writes.append((offset, size, value))


def test_each_device_sees_offsets_from_its_own_base() -> None:
    bus, low, high = Bus(), Recorder(), Recorder()
    bus.attach(0x2000, 0x100, high)
    bus.attach(0x1000, 0x100, low)
    assert bus.read(0x1010, 4) == 0x10
    assert bus.read(0x20FC, 4) == 0xFC
    bus.write(0x2004, 2, 7)
    assert (low.writes, high.writes) == ([], [(4, 2, 7)])


@pytest.mark.parametrize("address", [0, 0xFFC, 0x1100, 0x1FFF_FFFC, 0xFFFF_FFFC])
def test_nothing_answers_outside(address: int) -> None:
    bus = Bus()
    bus.attach(0x1000, 0x100, Recorder())
    with pytest.raises(BusError):
        bus.read(address, 4)
    with pytest.raises(BusError):
        bus.write(address, 4, 0)


def test_accesses_must_be_aligned_and_end_within_the_device() -> None:
    bus = Bus()
    bus.attach(0x1000, 0x102, Recorder())
    for address, size in ((0x1001, 2), (0x1002, 4), (0x1100, 4), (0x1100, 8)):
        with pytest.raises(BusError):
            bus.read(address, size)
    assert bus.read(0x1100, 2) == 0x100


def test_ranges_may_touch_but_not_overlap() -> None:
    bus = Bus()
    bus.attach(0x1000, 0x100, Recorder())
    bus.attach(0x1100, 0x100, Recorder())
    for base, size in ((0x0FFF, 2), (0x11FF, 1), (0x0, 0x10000)):
        with pytest.raises(ValueError):
            bus.attach(base, size, Recorder())
