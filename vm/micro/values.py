"""Unsigned words on plain Python integers -> the values of the reference executor.

The micro-op semantics are written once on values that overload operators. Here a value is an int that wraps at its
width; in `symbols.py` it is an operand of LLVM IR. The two offer the same operations:
    + - * & | ^ << >> ~ == != < <= > >=    modulo 2**width, comparisons unsigned
    sar slt sge sdiv srem udiv urem        signed shift, comparisons and the divisions (divisor not zero)
    mulh mulhu mulhsu                      high word of the product
    sext(bits)                             sign-extends the low bits
    u64() s64() low() high()               widening and narrowing
"""

from __future__ import annotations

_new, _and = int.__new__, int.__and__  # Word's own __and__ would come back to __new__


class Word(int):
    """An unsigned integer of `width` bits; results wrap."""

    __slots__ = ()
    width = 32
    mask = (1 << width) - 1

    def __new__(cls, value: int) -> Word:
        return _new(cls, _and(value, cls.mask))

    @property
    def signed(self) -> int:
        return int(self) - ((int(self) >> (self.width - 1)) << self.width)

    def _same(self, value: int) -> Word:
        return type(self)(value)

    def __add__(self, other):
        return self._same(int(self) + int(other))

    def __sub__(self, other):
        return self._same(int(self) - int(other))

    def __mul__(self, other):
        return self._same(int(self) * int(other))

    def __and__(self, other):
        return self._same(int(self) & int(other))

    def __or__(self, other):
        return self._same(int(self) | int(other))

    def __xor__(self, other):
        return self._same(int(self) ^ int(other))

    def __lshift__(self, other):
        return self._same(int(self) << int(other))

    def __rshift__(self, other):
        return self._same(int(self) >> int(other))

    def __invert__(self):
        return self._same(~int(self))

    def sar(self, other):
        return self._same(self.signed >> int(other))

    def slt(self, other) -> bool:
        return self.signed < self._same(other).signed

    def sge(self, other) -> bool:
        return self.signed >= self._same(other).signed

    def sdiv(self, other):
        a, b = self.signed, self._same(other).signed
        q = abs(a) // abs(b)
        return self._same(-q if (a < 0) != (b < 0) else q)

    def srem(self, other):
        return self - self.sdiv(other) * other

    def udiv(self, other):
        return self._same(int(self) // int(other))

    def urem(self, other):
        return self._same(int(self) % int(other))

    def mulh(self, other):
        return U32((self.signed * self._same(other).signed) >> 32)

    def mulhu(self, other):
        return U32((int(self) * int(other)) >> 32)

    def mulhsu(self, other):
        return U32((self.signed * int(other)) >> 32)

    def sext(self, bits: int):
        sign = 1 << (bits - 1)
        return self._same(((int(self) & ((1 << bits) - 1)) ^ sign) - sign)

    def u64(self) -> U64:
        return U64(int(self))

    def s64(self) -> U64:
        return U64(self.signed)

    def low(self) -> U32:
        return U32(int(self))

    def high(self) -> U32:
        return U32(int(self) >> 32)


class U32(Word):
    """32-bit word."""

    __slots__ = ()


class U64(Word):
    """64-bit word."""

    __slots__ = ()
    width = 64
    mask = (1 << width) - 1
