"""Platform-level interrupt controller: device lines -> external interrupts of hart 0 (context 0 = M, 1 = S).

Source: RISC-V PLIC specification 1.0.0; priorities and thresholds have three bits, as in QEMU's sifive_plic. A device
that tells of its line, and finds it high, makes its source pending (chapter 5); it stays so, even if the line falls,
until it is claimed, and during service it waits for the completion.

A completion does not look at the line, which by the chapter a level-triggered gateway does. QEMU's does not either, and
teaching kernels rely on that: xv6's driver never acknowledged the UART's empty transmitter for years, and would be
interrupted for ever. Instead devices tell of a line that stays high whenever they have something to do with it.
"""

from vm.devices.bus import BusError
from vm.devices.kept import Kept

SOURCES = 64  # 1 to 63; source 0 does not exist
CONTEXTS = 2
MACHINE, SUPERVISOR = range(CONTEXTS)
WORDS = SOURCES // 32
LEVEL_MASK = 7

PRIORITY, PENDING = 0x0000, 0x1000
ENABLE, ENABLE_STRIDE = 0x2000, 0x80
CONTEXT, CONTEXT_STRIDE = 0x20_0000, 0x1000
THRESHOLD, CLAIM = 0x0, 0x4
EXISTING = (1 << SOURCES) - 2  # a bit for every source but 0


class Plic(Kept):
    """Holds the lines, and what is due. `meip` and `seip` are always up to date: the levels of the two outputs."""

    KEPT = ("meip", "seip", "_priority", "_enabled", "_threshold", "_pending", "_claimed")

    def __init__(self) -> None:
        self.meip = False
        self.seip = False
        self._priority = [0] * SOURCES
        self._enabled = [0] * CONTEXTS  # bit maps by source
        self._threshold = [0] * CONTEXTS
        self._pending = 0
        self._claimed = 0  # claimed and not completed

    def set_line(self, source: int, level: bool) -> None:
        """A device (1 to 63) tells of its line, which has changed, or is still high when something has happened."""
        if level:
            self._pending |= 1 << source
            self._update()

    def read(self, offset: int, size: int) -> int:
        """Offset of a 32-bit register -> value; reading a claim register claims. Registers that do not exist read 0."""
        if size != 4:
            raise BusError(f"the PLIC takes no {size}-byte access")
        if offset < PENDING:
            source = offset - PRIORITY >> 2
            return self._priority[source] if source < SOURCES else 0
        if offset < ENABLE:
            return word(self._pending, offset - PENDING)
        if offset < CONTEXT:
            context, within = divmod(offset - ENABLE, ENABLE_STRIDE)
            return word(self._enabled[context], within) if context < CONTEXTS else 0
        context, register = divmod(offset - CONTEXT, CONTEXT_STRIDE)
        if context < CONTEXTS and register == THRESHOLD:
            return self._threshold[context]
        if context < CONTEXTS and register == CLAIM:
            return self._claim(context)
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        """Offset of a 32-bit register, value; writing a claim register completes. Others ignore writes."""
        if size != 4:
            raise BusError(f"the PLIC takes no {size}-byte access")
        if offset < PENDING:
            source = offset - PRIORITY >> 2
            if 0 < source < SOURCES:
                self._priority[source] = value & LEVEL_MASK
        elif ENABLE <= offset < CONTEXT:
            context, within = divmod(offset - ENABLE, ENABLE_STRIDE)
            if context < CONTEXTS and within >> 2 < WORDS:
                shift = 8 * within
                kept = self._enabled[context] & ~(0xFFFF_FFFF << shift)
                self._enabled[context] = (kept | value << shift) & EXISTING
        elif offset >= CONTEXT:
            context, register = divmod(offset - CONTEXT, CONTEXT_STRIDE)
            if context < CONTEXTS and register == THRESHOLD:
                self._threshold[context] = value & LEVEL_MASK
            elif context < CONTEXTS and register == CLAIM:
                self._complete(context, value)
        self._update()

    def _best(self, context: int) -> tuple[int, int]:
        """-> (priority, source) of the most urgent pending source enabled for the context, or (0, 0).

        The lowest number wins among equals; priority 0 means "never".
        """
        best = (0, 0)
        due = self._pending & ~self._claimed & self._enabled[context]
        while due:
            source = (due & -due).bit_length() - 1
            due &= due - 1
            if self._priority[source] > best[0]:
                best = (self._priority[source], source)
        return best

    def _claim(self, context: int) -> int:
        # The threshold masks the notification, not the claim (chapter 8 of the specification).
        source = self._best(context)[1]
        if source:
            self._pending &= ~(1 << source)
            self._claimed |= 1 << source
            self._update()
        return source

    def _complete(self, context: int, source: int) -> None:
        # A completion by a context for which the source is not enabled is ignored (chapter 9).
        if source < SOURCES and self._enabled[context] >> source & 1:
            self._claimed &= ~(1 << source)

    def _update(self) -> None:
        if self._pending:
            self.meip = self._best(MACHINE)[0] > self._threshold[MACHINE]
            self.seip = self._best(SUPERVISOR)[0] > self._threshold[SUPERVISOR]
        else:
            self.meip = self.seip = False


def word(bits: int, within: int) -> int:
    """A bit map over all sources, byte offset into it -> the 32-bit word there (0 beyond its end)."""
    return bits >> 8 * within & 0xFFFF_FFFF
