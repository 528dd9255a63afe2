"""16550A, register by register, and the sequences by which real drivers use it."""

import pytest

from vm.devices.bus import BusError
from vm.devices.uart import Uart

RBR = THR = DLL = 0
IER = DLM = 1
IIR = FCR = 2
LCR, MCR, LSR, MSR, SCR = 3, 4, 5, 6, 7


class Port:
    """A Uart with both ends at hand."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.told: list[bool] = []
        self.uart = Uart(self.sent.extend, self.told.append)

    def get(self, register: int) -> int:
        return self.uart.read(register, 1)

    def put(self, register: int, value: int) -> None:
        self.uart.write(register, 1, value)


@pytest.fixture
def port() -> Port:
    return Port()


def test_reset_state(port: Port) -> None:
    registers = [port.get(register) for register in (IER, IIR, LCR, MCR, LSR, MSR, SCR)]
    assert registers == [0, 0x01, 0, 0x08, 0x60, 0xB0, 0]
    assert not port.uart.irq


def test_output_goes_to_the_sink_at_once(port: Port) -> None:
    for byte in b"hi\n":
        assert port.get(LSR) & 0x60 == 0x60
        port.put(THR, byte)
    assert port.sent == b"hi\n"


def test_wide_accesses_touch_one_register(port: Port) -> None:
    port.uart.write(THR, 4, 0x1234_5641)
    assert port.sent == b"A"
    assert port.uart.read(LSR, 1) == port.uart.read(LSR, 4)


def test_registers_end_after_eight(port: Port) -> None:
    for offset in (8, 9, 0xFF):
        with pytest.raises(BusError):
            port.get(offset)
        with pytest.raises(BusError):
            port.put(offset, 0)


def test_divisor_hides_behind_dlab(port: Port) -> None:
    port.put(LCR, 0x83)
    port.put(DLL, 0x34)
    port.put(DLM, 0x12)
    assert (port.get(DLL), port.get(DLM)) == (0x34, 0x12)
    port.put(LCR, 0x03)
    assert port.get(IER) == 0
    assert port.sent == b""
    port.put(IER, 0xFF)
    assert port.get(IER) == 0x0F, "the four upper bits do not exist"
    port.put(LCR, 0x83)
    assert (port.get(DLL), port.get(DLM)) == (0x34, 0x12)


def test_scratch_register_holds(port: Port) -> None:
    port.put(SCR, 0xA5)
    assert port.get(SCR) == 0xA5


def test_polled_input_arrives_in_order_without_loss(port: Port) -> None:
    text = bytes(range(1, 200))
    port.uart.receive(text[:100])
    port.uart.receive(text[100:])
    got = bytearray()
    while port.get(LSR) & 1:
        got.append(port.get(RBR))
    assert got == text
    assert port.get(RBR) == text[-1], "the holding register keeps its last byte"
    port.put(FCR, 1)
    assert port.get(RBR) == 0, "an empty FIFO has nothing"


def test_receive_interrupt_lasts_as_long_as_there_is_data(port: Port) -> None:
    port.put(IER, 0x01)
    assert port.told == []
    port.uart.receive(b"ab")
    assert port.told == [True]
    assert port.get(IIR) == 0x04
    port.get(RBR)
    assert port.uart.irq
    port.get(RBR)
    assert port.told == [True, True, False], "a line that stays high is told of again"
    assert port.get(IIR) == 0x01


def test_data_before_the_interrupt_is_enabled_raises_it_then(port: Port) -> None:
    port.uart.receive(b"x")
    assert not port.uart.irq
    port.put(IER, 0x01)
    assert port.uart.irq


@pytest.mark.parametrize(("selector", "level"), [(0, 1), (1, 4), (2, 8), (3, 14)])
def test_fifo_trigger_levels_and_character_timeout(port: Port, selector: int, level: int) -> None:
    port.put(FCR, selector << 6 | 1)
    port.put(IER, 0x01)
    for count in range(1, 17):
        port.uart.receive(b"x")
        expected = 0xC4 if count >= level else 0xCC
        assert port.get(IIR) == expected, f"{count} waiting, trigger at {level}"


def test_identification_shows_whether_fifos_are_on(port: Port) -> None:
    port.put(FCR, 0x07)
    assert port.get(IIR) & 0xC0 == 0xC0
    port.put(FCR, 0x00)
    assert port.get(IIR) & 0xC0 == 0


def test_a_driver_that_clears_the_fifo_loses_no_waiting_input(port: Port) -> None:
    port.uart.receive(b"typed early")
    port.put(FCR, 0x07)
    got = bytes(port.get(RBR) for _ in range(11))
    assert got == b"typed early"


def test_transmitter_empty_interrupt(port: Port) -> None:
    port.put(IER, 0x02)
    assert port.uart.irq, "enabling it while the transmitter is empty raises it"
    assert port.get(IIR) == 0x02
    assert not port.uart.irq, "reading the identification acknowledges it"
    assert port.get(IIR) == 0x01
    port.put(THR, 0x41)
    assert port.uart.irq, "and each byte sent raises it again"
    port.put(IER, 0x00)
    assert not port.uart.irq
    port.put(IER, 0x02)
    assert port.get(IIR) == 0x02, "Linux checks at start-up that it comes back when enabled again"


def test_reading_another_identification_does_not_acknowledge_the_transmitter(port: Port) -> None:
    port.put(IER, 0x03)
    port.uart.receive(b"x")
    assert port.get(IIR) == 0x04
    port.get(RBR)
    assert port.get(IIR) == 0x02


def test_priorities_of_simultaneous_causes(port: Port) -> None:
    port.put(MCR, 0x10)  # loop-back: status lines fall, and what we send comes back
    port.put(THR, 1)
    port.put(THR, 2)  # no FIFO: the second byte overwrites the first
    port.put(IER, 0x0F)
    assert port.get(IIR) == 0x06
    assert port.get(LSR) & 0x02
    assert port.get(IIR) == 0x04
    assert port.get(RBR) == 2
    assert port.get(IIR) == 0x02
    assert port.get(IIR) == 0x00, "modem status"
    assert port.get(MSR) & 0x0F
    assert port.get(IIR) == 0x01
    assert not port.uart.irq


def test_loop_back_ties_outputs_to_inputs_and_keeps_the_world_out(port: Port) -> None:
    port.uart.receive(b"outside")
    port.put(MCR, 0x1A)  # RTS, OUT2
    assert port.get(MSR) & 0xF0 == 0x90, "the probe by which Linux recognises a port"
    assert not port.get(LSR) & 1
    port.put(THR, 0x55)
    assert port.sent == b""
    assert port.get(RBR) == 0x55
    port.put(MCR, 0x08)
    assert port.get(RBR) == ord("o")


def test_fifo_clear_drops_looped_bytes(port: Port) -> None:
    port.put(FCR, 0x01)
    port.put(MCR, 0x10)
    for byte in range(20):
        port.put(THR, byte)
    assert port.get(LSR) & 0x03 == 0x03, "sixteen fit, the others overrun"
    port.put(FCR, 0x03)
    assert not port.get(LSR) & 0x01
