"""virtio over memory-mapped registers: the transport between a driver and a device behind it.

Source: VIRTIO 1.2, section 4.2 (MMIO; legacy interface: 4.2.4). Registers that do not exist, and what is not in its
turn, read as 0 and ignore writes, as on QEMU's board. A driver that breaks the rules of its queue is served no more
before it resets the device.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from vm.devices.bus import BusError
from vm.devices.kept import ForeignState, Kept, Plain, Stateful
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
CONFIG = 0x100
WINDOW = 0x200  # bytes of registers

DRIVER_OK, FEATURES_OK, NEEDS_RESET = 4, 8, 64  # bits of the status register
USED_BUFFER, CONFIG_CHANGED = 1, 2  # bits of the interrupt status
F_INDIRECT, F_VERSION_1 = 1 << 28, 1 << 32
WORD = 0xFFFF_FFFF
DEFAULT_ALIGN = 4096  # bytes; of the legacy layout, when the driver says nothing
VERSIONS = {"legacy": LEGACY, "modern": MODERN}  # what users call them


class Backend(Stateful, Protocol):
    """What is behind the transport: a device of some kind, with one queue."""

    device_id: int
    features: int  # offered, beside those of the transport
    config: bytes

    def serve(self, queue: Queue, memory: Memory, accepted: int, interrupt: Callable[[], object]) -> None:
        """Uses what the driver has made available, and interrupts it if it wants that. accepted: the negotiated
        features. Raises QueueError."""


class VirtioMmio(Kept):
    """One slot of the board. backend: None for an empty slot, which says so by device number 0. `line` is told the
    interrupt line's level when it changes. version: LEGACY or MODERN."""

    KEPT = (
        "_device_page", "_driver_page", "_accepted", "_page_size", "_align", "_selected", "_interrupts", "_status",
        "_broken", "_version",
    )  # fmt: skip
    PARTS = ("_queue", "_backend")

    def __init__(
        self, backend: Backend | None, memory: Memory, line: Callable[[bool], object], version: int = LEGACY
    ) -> None:
        self._backend, self._memory, self._line, self._version = backend, memory, line, version
        self._queue = Queue(memory)
        self._device_page = self._driver_page = 0  # which 32 of the features
        self._page_size, self._align = 1, DEFAULT_ALIGN
        self._reset()

    def _reset(self) -> None:
        """What a driver asks for by status 0. The page size stays: drivers say it once, before they reset."""
        self._accepted = 0
        self._selected = 0
        self._interrupts = self._status = 0
        self._broken = False
        self._queue.reset()
        self._line(False)

    def load(self, saved: Mapping[str, Plain]) -> None:
        """See Kept. Raises ForeignState also for a device of the other version, which a driver would not recognize."""
        if saved.get("_version") != self._version:
            raise ForeignState(f"a virtio device of version {saved.get('_version')!r}; this one has {self._version}")
        super().load(saved)

    # ---- registers
    def read(self, offset: int, size: int) -> int:
        """Offset of a register -> value; those below the configuration have 32 bits. Raises BusError for sizes that
        no register has."""
        if size > 4:
            raise BusError(f"virtio takes no {size}-byte access")
        values = {MAGIC_VALUE: MAGIC, VERSION: self._version, VENDOR_ID: VENDOR}
        backend = self._backend
        if backend is None:
            return values.get(offset, 0) & (1 << 8 * size) - 1  # any size will do
        if offset >= CONFIG:
            return int.from_bytes(backend.config[offset - CONFIG : offset - CONFIG + size], "little")
        if size != 4:
            return 0
        values |= {
            DEVICE_ID: backend.device_id,
            DEVICE_FEATURES: self._offered() >> 32 * self._device_page & WORD if self._device_page < 2 else 0,
            INTERRUPT_STATUS: self._interrupts,
            STATUS: self._status,
        }
        if self._selected == 0:  # there is one queue
            values[QUEUE_NUM_MAX] = QUEUE_MOST
            if self._version == LEGACY:
                values[QUEUE_PFN] = self._queue.descriptors // self._page_size & WORD
            else:
                values[QUEUE_READY] = int(self._queue.ready)
        return values.get(offset, 0)

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
        elif offset == GUEST_PAGE_SIZE:
            self._page_size = value & -value or 1  # a power of two
        elif self._selected == 0:
            self._set_up(offset, value)

    def _accept(self, value: int) -> None:
        if self._driver_page < 2 and not self._status & FEATURES_OK:
            shift = 32 * self._driver_page
            self._accepted = self._accepted & ~(WORD << shift) | value << shift

    def _set_status(self, value: int) -> None:
        value &= 0xFF
        if value == 0:
            self._reset()
            return
        # Section 3.1.1: the driver looks whether the bit stays. F_VERSION_1 it may leave out, as teaching kernels do.
        if self._version == MODERN and self._accepted & ~self._offered():
            value &= ~FEATURES_OK
        begins = value & DRIVER_OK and not self._status & DRIVER_OK
        self._status = value | self._status & NEEDS_RESET
        if begins:
            self._serve()  # what was made available before

    def _set_up(self, offset: int, value: int) -> None:
        """The registers of the queue."""
        queue = self._queue
        if self._version == LEGACY:
            self._set_up_legacy(offset, value)
        elif offset == QUEUE_READY:
            queue.ready = bool(value & 1)
        elif offset == QUEUE_NUM and not queue.ready:
            queue.resize(value)
        elif offset in QUEUE_ADDRESSES and not queue.ready:
            name, shift = QUEUE_ADDRESSES[offset]
            setattr(queue, name, getattr(queue, name) & ~(WORD << shift) | value << shift)

    def _set_up_legacy(self, offset: int, value: int) -> None:
        queue, start = self._queue, self._queue.descriptors
        if offset == QUEUE_NUM:
            queue.resize(value)
        elif offset == QUEUE_ALIGN:
            self._align = value & -value or self._align  # 0 changes nothing, as on QEMU
        elif offset == QUEUE_PFN:
            start = value * self._page_size
            if value == 0:  # the driver takes the queue back
                queue.reset()
        if start:
            queue.resize(queue.size or QUEUE_MOST)
            queue.place(start, self._align)
            queue.ready = True

    def _notified(self, number: int) -> None:
        # Legacy drivers may use the device before they say DRIVER_OK (section 3.1.2).
        if number == 0 and (self._version == LEGACY or self._status & DRIVER_OK):
            self._serve()

    def _serve(self) -> None:
        if self._backend is None or self._broken:
            return
        try:
            accepted = self._accepted & self._offered()
            self._backend.serve(self._queue, self._memory, accepted, lambda: self._interrupt(USED_BUFFER))
        except QueueError:
            self._broken = True
            if self._version == MODERN:  # a legacy driver has no word for it
                self._status |= NEEDS_RESET
                self._interrupt(CONFIG_CHANGED)

    def _interrupt(self, why: int) -> None:
        self._interrupts |= why
        self._line(True)
