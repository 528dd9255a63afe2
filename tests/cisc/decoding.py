"""Bytes of cisc mode -> operands, for the simulator: byte by byte, as vm/isa/specifiers.py says in words."""

from __future__ import annotations

from typing import NamedTuple

from tests.cisc.arithmetic import WORD, signed
from tests.cisc.hart import SP, Hart, X


class Specifier(NamedTuple):
    """The upper half of its byte (4 for a literal), the lower one, what follows it, the address behind it."""

    mode: int
    low: int
    scale: int | None  # the index register
    number: int
    end: int


class Place(NamedTuple):
    """An operand: a register, or an address, or a value that cannot be written."""

    register: int | None
    address: int | None
    value: int
    size: int


class Decoder(Hart):
    """A hart that reads instructions. at: the next byte of the one being read."""

    at: int

    def _bytes(self, count: int) -> int:
        """The next bytes of the instruction as a number."""
        value = 0
        for k in range(count):
            value |= self.ram[self._translate(self.at, X)] << 8 * k
            self.at = (self.at + 1) & WORD
        return value

    def _register(self, byte: int) -> int:
        if byte & 15 > SP:
            raise self.illegal
        return byte & 15

    def _specifier(self, access: str) -> Specifier:
        """The next specifier."""
        byte, index = self._bytes(1), None
        if byte >> 4 == 4:
            index = self._register(byte)
            byte = self._bytes(1)
        mode, low = byte >> 4, byte & 15
        extra = 0
        if mode < 4 or (mode == 8 and low >= 13):
            if index is not None or access not in "ru":
                raise self.illegal
            extra = 0 if mode < 4 else {13: 1, 14: 2, 15: 4}[low]
        elif mode == 5 and (index is not None or access == "a"):
            raise self.illegal
        elif mode == 9 and low == 15:
            extra = 4
        elif mode in (0xA, 0xE):
            extra = 1 if mode == 0xA else 4
            low = low if low == 15 else self._register(byte)
        elif mode in (5, 6, 7, 8):
            self._register(byte)
        else:
            raise self.illegal
        number = signed(self._bytes(extra), extra) if extra else byte
        return Specifier(4 if mode < 4 else mode, low, index, number, self.at)

    def _operand(self, specifier: Specifier, access: str, size: int) -> Place:
        """Specifier -> the operand; registers that it steps are stepped."""
        mode, low, number = specifier.mode, specifier.low, specifier.number
        if mode == 4 or (mode == 8 and low > SP):
            return Place(None, None, number, size)
        if mode == 5:
            return Place(low, None, self._extended(self.r[low], access, size), size)
        index = 0 if specifier.scale is None else self.r[specifier.scale] * size
        match mode:
            case 6:
                address = self.r[low]
            case 7:
                address = self.r[low] = (self.r[low] - size) & WORD
            case 8:
                address = self.r[low]
                self.r[low] = (address + size) & WORD
            case 9:
                address = number
            case _:
                address = number + (specifier.end if low == 15 else self.r[low])
        address = (address + index) & WORD
        value = address if access == "a" else 0
        if access in "rum":
            value = self._extended(self.load(address, size), access, size)
        return Place(None, address, value, size)

    @staticmethod
    def _extended(value: int, access: str, size: int) -> int:
        return value & ((1 << 8 * size) - 1) if access == "u" else signed(value, size)

    def _direct(self, width: str) -> int:
        size = {"d8": 1, "d32": 4, "i8": 1, "i16": 2}[width]
        value = self._bytes(size)
        return signed(value, size) if width[0] == "d" else value

    def _put(self, place: Place, value: int) -> None:
        """Writes an operand."""
        if place.register is None:
            assert place.address is not None
            self.store(place.address, value, place.size)
        else:
            mask = (1 << 8 * place.size) - 1
            self.r[place.register] = self.r[place.register] & ~mask & WORD | value & mask
