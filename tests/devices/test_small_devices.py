"""Test finisher and real-time clock."""

import pytest

from vm.devices.bus import BusError
from vm.devices.finisher import Finisher, Halt
from vm.devices.rtc import Rtc


@pytest.mark.parametrize(
    ("value", "halt"),
    [
        (0x5555, Halt(0)),
        (0x3333 | 7 << 16, Halt(7)),
        (0x3333 | 0xFFFF << 16, Halt(0xFFFF)),
        (0x3333, Halt(1)),
        (0x7777, Halt(0, reset=True)),
        (0, None),
        (0x5556, None),
    ],
)
def test_finisher_words(value: int, halt: Halt | None) -> None:
    finisher = Finisher()
    finisher.write(0, 4, value)
    assert finisher.halt == halt
    assert finisher.read(0, 4) == 0


def test_finisher_listens_at_offset_zero_in_words_and_half_words() -> None:
    finisher = Finisher()
    finisher.write(4, 4, 0x5555)
    assert finisher.halt is None
    for size in (1, 8):
        with pytest.raises(BusError):
            finisher.write(0, size, 0x55)
    finisher.write(0, 2, 0x5555)
    assert finisher.halt == Halt(0)


def test_rtc_counts_nanoseconds_of_virtual_time_and_latches_its_high_half() -> None:
    ticks = 0
    rtc = Rtc(lambda: ticks, lambda level: None)

    def time() -> int:
        low = rtc.read(0, 4)
        return rtc.read(4, 4) << 32 | low

    start = time()
    assert start == 946_684_800 * 10**9
    ticks = 10_000_000
    assert time() - start == 10**9
    low, ticks = rtc.read(0, 4), 10**12
    assert rtc.read(4, 4) << 32 | low == start + 10**9
    with pytest.raises(BusError):
        rtc.read(0, 8)
