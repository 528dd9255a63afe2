"""Hart, RAM and devices, and what is loaded into them: a machine at rest. vm/machine.py runs it.

Device state that the hart watches between instructions (interrupt lines, timer compare values) is copied into the CPU
state after each access.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vm import arch
from vm.devices.bus import Bus
from vm.devices.clint import Clint
from vm.devices.finisher import Finisher
from vm.devices.htif import WORD, Htif
from vm.devices.plic import Plic
from vm.devices.rtc import NEVER, RTC_IRQ, Rtc
from vm.devices.uart import Uart
from vm.devices.virtio import VERSIONS, VirtioMmio
from vm.devices.virtio import WINDOW as VIRTIO_WINDOW
from vm.devices.virtqueue import Memory
from vm.inputs import Input
from vm.isa.sets import DEFAULT_ISA, isas_of
from vm.micro.core import Core
from vm.micro.target import TARGETS
from vm.state import SINK, place
from vm.stops import TrapRecord

if TYPE_CHECKING:
    from vm.boot_images import Loaded
    from vm.devices.block import Disk
    from vm.loader import Image
    from vm.meter import Meter
    from vm.realtime import HostClock

MODES = tuple(dict.fromkeys(target.mode for target in TARGETS))
RAM_LIMIT = (1 << 32) - arch.RAM_BASE
_LINES, _MTIMECMP, _MTIME_OFFSET, _CLOCK, _SKIPPED = map(
    place, ("lines", "mtimecmp", "mtime_offset", "clock", "skipped")
)


class MachineError(Exception):
    """Parameters that no machine can have, or an address outside RAM; the message is a sentence for the user."""


def _windows(mode: str, nwin: int | None) -> int:
    """Mode and what was asked for -> the number of register windows, 0 where there are none."""
    if mode != "window":
        if nwin is not None:
            raise MachineError(f"{nwin} register windows for a machine in mode {mode!r}: only window mode has any")
        return 0
    if nwin is None:
        return arch.NWIN_DEFAULT
    if not arch.NWIN_LEAST <= nwin <= arch.NWIN_MOST:
        raise MachineError(f"{nwin} register windows: expected {arch.NWIN_LEAST} to {arch.NWIN_MOST}")
    return nwin


class Board:
    """What a Machine is made of, which says what the parameters are."""

    def __init__(
        self,
        mode: str = "risc",
        ram: int = arch.RAM_SIZE_DEFAULT,
        executor: str = "native",
        console: Callable[[bytes], object] | None = None,
        meter: Meter | None = None,
        nwin: int | None = None,
        observed: bool = False,
        disks: Sequence[Disk] = (),
        virtio: str = "legacy",
        isa: str = DEFAULT_ISA,
        real_time: bool = False,
    ) -> None:
        if mode not in MODES:
            raise MachineError(f"there is no mode {mode!r}; expected one of: {', '.join(MODES)}")
        if not arch.PAGE_SIZE <= ram <= RAM_LIMIT or ram % arch.PAGE_SIZE:
            raise MachineError(f"RAM of {ram} bytes: expected a multiple of {arch.PAGE_SIZE} up to {RAM_LIMIT} bytes")
        if virtio not in VERSIONS:
            raise MachineError(f"virtio devices of the kind {virtio!r}; expected one of: {', '.join(VERSIONS)}")
        if len(disks) > arch.VIRTIO_SLOTS:
            raise MachineError(f"{len(disks)} disks: the board has room for {arch.VIRTIO_SLOTS}")
        if isa not in isas_of(mode):
            raise MachineError(
                f"there is no instruction set {isa!r} in mode {mode!r}; expected one of: {', '.join(isas_of(mode))}"
            )
        if meter is not None and isa != DEFAULT_ISA:
            raise MachineError(f"a machine that counts (meter) has the instruction set {DEFAULT_ISA}, not {isa}")
        if observed and meter is not None:
            raise MachineError("a machine counts (meter) or is observed: expected one of the two")
        self.mode, self.isa, self.ram_size, self.nwin = mode, isa, ram, _windows(mode, nwin)
        self._exception_names = {**arch.EXCEPTION_NAMES, **arch.EXCEPTION_NAMES_OF_MODE.get(mode, {})}
        self.disks, self.virtio = tuple(disks), virtio
        self.real_time = real_time
        self._before_reset = 0  # instructions started in former lives
        self.trace_traps: Callable[[TrapRecord], object] | None = None
        self.pause: Callable[[float], float] | None = None
        self.host: HostClock | None = None
        self.deadline: float | None = None
        self.log: Callable[[Input], object] | None = None
        self.console = console or (lambda data: None)
        try:
            self.core = Core(ram, executor, mode, meter, self.nwin, observed, real_time, isa)
        except MemoryError:
            raise MachineError(f"the host cannot provide {ram} bytes of RAM") from None
        self.loaded: Loaded | None = None
        self.moves = 0  # how often it was put into a state of another time
        self._htif: Htif | None = None
        self._settle: int | None = None  # instructions: when a half-written `tohost` counts all the same
        self._build_board()

    def _build_board(self) -> None:
        self.bus, self.plic, self.finisher = Bus(), Plic(), Finisher()
        self.clint = Clint(self._ticks)
        self.uart = Uart(self._print, lambda level: self.plic.set_line(arch.UART_IRQ, level))
        self.rtc = Rtc(self._ticks, lambda level: self.plic.set_line(RTC_IRQ, level))
        for base, size, device in (
            (arch.FINISHER_BASE, arch.FINISHER_SIZE, self.finisher),
            (arch.RTC_BASE, arch.RTC_SIZE, self.rtc),
            (arch.CLINT_BASE, arch.CLINT_SIZE, self.clint),
            (arch.PLIC_BASE, arch.PLIC_SIZE, self.plic),
            (arch.UART_BASE, arch.UART_SIZE, self.uart),
        ):
            self.bus.attach(base, size, device)
        for slot in range(arch.VIRTIO_SLOTS):
            self.bus.attach(arch.VIRTIO_BASE + slot * arch.VIRTIO_SIZE, VIRTIO_WINDOW, self._virtio(slot))

    def _virtio(self, slot: int) -> VirtioMmio:
        """-> the device in a slot: disks come first."""
        backend = None
        if slot < len(self.disks):
            from vm.devices.block import Block  # machines without disks start without it

            backend = Block(self.disks[slot])
        irq = arch.VIRTIO_IRQ + slot
        memory = Memory(self._read_or_fail, self._write_or_fail)
        return VirtioMmio(backend, memory, lambda level: self.plic.set_line(irq, level), VERSIONS[self.virtio])

    def _ticks(self) -> int:
        """Ticks of the 10 MHz clock since reset, mtime's own offset left aside."""
        return self.core.longs[_CLOCK] // self.core.target.clocks_per_tick

    @property
    def clock_hz(self) -> int:
        """-> clocks in a second of the machine's time."""
        return arch.TIMEBASE_HZ * self.core.target.clocks_per_tick

    # ---- memory and registers ----------------------------------------------------------------------------------------
    def _offset(self, address: int, size: int) -> int:
        offset = address - arch.RAM_BASE
        if size < 0 or not 0 <= offset <= self.ram_size - size:
            raise MachineError(
                f"{size} bytes at {address:#010x} are not in RAM, "
                f"{arch.RAM_BASE:#010x}..{arch.RAM_BASE + self.ram_size - 1:#010x}"
            )
        return offset

    def read(self, address: int, size: int) -> bytes:
        """Physical address in RAM -> bytes. Raises MachineError outside RAM."""
        offset = self._offset(address, size)
        return self.core.bytes[offset : offset + size].tobytes()

    def write(self, address: int, data: bytes) -> None:
        """Stores bytes at a physical address in RAM; decoded code stays coherent. Raises MachineError outside RAM."""
        offset = self._offset(address, len(data))
        self.core.bytes[offset : offset + len(data)] = data
        self.core.written_from_outside(offset, len(data))

    @property
    def pc(self) -> int:
        """Address of the next instruction."""
        return int(self.core.state["pc"])

    @pc.setter
    def pc(self, value: int) -> None:
        self.core.state["pc"] = value & -self.core.target.layout.align

    @property
    def x(self) -> np.ndarray[Any, Any]:
        """The 32 integer registers, as a view: x[10] = 5 sets a0. x[0] must stay 0."""
        return self.core.state["x"][:SINK]

    def csr(self, name: str) -> int:
        """Name of a CSR -> its value as M-mode software would read it. Raises MachineError for unknown names."""
        for row in self.core.target.csr_rows.values():
            if row.name == name:
                return int(row.get(self.core.context()))
        raise MachineError(f"there is no CSR {name!r} in mode {self.mode!r}")

    # ---- loading -----------------------------------------------------------------------------------------------------
    def load(
        self,
        kernel: str | Path | bytes | None = None,
        what: str = "<bytes>",
        *,
        bios: str | Path | bytes | None = None,
        initrd: bytes | None = None,
        dtb: bytes | None = None,
        bootargs: str = "",
    ) -> Image:
        """Puts an image into RAM, firmware or both, and resets the hart: to the firmware's entry, or to the kernel's if
        there is none. vm/boot_images.py says where things lie, and what the hart is told of them.

        what: the name, in messages, of a kernel in bytes. initrd: an initial RAM disk; dtb: a flattened device tree in
        place of the board's own; bootargs: what it tells the kernel. -> the kernel's image, or else the firmware's.
        Raises vm.loader.LoadError.
        """
        from vm.boot_images import read

        loaded = read(
            self.ram_size, self.mode,
            kernel=kernel, what=what, bios=bios, initrd=initrd, dtb=dtb, bootargs=bootargs,
        )  # fmt: skip
        self._power_on(loaded)
        return loaded.image

    def _power_on(self, loaded: Loaded) -> None:
        """Everything in its place, the hart at its beginning."""
        from vm.boot_images import planned
        from vm.loader import LoadError

        first = loaded.bios or loaded.image
        entry, align = first.entry, self.core.target.layout.align
        if entry % align:
            raise LoadError(f"{first.name}: the entry {entry:#010x} is no multiple of {align}, as all code is here")
        plan = planned(loaded, self.ram_size, self.isa)
        for piece in plan.pieces:
            self.write(piece.address, piece.data + bytes(piece.size - len(piece.data)))
        self._before_reset += self.instructions
        self.core.reset(entry)
        self.x[10:13] = plan.arguments
        self.adopt(loaded)
        self._connect()

    def adopt(self, loaded: Loaded | None) -> None:
        """This is what the machine was given, and what a reset loads again; RAM and hart stay as they are."""
        self.loaded, self._htif, self._settle = loaded, None, None
        image = None if loaded is None else loaded.image
        if image is not None and image.tohost is not None:
            self._htif = Htif(image.tohost, image.fromhost, self._read_or_fail, self._write_or_fail, self._print)
            self.core.watch(self._offset(image.tohost, WORD), WORD)

    def reset(self) -> None:
        """Power-on again with the same images, as a store of "reset" to the test finisher asks for."""
        if self.loaded is not None:
            time, unread = self.rtc.unset, self.uart.unread
            self._build_board()
            self.rtc.start = time  # that clock has a battery
            self.uart.receive(unread)
            self._power_on(self.loaded)

    def _read_or_fail(self, address: int, size: int) -> bytes:
        try:
            return self.read(address, size)
        except MachineError as fault:
            raise ValueError(str(fault)) from fault

    def _write_or_fail(self, address: int, data: bytes) -> None:
        try:
            self.write(address, data)
        except MachineError as fault:
            raise ValueError(str(fault)) from fault

    def _print(self, data: bytes) -> None:
        self.console(data)

    @property
    def _alarm(self) -> int | None:
        """-> the clock at which a device wants to do something of itself."""
        deadline = self.rtc.deadline
        return None if deadline == NEVER else deadline * self.core.target.clocks_per_tick

    def _connect(self) -> None:
        """Devices -> the CPU state: interrupt lines and timer."""
        longs, plic, clint = self.core.longs, self.plic, self.clint
        self.core.words[_LINES] = (
            (clint.msip and arch.MIP_MSIP) | (plic.meip and arch.MIP_MEIP) | (plic.seip and arch.MIP_SEIP)
        )
        longs[_MTIMECMP], longs[_MTIME_OFFSET] = clint.mtimecmp, clint.mtime_offset

    # ---- what has been counted ---------------------------------------------------------------------------------------
    @property
    def instructions(self) -> int:
        """Instructions started since reset; those that trapped are among them."""
        longs = self.core.longs
        return longs[_CLOCK] - longs[_SKIPPED]

    @property
    def started(self) -> int:
        """Instructions started since the machine was made: no reset sets this back."""
        return self._before_reset + self.instructions

    @property
    def retired(self) -> int:
        """Instructions completed since reset, as minstret counts them."""
        return self.instructions - int(self.core.state["exceptions"])

    def trap_record(self, cause: int, pc: int, value: int, source: int, target: int, handler: int) -> TrapRecord:
        """What the hart noted of a trap, just now -> what is shown of it."""
        names = arch.INTERRUPT_NAMES if cause & arch.INTERRUPT_FLAG else self._exception_names
        name = names[cause & ~arch.INTERRUPT_FLAG]
        return TrapRecord(self.instructions, name, cause, pc, value, source, target, handler)

    def stats(self) -> dict[str, Any]:
        """-> what was counted since reset: instructions (retired), started, clock (with time skipped in wfi), and
        exceptions and interrupts by name."""
        state = self.core.state
        exceptions, interrupts = state["exception_counts"], state["interrupt_counts"]
        return {
            "instructions": self.retired,
            "started": self.instructions,
            "clock": int(state["clock"]),
            "exceptions": {n: int(exceptions[c]) for c, n in self._exception_names.items() if exceptions[c]},
            "interrupts": {n: int(interrupts[c]) for c, n in arch.INTERRUPT_NAMES.items() if interrupts[c]},
        }
