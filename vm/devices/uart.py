"""16550A UART: bytes from outside -> receive FIFO -> guest; guest -> sink, at once.

Source: National Semiconductor PC16550D data sheet (register numbers below are its chapter 8). Registers are bytes at
offsets 0 to 7; a wider access touches the one register at its offset, as on QEMU's board.

Input waits in a queue without bound on the host's side, and the guest's FIFO is the head of that queue. So the sender
has perfect flow control: nothing is lost while the guest is busy, nor when a driver clears the FIFO as it starts.
Output needs no time: the transmitter is always empty again. A receive FIFO below its trigger level reports the
character timeout immediately: whatever the queue still held would already have been delivered, so the line is idle.
"""

from collections import deque
from collections.abc import Callable

from vm.devices.bus import BusError
from vm.devices.kept import Kept

REGISTERS = 8
RBR_THR_DLL, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR = range(REGISTERS)
FIFO_DEPTH = 16

IER_RECEIVE, IER_TRANSMIT, IER_LINE, IER_MODEM, IER_MASK = 0x01, 0x02, 0x04, 0x08, 0x0F
# Interrupt identification, highest priority first (table 3 of the data sheet).
IIR_LINE, IIR_RECEIVE, IIR_TIMEOUT, IIR_TRANSMIT, IIR_MODEM, IIR_NONE = 0x06, 0x04, 0x0C, 0x02, 0x00, 0x01
IIR_FIFOS = 0xC0
FCR_ENABLE, FCR_CLEAR_RECEIVE, FCR_CLEAR_TRANSMIT = 0x01, 0x02, 0x04
TRIGGER_LEVELS = (1, 4, 8, 14)  # by the two top bits of FCR
LCR_DLAB = 0x80
MCR_DTR, MCR_RTS, MCR_OUT1, MCR_OUT2, MCR_LOOP, MCR_MASK = 0x01, 0x02, 0x04, 0x08, 0x10, 0x1F
LSR_DATA, LSR_OVERRUN, LSR_IDLE = 0x01, 0x02, 0x60  # idle: holding register and shift register both empty
MSR_CTS, MSR_DSR, MSR_RI, MSR_DCD = 0x10, 0x20, 0x40, 0x80
MSR_DELTAS, MSR_RI_DELTA = 0x0F, 0x04
RESET_DIVISOR = 12  # 9600 baud of the classical 1.8432 MHz crystal


class Uart(Kept):
    """One port. `sink` takes what the guest sends; `line` is told the interrupt line's level when it changes, and
    again when it stays high."""

    KEPT = (
        "irq", "_queue", "_looped", "_holding", "_enables", "_fifos", "_trigger", "_line_control", "_modem_control",
        "_modem_deltas", "_scratch", "_divisor", "_overrun", "_transmit_pending",
    )  # fmt: skip

    def __init__(self, sink: Callable[[bytes], object], line: Callable[[bool], object]) -> None:
        self._sink = sink
        self._line = line
        self.irq = False
        self._queue: deque[int] = deque()  # from outside, oldest first
        self._looped: deque[int] = deque()  # sent to ourselves in loop-back mode
        self._holding = 0  # the last byte in the receiver's holding register, when FIFOs are off
        self._enables = 0
        self._fifos = False
        self._trigger = TRIGGER_LEVELS[0]
        self._line_control = 0
        self._modem_control = MCR_OUT2
        self._modem_deltas = 0
        self._scratch = 0
        self._divisor = RESET_DIVISOR
        self._overrun = False
        self._transmit_pending = False  # "holding register empty" not yet acknowledged

    # ---- the outside world -------------------------------------------------------------------------------------------
    def receive(self, data: bytes) -> None:
        """Bytes typed or piped in -> queued for the guest, in order."""
        self._queue.extend(data)
        self._update()

    @property
    def waiting(self) -> int:
        """How many bytes from outside the guest has not read yet."""
        return len(self._queue)

    @property
    def unread(self) -> bytes:
        """-> these bytes."""
        return bytes(self._queue)

    # ---- the guest's side --------------------------------------------------------------------------------------------
    def read(self, offset: int, size: int) -> int:
        """Register offset 0..7 -> its byte (section 8). Raises BusError beyond."""
        if offset >= REGISTERS:
            raise BusError(f"the UART has no register at offset {offset:#x}")
        if offset <= IER_DLM and self._line_control & LCR_DLAB:
            return self._divisor >> 8 * offset & 0xFF
        match offset:
            case 0:
                return self._take()
            case 1:
                return self._enables
            case 2:
                return self._identify()
            case 3:
                return self._line_control
            case 4:
                return self._modem_control
            case 5:
                return self._line_status()
            case 6:
                value = self._modem_lines() | self._modem_deltas
                self._modem_deltas = 0
                self._update()
                return value
            case _:
                return self._scratch

    def write(self, offset: int, size: int, value: int) -> None:
        """Register offset 0..7, value (its low byte counts). Raises BusError beyond; LSR and MSR ignore writes."""
        if offset >= REGISTERS:
            raise BusError(f"the UART has no register at offset {offset:#x}")
        value &= 0xFF
        if offset <= IER_DLM and self._line_control & LCR_DLAB:
            shift = 8 * offset
            self._divisor = self._divisor & ~(0xFF << shift) | value << shift
            return
        match offset:
            case 0:
                self._send(value)
            case 1:
                self._set_enables(value & IER_MASK)
            case 2:
                self._set_fifo_control(value)
            case 3:
                self._line_control = value
                return
            case 4:
                self._set_modem_control(value & MCR_MASK)
            case 7:
                self._scratch = value
                return
        self._update()

    # ---- receiver ----------------------------------------------------------------------------------------------------
    def _available(self) -> int:
        """-> bytes the guest can read now: what fits the FIFO, or the one holding register when FIFOs are off."""
        count = len(self._looped)
        if not self._modem_control & MCR_LOOP:
            count += len(self._queue)
        return min(count, FIFO_DEPTH if self._fifos else 1)

    def _take(self) -> int:
        if not self._available():
            return 0 if self._fifos else self._holding
        byte = self._looped.popleft() if self._looped else self._queue.popleft()
        if not self._fifos:
            self._holding = byte
        self._update()
        return byte

    def _line_status(self) -> int:
        value = LSR_IDLE | LSR_DATA * bool(self._available()) | LSR_OVERRUN * self._overrun
        if self._overrun:
            self._overrun = False
            self._update()
        return value

    # ---- transmitter -------------------------------------------------------------------------------------------------
    def _send(self, byte: int) -> None:
        if self._modem_control & MCR_LOOP:
            self._loop(byte)
        else:
            self._sink(bytes((byte,)))
        self._transmit_pending = True

    def _loop(self, byte: int) -> None:
        """A byte from our own transmitter. An overrun loses it; without FIFOs, the one before it (section 8.4)."""
        if len(self._looped) >= (FIFO_DEPTH if self._fifos else 1):
            self._overrun = True
            if self._fifos:
                return
            self._looped.clear()
        if not self._fifos:
            self._holding = byte
        self._looped.append(byte)

    def _set_enables(self, value: int) -> None:
        if (value ^ self._enables) & IER_TRANSMIT:
            # Enabling the interrupt while the transmitter is empty raises it at once: drivers start sending that way.
            self._transmit_pending = bool(value & IER_TRANSMIT)
        self._enables = value

    # ---- control -----------------------------------------------------------------------------------------------------
    def _set_fifo_control(self, value: int) -> None:
        enable = bool(value & FCR_ENABLE)
        if enable != self._fifos or value & FCR_CLEAR_RECEIVE:
            self._looped.clear()
        if enable != self._fifos or value & FCR_CLEAR_TRANSMIT:
            self._transmit_pending = True  # as on QEMU: emptying the transmitter counts as its becoming empty
        self._fifos = enable
        self._trigger = TRIGGER_LEVELS[value >> 6] if enable else TRIGGER_LEVELS[0]

    def _modem_lines(self) -> int:
        """-> the upper half of MSR: a connected peer, or our own outputs in loop-back mode (section 8.6)."""
        control = self._modem_control
        if not control & MCR_LOOP:
            return MSR_CTS | MSR_DSR | MSR_DCD
        pairs = ((MCR_RTS, MSR_CTS), (MCR_DTR, MSR_DSR), (MCR_OUT1, MSR_RI), (MCR_OUT2, MSR_DCD))
        return sum(status for output, status in pairs if control & output)

    def _set_modem_control(self, value: int) -> None:
        before = self._modem_lines()
        self._modem_control = value
        after = self._modem_lines()
        deltas = (before ^ after) >> 4
        if after & MSR_RI:
            deltas &= ~MSR_RI_DELTA  # the ring bit marks the end of a ring only
        self._modem_deltas |= deltas & MSR_DELTAS

    # ---- interrupts --------------------------------------------------------------------------------------------------
    def _cause(self) -> int:
        """-> the identification code of the highest pending enabled interrupt."""
        enables = self._enables
        if enables & IER_LINE and self._overrun:
            return IIR_LINE
        if enables & IER_RECEIVE and (count := self._available()):
            return IIR_RECEIVE if count >= self._trigger else IIR_TIMEOUT
        if enables & IER_TRANSMIT and self._transmit_pending:
            return IIR_TRANSMIT
        if enables & IER_MODEM and self._modem_deltas:
            return IIR_MODEM
        return IIR_NONE

    def _identify(self) -> int:
        cause = self._cause()
        if cause == IIR_TRANSMIT:
            self._transmit_pending = False  # reading the identification acknowledges this one cause
            self._update()
        return cause | (IIR_FIFOS if self._fifos else 0)

    def _update(self) -> None:
        """Something has happened that the interrupt line depends on: tells of a high one again, as plic.py wants it."""
        level = self._cause() != IIR_NONE
        if level or self.irq:
            self.irq = level
            self._line(level)
