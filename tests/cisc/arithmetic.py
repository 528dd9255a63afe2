"""What instructions of cisc mode compute, on plain ints: operands with their sign in, results not yet cut."""

from __future__ import annotations

from collections.abc import Callable

WORD = 0xFFFF_FFFF


def signed(value: int, size: int = 4) -> int:
    """Low bytes -> number with its sign."""
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def quotient(a: int, b: int) -> int:
    """Towards zero; -1 for a division by zero."""
    if b == 0:
        return -1
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a: int, b: int) -> int:
    """With the sign of the dividend; a for a division by zero."""
    return a if b == 0 else a - b * quotient(a, b)


def unsigned(a: int) -> int:
    return a & WORD


DYADIC: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": quotient, "rem": remainder,
    "and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b,
    "sll": lambda a, b: a << (b & 31), "srl": lambda a, b: unsigned(a) >> (b & 31), "sra": lambda a, b: a >> (b & 31),
    "divu": lambda a, b: quotient(unsigned(a), unsigned(b)), "remu": lambda a, b: remainder(unsigned(a), unsigned(b)),
    "mulh": lambda a, b: a * b >> 32, "mulhu": lambda a, b: unsigned(a) * unsigned(b) >> 32,
    "mulhsu": lambda a, b: a * unsigned(b) >> 32,
    "slt": lambda a, b: int(a < b), "sltu": lambda a, b: int(unsigned(a) < unsigned(b)),
}  # fmt: skip
MONADIC: dict[str, Callable[[int], int]] = {
    "mov": lambda a: a, "mneg": lambda a: -a, "mcom": lambda a: ~a, "mova": lambda a: a,
    "cvtb": lambda a: a, "cvth": lambda a: a, "movzb": lambda a: a, "movzh": lambda a: a,
}  # fmt: skip
CONDITIONS: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b, "bne": lambda a, b: a != b, "blt": lambda a, b: a < b, "bge": lambda a, b: a >= b,
    "bltu": lambda a, b: unsigned(a) < unsigned(b), "bgeu": lambda a, b: unsigned(a) >= unsigned(b),
}  # fmt: skip
