"""The tohost convention: exits, console characters and proxied writes, with the two halves in either order."""

import pytest

from vm.devices.htif import Htif

TOHOST, FROMHOST, BLOCK, TEXT, RAM_SIZE = 0x100, 0x108, 0x200, 0x300, 0x1000


class Guest:
    """A little RAM with an Htif watching it."""

    def __init__(self, fromhost: int | None = FROMHOST) -> None:
        self.ram = bytearray(RAM_SIZE)
        self.printed = bytearray()
        self.htif = Htif(TOHOST, fromhost, self.read, self.write, self.printed.extend)

    def read(self, address: int, length: int) -> bytes:
        if address + length > RAM_SIZE:
            raise ValueError(f"{address:#x} is outside RAM")
        return bytes(self.ram[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        self.read(address, len(data))
        self.ram[address : address + len(data)] = data

    def store(self, address: int, value: int, size: int = 4) -> int | None:
        """What the guest's store instruction does, then what the machine does -> exit status, or None."""
        self.ram[address : address + size] = value.to_bytes(size, "little")
        return self.htif.stored(address, size)

    def word(self, address: int) -> int:
        return int.from_bytes(self.ram[address : address + 8], "little")

    def send(self, value: int, low_first: bool) -> int | None:
        """A 64-bit word in two halves -> exit status, or None; the first half must not decide anything."""
        low, high = (TOHOST, value & 0xFFFF_FFFF), (TOHOST + 4, value >> 32)
        first, second = (low, high) if low_first else (high, low)
        assert self.store(*first) is None
        assert self.htif.unsettled
        status = self.store(*second)
        assert not self.htif.unsettled
        return status


both_orders = pytest.mark.parametrize("low_first", [True, False])


@both_orders
@pytest.mark.parametrize(("value", "status"), [(1, 0), (3 << 1 | 1, 3), (1337 << 1 | 1, 1337)])
def test_odd_words_end_the_run(low_first: bool, value: int, status: int) -> None:
    assert Guest().send(value, low_first) == status


def test_a_low_half_alone_ends_the_run_once_it_has_settled() -> None:
    guest = Guest()
    assert guest.store(TOHOST, 5 << 1 | 1) is None
    assert guest.htif.unsettled
    assert guest.htif.settle() == 5
    assert not guest.htif.unsettled


def test_a_whole_word_at_once() -> None:
    assert Guest().store(TOHOST, 9, size=8) == 4


@both_orders
def test_console_characters(low_first: bool) -> None:
    guest = Guest()
    for byte in b"AB":  # odd and even payloads
        assert guest.send(1 << 56 | 1 << 48 | byte, low_first) is None
        assert guest.word(TOHOST) == 0, "the word is cleared: the guest may send the next"
    assert guest.printed == b"AB"


@both_orders
def test_proxied_write(low_first: bool) -> None:
    guest = Guest()
    guest.write(TEXT, b"hello\n")
    for index, word in enumerate((64, 1, TEXT, 6)):
        guest.write(BLOCK + 8 * index, word.to_bytes(8, "little"))
    assert guest.send(BLOCK, low_first) is None
    assert guest.printed == b"hello\n"
    assert guest.word(BLOCK) == 6
    assert (guest.word(TOHOST), guest.word(FROMHOST)) == (0, 1)


def test_proxied_exit_and_unknown_call() -> None:
    guest = Guest()
    guest.write(BLOCK, (1234).to_bytes(8, "little"))
    assert guest.send(BLOCK, True) is None
    assert guest.word(BLOCK) == 2**64 - 38
    guest.write(BLOCK, (93).to_bytes(8, "little") + (17).to_bytes(8, "little"))
    assert guest.send(BLOCK, True) == 17


@pytest.mark.parametrize("block", [RAM_SIZE - 8, RAM_SIZE, 0xFFFF_FFF8])
def test_wild_blocks_are_answered_without_harm(block: int) -> None:
    guest = Guest()
    assert guest.send(block, True) is None
    assert (guest.word(TOHOST), guest.word(FROMHOST), guest.printed) == (0, 1, b"")


def test_wild_text_is_answered_without_harm() -> None:
    guest = Guest()
    for index, word in enumerate((64, 1, TEXT, 2**64 - 1)):
        guest.write(BLOCK + 8 * index, word.to_bytes(8, "little"))
    assert guest.send(BLOCK, True) is None
    assert guest.printed == b""
    assert guest.word(FROMHOST) == 1


def test_without_fromhost_and_with_other_devices_the_word_is_still_cleared() -> None:
    guest = Guest(fromhost=None)
    assert guest.send(7 << 56 | 5, True) is None
    assert guest.word(TOHOST) == 0
    assert guest.send(BLOCK, True) is None
    assert guest.word(TOHOST) == 0


def test_a_zero_means_nothing() -> None:
    guest = Guest()
    assert guest.send(0, True) is None
    assert guest.word(FROMHOST) == 0
