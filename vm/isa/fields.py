"""Bit fields of an instruction word: a word <-> the value of one operand.

A field lists its pieces once; encoder, decoder, relocations and the engine's decoder all reuse them.
Source: The RISC-V Instruction Set Manual, Volume I, sections 2.2 and 2.3 (base and immediate formats).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """An operand's bits in an instruction word.

    pieces: (lowest bit in the word, width, lowest bit in the value), in any order.
    signed: the value is two's complement; its sign is the highest value bit.
    shift:  so many low bits of the value are zero and are not stored (1 for branches, 12 for lui).
    mask:   the bits of the word that belong to this field.
    width:  bits of the value, the `shift` zero bits included.
    range:  (lowest, highest) value that fits, both inclusive; only multiples of 1 << shift fit.
    """

    name: str
    pieces: tuple[tuple[int, int, int], ...]
    signed: bool = False
    shift: int = 0
    mask: int = field(init=False)
    width: int = field(init=False)
    range: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        width = max(value_lsb + width for _, width, value_lsb in self.pieces)
        low, end = (-(1 << (width - 1)), 1 << (width - 1)) if self.signed else (0, 1 << width)
        object.__setattr__(self, "mask", sum(((1 << width) - 1) << lsb for lsb, width, _ in self.pieces))
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "range", (low, end - (1 << self.shift)))

    def fits(self, value: int) -> bool:
        """value -> whether the field can hold it exactly."""
        low, high = self.range
        return low <= value <= high and value & ((1 << self.shift) - 1) == 0

    def get(self, word: int) -> int:
        """Instruction word -> value, negative only for signed fields."""
        value = 0
        for word_lsb, width, value_lsb in self.pieces:
            value |= (word >> word_lsb & ((1 << width) - 1)) << value_lsb
        if self.signed and value >> (self.width - 1):
            value -= 1 << self.width
        return value

    def set(self, word: int, value: int) -> int:
        """Instruction word, value -> the word with the field replaced. Bits that do not fit are dropped: ask fits()."""
        word &= ~self.mask
        for word_lsb, width, value_lsb in self.pieces:
            word |= (value >> value_lsb & ((1 << width) - 1)) << word_lsb
        return word


RD = Field("rd", ((7, 5, 0),))
RS1 = Field("rs1", ((15, 5, 0),))
RS2 = Field("rs2", ((20, 5, 0),))

I_IMM = Field("I_IMM", ((20, 12, 0),), signed=True)
S_IMM = Field("S_IMM", ((25, 7, 5), (7, 5, 0)), signed=True)
# Byte offsets from the address of the branch or jump.
B_IMM = Field("B_IMM", ((31, 1, 12), (7, 1, 11), (25, 6, 5), (8, 4, 1)), signed=True, shift=1)
J_IMM = Field("J_IMM", ((31, 1, 20), (12, 8, 12), (20, 1, 11), (21, 10, 1)), signed=True, shift=1)
# The whole 32-bit constant, unsigned, with its low 12 bits zero: 0x12345000, not 0x12345.
U_IMM = Field("U_IMM", ((12, 20, 12),), shift=12)

SHAMT = Field("shamt", ((20, 5, 0),))
CSR = Field("csr", ((20, 12, 0),))
ZIMM = Field("zimm", ((15, 5, 0),))
AQRL = Field("aqrl", ((25, 2, 0),))  # bit 1 = aq, bit 0 = rl
FM = Field("fm", ((28, 4, 0),))
PRED = Field("pred", ((24, 4, 0),))  # 8 = i, 4 = o, 2 = r, 1 = w
SUCC = Field("succ", ((20, 4, 0),))
