"""Core-local interruptor of hart 0: msip, mtimecmp, mtime.

Source: SiFive FU540-C000 manual, chapter 9; QEMU hw/intc/riscv_aclint.c for accesses to harts that do not exist (read
0, writes ignored). The engine compares mtime with mtimecmp itself, natively; this device only holds the numbers. The
machine copies `msip`, `mtimecmp` and `mtime_offset` into the CPU state after each access.
"""

from collections.abc import Callable

from vm.arch import CLINT_MTIME as MTIME
from vm.devices.bus import BusError
from vm.devices.kept import Kept

MSIP, MTIMECMP, END = 0x0000, 0x4000, 0xC000
MASK64 = (1 << 64) - 1


class Clint(Kept):
    """`now()` -> ticks since reset, by the machine's virtual clock. mtime = now() + mtime_offset, modulo 2**64."""

    KEPT = ("msip", "mtimecmp", "mtime_offset")

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.msip = 0  # software interrupt pending: 0 or 1
        self.mtimecmp = 0  # so the timer interrupt is pending at reset, as on QEMU; software sets it before enabling
        self.mtime_offset = 0  # ticks, modulo 2**64; moves when software writes mtime

    @property
    def mtime(self) -> int:
        """The 64-bit timer, in ticks."""
        return (self._now() + self.mtime_offset) & MASK64

    def read(self, offset: int, size: int) -> int:
        """Offset, size 4 (or 8 for the timer's registers) -> value. Raises BusError for other sizes."""
        self._check(offset, size)
        if offset == MSIP:
            return self.msip
        register = offset & ~7
        if register == MTIMECMP:
            value = self.mtimecmp
        elif register == MTIME:
            value = self.mtime
        else:
            return 0  # a hart that is not there
        return value >> 8 * (offset & 7) & ((1 << 8 * size) - 1)

    def write(self, offset: int, size: int, value: int) -> None:
        """As read; a half write leaves the other half of the 64-bit register as it is."""
        self._check(offset, size)
        register = offset & ~7
        if offset == MSIP:
            self.msip = value & 1
        elif register == MTIMECMP:
            self.mtimecmp = merge(self.mtimecmp, offset & 7, size, value)
        elif register == MTIME:
            self.mtime_offset = (merge(self.mtime, offset & 7, size, value) - self._now()) & MASK64

    @staticmethod
    def _check(offset: int, size: int) -> None:
        if offset >= END or size != 4 and not (size == 8 and offset >= MTIMECMP):
            raise BusError(f"the CLINT takes no {size}-byte access at offset {offset:#x}")


def merge(old: int, place: int, size: int, value: int) -> int:
    """A 64-bit value, `size` new bytes at byte `place` of it -> the value with those bytes replaced."""
    mask = ((1 << 8 * size) - 1) << 8 * place
    return old & ~mask | value << 8 * place & mask
