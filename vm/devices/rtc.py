"""Goldfish real-time clock, read only: the machine's virtual time as nanoseconds since 1970.

Source: QEMU hw/rtc/goldfish_rtc.c. Equal runs must see equal clocks, so the clock starts at a fixed instant, and not at
the host's time of day. Alarms are not there: their registers read 0 and ignore writes.
"""

from collections.abc import Callable

from vm.arch import TIMEBASE_HZ
from vm.devices.bus import BusError
from vm.devices.kept import Kept

TIME_LOW, TIME_HIGH = 0x00, 0x04
RTC_IRQ = 11  # where QEMU's board wires it; never raised here, but drivers insist on having one
EPOCH_SECONDS = 946_684_800  # the clock at reset: 2000-01-01 00:00:00 UTC
NANOSECONDS_PER_TICK = 1_000_000_000 // TIMEBASE_HZ


class Rtc(Kept):
    """`now()` -> ticks since reset. Reading TIME_LOW latches TIME_HIGH, so that a pair of reads is one instant."""

    KEPT = ("_latched_high",)

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._latched_high = 0

    def read(self, offset: int, size: int) -> int:
        """Offset of a 32-bit register -> value. Raises BusError for other sizes."""
        if size != 4:
            raise BusError(f"the RTC takes no {size}-byte access")
        if offset == TIME_LOW:
            time = EPOCH_SECONDS * 1_000_000_000 + self._now() * NANOSECONDS_PER_TICK
            self._latched_high = time >> 32 & 0xFFFF_FFFF
            return time & 0xFFFF_FFFF
        return self._latched_high if offset == TIME_HIGH else 0

    def write(self, offset: int, size: int, value: int) -> None:
        """Ignored. Raises BusError for sizes other than 4."""
        if size != 4:
            raise BusError(f"the RTC takes no {size}-byte access")
