"""How decoded records lie in memory: one numpy dtype, and the numbers that generated code takes from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vm.arch import INSTRUCTION_BYTES, PAGE_MASK, PAGE_SHIFT
from vm.isa.sets import DEFAULT_ISA, ISAS

# Host address of the handler; immediate; register numbers; number of the micro-op.
RECORD = np.dtype([("fn", "u8"), ("imm", "u4"), ("rd", "u1"), ("rs1", "u1"), ("rs2", "u1"), ("op", "u1")])
RECORD_BYTES = RECORD.itemsize
REC_FN, REC_IMM, REC_RD, REC_RS1, REC_RS2, REC_OP = (int(RECORD.fields[n][1]) for n in RECORD.names)  # type: ignore
WORD_BYTES = 4
NO_OP = 255  # the number in records that are not decoded
# Executed pages that are kept decoded at a time: 64 MiB of address space, 256 MiB where instructions start at any byte;
# touched as it is used.
SLOTS = 4096


@dataclass(frozen=True)
class Layout:
    """Where instructions may stand in a mode's code, and so where their records lie: one for every such place.

    shift:   instructions start at multiples of 1 << shift bytes
    align:   bytes; jumps go to multiples of it
    longest: bytes of the longest instruction; where nothing else says how long one is, they all have this length
    chain:   instructions that one fused handler may run (see fusion.py); 1 for no fusion
    pool:    records for instructions that are sequences of micro-ops (see sequences.py)
    ends:    records behind a page's last that lead to the next page: one for every place where an instruction may be
             that begins where the page's last one ends
    spare:   records behind these, for other use
    """

    shift: int
    align: int
    longest: int
    chain: int
    pool: int = 0
    ends: int = 1
    spare: int = 0

    def step(self, length: int) -> int:
        """Length of an instruction in bytes -> bytes from its record to the next one's."""
        return RECORD_BYTES * (length >> self.shift)

    @property
    def record_shift(self) -> int:
        """-> the record's address >> this counts bytes of code."""
        return RECORD_BYTES.bit_length() - 1 - self.shift

    @property
    def records_per_page(self) -> int:
        return 1 << (PAGE_SHIFT - self.shift)

    @property
    def slot_records(self) -> int:
        """-> records in a slot: those of a page, and those behind it."""
        return self.records_per_page + self.ends + self.spare

    @property
    def slot_bytes(self) -> int:
        return self.slot_records * RECORD_BYTES

    @property
    def spoiled_before(self) -> int:
        """-> bytes of code before an aligned word: a store into the word spoils the instructions that start there or in
        the word, since they reach into it, or their fused handlers run one that does."""
        return self.chain * self.longest - (1 << self.shift)

    @property
    def place_mask(self) -> int:
        """-> the part of an address that says where in its page an instruction starts."""
        return PAGE_MASK & -self.align


# Chains of three: see fusion.TRIPLES.
FIXED = Layout(
    shift=INSTRUCTION_BYTES.bit_length() - 1, align=ISAS[DEFAULT_ISA].ialign, longest=INSTRUCTION_BYTES, chain=3
)
# Where there are instructions of 16 bits too: a record a halfword.
_HALF = INSTRUCTION_BYTES // 2
HALVES = Layout(shift=_HALF.bit_length() - 1, align=_HALF, longest=INSTRUCTION_BYTES, chain=3, ends=2, spare=1)
# The longest: opcode, and three operands that are indexed with four more bytes each. The pool holds as many sequences
# as some 300 KiB of code have.
VARIABLE = Layout(shift=0, align=1, longest=19, chain=1, pool=1 << 19)
