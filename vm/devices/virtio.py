"""virtio over memory-mapped registers: the transport between a driver and a device behind it.

Source: VIRTIO 1.2, section 4.2 (MMIO; legacy interface: 4.2.4). Registers that do not exist, and what is not in its
turn, read as 0 and ignore writes, as on QEMU's board.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from vm.devices.bus import BusError
from vm.devices.kept import ForeignState, Kept, Plain
from vm.devices.virtqueue import QUEUE_MOST, Memory, Queue, QueueError

MAGIC, VENDOR = 0x7472_6976, 0x554D_4551  # "virt"; "QEMU", which some drivers insist on
LEGACY, MODERN = 1, 2  # values of the version register
MAGIC_VALUE, VERSION, DEVICE_ID, VENDOR_ID = 0x000, 0x004, 0x008, 0x00C
DEVICE_FEATURES, DEVICE_FEATURES_SEL, DRIVER_FEATURES, DRIVER_FEATURES_SEL = 0x010, 0x014, 0x020, 0x024
GUEST_PAGE_SIZE, QUEUE_SEL, QUEUE_NUM_MAX, QUEUE_NUM = 0x028, 0x030, 0x034, 0x038
QUEUE_ALIGN, QUEUE_PFN, QUEUE_READY, QUEUE_NOTIFY = 0x03C, 0x040, 0x044, 0x050
INTERRUPT_STATUS, INTERRUPT_ACK, STATUS = 0x060, 0x064, 0x070
QUEUE_ADDRESSES = {
    0x080: ("descriptors", 0), 0x084: ("descriptors", 32), 0x090: ("available", 0), 0x094: ("available", 32),
    0x0A0: ("used", 0), 0x0A4: ("used", 32),
}  # fmt: skip
CONFIG_GENERATION, CONFIG = 0x0FC, 0x100
WINDOW = 0x200  # bytes of registers

FEATURES_OK, DRIVER_OK, NEEDS_RESET = 8, 4, 64  # bits of the status register
USED_BUFFER, CONFIG_CHANGED = 1, 2  # bits of the interrupt status
F_INDIRECT, F_VERSION_1 = 1 << 28, 1 << 32
WORD = 0xFFFF_FFFF
QUEUE_PREFIX = "queue."  # of what the queue saves


class Backend(Protocol):
    """What is behind the transport: a device of some kind, with one queue."""

    device_id: int
    features: int  # offered, beside those of the transport
    config: bytes

    def serve(self, queue: Queue, memory: Memory, accepted: int) -> bool:
        """Uses what the driver has made available -> whether to interrupt it. accepted: the negotiated features.
        Raises QueueError."""


class VirtioMmio(Kept):
    """One slot of the board. backend: None for an empty slot, which says so by device number 0. `line` is told the
    interrupt line's level when it changes. version: LEGACY or MODERN."""

    KEPT = (
        "_device_page", "_driver_page", "_accepted", "_page_size", "_align", "_selected", "_interrupts", "_status",
    )  # fmt: skip

    def __init__(
        self, backend: Backend | None, memory: Memory, line: Callable[[bool], object], version: int = LEGACY
    ) -> None:
        self._backend, self._memory, self._line, self._version = backend, memory, line, version
        self._queue = Queue(memory)
        self._reset()

    def _reset(self) -> None:
        self._device_page = self._driver_page = 0
        self._accepted = 0
        self._page_size, self._align = 0, 0
        self._selected = 0
        self._interrupts = self._status = 0
        self._queue.reset()
        self._line(False)

    def save(self) -> dict[str, Plain]:
        """-> the whole state, the queue's with it."""
        return super().save() | {QUEUE_PREFIX + name: value for name, value in self._queue.save().items()}

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave -> the same state again."""
        mine = {name: value for name, value in saved.items() if not name.startswith(QUEUE_PREFIX)}
        queue = {name.removeprefix(QUEUE_PREFIX): value for name, value in saved.items() if name not in mine}
        before = super().save()
        super().load(mine)
        try:
            self._queue.load(queue)
        except ForeignState:
            super().load(before)
            raise

    # ---- registers
    def read(self, offset: int, size: int) -> int:
        """Offset of a register -> value; those below the configuration have 32 bits. Raises BusError for sizes that
        no register has."""
        if size > 4:
            raise BusError(f"virtio takes no {size}-byte access")
        if offset in (MAGIC_VALUE, VERSION, VENDOR_ID) and size == 4:
            return {MAGIC_VALUE: MAGIC, VERSION: self._version, VENDOR_ID: VENDOR}[offset]
        backend = self._backend
        if backend is None:
            return 0
        if offset >= CONFIG:
            return int.from_bytes(backend.config[offset - CONFIG : offset - CONFIG + size], "little")
        if size != 4:
            return 0
        mine = self._selected == 0  # there is one queue
        modern = self._version == MODERN
        match offset:
            case 0x008:
                return backend.device_id
            case 0x010:
                return self._offered() >> 32 * self._device_page & WORD if self._device_page < 2 else 0
            case 0x034:
                return QUEUE_MOST if mine else 0
            case 0x040 if not modern and mine and self._page_size:
                return self._queue.descriptors // self._page_size & WORD
            case 0x044 if modern and mine:
                return int(self._queue.ready)
            case 0x060:
                return self._interrupts
            case 0x070:
                return self._status
        return 0

    def _offered(self) -> int:
        assert self._backend is not None
        return self._backend.features | F_INDIRECT | (F_VERSION_1 if self._version == MODERN else 0)

    def write(self, offset: int, size: int, value: int) -> None:
        """Offset of a 32-bit register, value. Raises BusError for sizes that no register has."""
        if size > 4:
            raise BusError(f"virtio takes no {size}-byte access")
        if size != 4 or self._backend is None:
            return
        if offset == STATUS:
            self._set_status(value)
        elif offset == INTERRUPT_ACK:
            self._interrupts &= ~value
            self._line(self._interrupts != 0)
        elif offset == QUEUE_NOTIFY:
            self._notified(value)
        elif offset == QUEUE_SEL:
            self._selected = value
        elif offset == DEVICE_FEATURES_SEL:
            self._device_page = value
        elif offset == DRIVER_FEATURES_SEL:
            self._driver_page = value
        elif offset == DRIVER_FEATURES:
            self._accept(value)
        elif self._selected == 0:
            self._set_up(offset, value)

    def _accept(self, value: int) -> None:
        if self._driver_page < 2 and not self._status & FEATURES_OK:
            shift = 32 * self._driver_page
            self._accepted = self._accepted & ~(WORD << shift) | value << shift

    def _set_status(self, value: int) -> None:
        if value == 0:
            self._reset()
            return
        wrong = self._accepted & ~self._offered() or not self._accepted & F_VERSION_1
        if self._version == MODERN and wrong:
            value &= ~FEATURES_OK  # section 3.1.1: the driver looks whether the bit stays
        self._status = value & 0xFF | self._status & NEEDS_RESET

    def _set_up(self, offset: int, value: int) -> None:
        """The registers of the queue."""
        queue = self._queue
        if offset == QUEUE_NUM:
            if 0 < value <= QUEUE_MOST and not value & value - 1 and not queue.ready:
                queue.size = value
        elif self._version == MODERN:
            if offset == QUEUE_READY:
                queue.ready = bool(value & 1)
            elif offset in QUEUE_ADDRESSES and not queue.ready:
                name, shift = QUEUE_ADDRESSES[offset]
                setattr(queue, name, getattr(queue, name) & ~(WORD << shift) | value << shift)
        elif offset == GUEST_PAGE_SIZE:
            self._page_size = value
        elif offset == QUEUE_ALIGN:
            self._align = value
        elif offset == QUEUE_PFN:
            if value == 0:
                queue.reset()
                return
            queue.size = queue.size or QUEUE_MOST
            queue.place(value * self._page_size, self._align or self._page_size or 1)
            queue.ready = True

    def _notified(self, number: int) -> None:
        ready = self._status & (DRIVER_OK | NEEDS_RESET) == DRIVER_OK
        if number != 0 or not ready or self._backend is None:
            return
        try:
            if self._backend.serve(self._queue, self._memory, self._accepted):
                self._interrupt(USED_BUFFER)
        except QueueError:
            self._status |= NEEDS_RESET
            self._interrupt(CONFIG_CHANGED)

    def _interrupt(self, why: int) -> None:
        self._interrupts |= why
        self._line(True)
