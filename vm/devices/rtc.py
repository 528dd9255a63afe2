"""Goldfish real-time clock: nanoseconds since 1970, which the guest may set, and one alarm.

Source: QEMU hw/rtc/goldfish_rtc.c, the only definition there is. Time is the machine's, and so is an alarm's: equal
runs see equal clocks. So it starts at a fixed instant, unless whoever makes the machine gives it the time of day.
"""

from collections.abc import Callable

from vm.arch import TIMEBASE_HZ
from vm.devices.bus import BusError
from vm.devices.clint import MASK64, merge
from vm.devices.kept import Kept

TIME_LOW, TIME_HIGH, ALARM_LOW, ALARM_HIGH = 0x00, 0x04, 0x08, 0x0C
IRQ_ENABLED, CLEAR_ALARM, ALARM_STATUS, CLEAR_INTERRUPT = 0x10, 0x14, 0x18, 0x1C
END = 0x24
RTC_IRQ = 11  # where QEMU's board wires it
EPOCH_SECONDS = 946_684_800  # the clock at the start: 2000-01-01 00:00:00 UTC
NANOSECONDS_PER_SECOND = 1_000_000_000
NANOSECONDS_PER_TICK = NANOSECONDS_PER_SECOND // TIMEBASE_HZ
NEVER = MASK64  # no alarm is running


class Rtc(Kept):
    """`now()` -> ticks since reset; `line` is told the interrupt line's level. Whoever moves the time calls ring() when
    `deadline`, in ticks, has come. Reading TIME_LOW latches TIME_HIGH: a pair of reads is one instant.
    """

    KEPT = ("start", "deadline", "_moved", "_latched_high", "_alarm", "_enabled", "_pending")

    def __init__(self, now: Callable[[], int], line: Callable[[bool], object]) -> None:
        self._now, self._line = now, line
        self.start = EPOCH_SECONDS * NANOSECONDS_PER_SECOND  # the time at reset
        self.deadline = NEVER
        self._moved = 0  # nanoseconds, modulo 2**64, by which the guest has set it forward
        self._latched_high = 0
        self._alarm = 0  # nanoseconds since 1970
        self._enabled = self._pending = False

    @property
    def unset(self) -> int:
        """-> nanoseconds since 1970, had the guest never set the clock."""
        return self.start + self._now() * NANOSECONDS_PER_TICK & MASK64

    @property
    def time(self) -> int:
        """-> nanoseconds since 1970, as the guest reads them."""
        return self.unset + self._moved & MASK64

    def ring(self) -> None:
        """The alarm goes off."""
        self.deadline, self._pending = NEVER, True
        self._update()

    def read(self, offset: int, size: int) -> int:
        """Offset of a 32-bit register -> value; 0 at 0x14, 0x1C and 0x20. Raises BusError for others."""
        self._check(offset, size)
        if offset == TIME_LOW:
            self._latched_high = self.time >> 32
        values = {
            TIME_LOW: self.time & 0xFFFF_FFFF, TIME_HIGH: self._latched_high, IRQ_ENABLED: int(self._enabled),
            ALARM_LOW: self._alarm & 0xFFFF_FFFF, ALARM_HIGH: self._alarm >> 32,
            ALARM_STATUS: int(self.deadline != NEVER),
        }  # fmt: skip
        return values.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """Offset of a 32-bit register, value. Raises BusError as read does."""
        self._check(offset, size)
        if offset in (TIME_LOW, TIME_HIGH):
            time = self.time  # an alarm that is running keeps its distance, as on QEMU
            self._moved = self._moved + merge(time, offset - TIME_LOW, size, value) - time & MASK64
        elif offset in (ALARM_LOW, ALARM_HIGH):
            self._alarm = merge(self._alarm, offset - ALARM_LOW, size, value)
            if offset == ALARM_LOW:  # drivers write the high half first
                self._arm()
        elif offset == IRQ_ENABLED:
            self._enabled = bool(value & 1)
        elif offset == CLEAR_ALARM:
            self.deadline = NEVER
        elif offset == CLEAR_INTERRUPT:
            self._pending = False
        self._update()

    @staticmethod
    def _check(offset: int, size: int) -> None:
        if size != 4 or offset >= END:
            raise BusError(f"the RTC takes no {size}-byte access at offset {offset:#x}")

    def _arm(self) -> None:
        distance = self._alarm - self.time
        if distance <= 0:
            self.ring()
        else:
            self.deadline = self._now() + -(-distance // NANOSECONDS_PER_TICK)

    def _update(self) -> None:
        self._line(self._enabled and self._pending)
