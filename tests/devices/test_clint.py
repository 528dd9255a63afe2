"""Software interrupt bit and timer registers of the CLINT."""

import pytest

from vm.devices.bus import BusError
from vm.devices.clint import Clint


class Clock:
    """A clock that the test sets."""

    ticks = 0

    def __call__(self) -> int:
        return self.ticks


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def clint(clock: Clock) -> Clint:
    return Clint(clock)


def test_msip_is_one_bit(clint: Clint) -> None:
    clint.write(0, 4, 0xFFFF_FFFF)
    assert (clint.msip, clint.read(0, 4)) == (1, 1)
    clint.write(0, 4, 0xFFFF_FFFE)
    assert (clint.msip, clint.read(0, 4)) == (0, 0)


def test_the_timer_interrupt_is_pending_at_reset(clint: Clint) -> None:
    assert (clint.msip, clint.mtime, clint.mtimecmp) == (0, 0, 0)


def test_mtimecmp_is_written_in_halves(clint: Clint) -> None:
    clint.write(0x4004, 4, 0x1234_5678)
    assert clint.mtimecmp == 0x1234_5678_0000_0000
    clint.write(0x4000, 4, 0x9ABC_DEF0)
    assert clint.mtimecmp == 0x1234_5678_9ABC_DEF0
    assert (clint.read(0x4000, 4), clint.read(0x4004, 4)) == (0x9ABC_DEF0, 0x1234_5678)
    assert clint.read(0x4000, 8) == 0x1234_5678_9ABC_DEF0
    clint.write(0x4000, 8, 5)
    assert clint.mtimecmp == 5


def test_mtime_follows_the_clock(clint: Clint, clock: Clock) -> None:
    clock.ticks = 0x1_0000_0002
    assert (clint.read(0xBFF8, 4), clint.read(0xBFFC, 4)) == (2, 1)
    assert clint.read(0xBFF8, 8) == clock.ticks


def test_mtime_can_be_set_and_runs_on(clint: Clint, clock: Clock) -> None:
    clock.ticks = 1000
    clint.write(0xBFF8, 4, 0)
    assert clint.mtime == 0
    clock.ticks += 7
    assert clint.mtime == 7
    clint.write(0xBFFC, 4, 3)
    assert clint.mtime == (3 << 32) + 7
    clint.write(0xBFF8, 8, 2**64 - 1)
    clock.ticks += 2
    assert clint.mtime == 1, "it wraps"
    assert 0 <= clint.mtime_offset < 2**64


def test_harts_that_do_not_exist_read_zero(clint: Clint) -> None:
    for offset in (0x4, 0x3FFC, 0x4008, 0xBFF0):
        clint.write(offset, 4, 0xFFFF_FFFF)
        assert clint.read(offset, 4) == 0
    assert (clint.msip, clint.mtimecmp, clint.mtime) == (0, 0, 0)


@pytest.mark.parametrize(
    ("offset", "size"), [(0, 1), (0, 2), (0, 8), (0x4000, 1), (0x4000, 2), (0xBFF8, 2), (0xC000, 4)]
)
def test_other_places_and_sizes_are_errors(clint: Clint, offset: int, size: int) -> None:
    with pytest.raises(BusError):
        clint.read(offset, size)
    with pytest.raises(BusError):
        clint.write(offset, size, 0)
