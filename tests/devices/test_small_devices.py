"""Test finisher and real-time clock."""

import pytest

from vm import Machine
from vm.devices.bus import BusError
from vm.devices.finisher import Finisher, Halt
from vm.devices.rtc import NEVER, Rtc


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


def test_an_alarm_is_due_when_its_nanosecond_has_come() -> None:
    """Ticks are longer: the next one; at once, when it is the present one."""
    rtc = Rtc(lambda: 50, lambda level: None)

    def armed(distance: int) -> int | None:
        rtc.write(0x0C, 4, rtc.time + distance >> 32)
        rtc.write(0x08, 4, rtc.time + distance & 0xFFFF_FFFF)
        return None if rtc.deadline == NEVER else rtc.deadline

    assert [armed(distance) for distance in (-1, 0, 1, 100, 101)] == [None, None, 51, 51, 52]


def test_a_reset_keeps_input_that_nobody_has_read_and_the_time_of_day() -> None:
    machine = Machine(ram=1 << 20)
    machine.load(b"\x13\0\0\0")
    machine.receive(b"ab")
    machine.wait(machine.clock_hz)
    before = machine.rtc.time
    machine.reset()
    assert (machine.uart.unread, machine.rtc.time, machine.clint.mtime) == (b"ab", before, 0)
