"""The reference executor with instructions of 16 bits beside those of 32: see compressed.py and reference.py."""

from __future__ import annotations

from functools import lru_cache

from vm.arch import INSTRUCTION_BYTES, PAGE_MASK, PAGE_SHIFT
from vm.isa import rv32c
from vm.micro import paging
from vm.micro.compressed import LAST_PLACE, is_long
from vm.micro.context import Trap
from vm.micro.decoder import ILLEGAL, Decoded
from vm.micro.reference import Reference
from vm.micro.values import U32, Word
from vm.state import SINK


@lru_cache(maxsize=1 << rv32c.BITS)
def decode_half(half: int) -> Decoded:
    """16-bit instruction -> what the reference executor runs."""
    row = rv32c.decode(half)
    if row is None:
        return Decoded(ILLEGAL, SINK, 0, 0, half)
    values = {name: row.value(name, half) for name in row.operands}
    imm = next((values[name] for name, field in row.operands.items() if field is row.imm), 0)
    return Decoded(row.micro, values.get("rd", 0) or SINK, values.get("rs1", 0), values.get("rs2", 0), imm)


class CompressedReference(Reference):
    """Fetches a halfword, and the other one where there is one."""

    _length = INSTRUCTION_BYTES

    @property
    def next_pc(self) -> Word:
        return self.pc + self._length

    def _decode(self, encoding: int) -> Decoded:
        return super()._decode(encoding) if is_long(encoding) else decode_half(encoding)

    def _fetch(self, pc: int) -> U32:
        first = self.ram(self._frame(pc) + (pc & PAGE_MASK), rv32c.LENGTH)
        if not is_long(first):
            self._length = rv32c.LENGTH
            return first
        following = U32(pc + rv32c.LENGTH)
        frame = self._frame(int(following)) if pc & PAGE_MASK == LAST_PLACE else self._frame(pc)
        self._length = INSTRUCTION_BYTES
        return first | self.ram(frame + (following & PAGE_MASK), rv32c.LENGTH) << rv32c.BITS

    def _frame(self, va: int) -> int:
        """Address of code -> offset in RAM of its page, through the instruction TLB. Trap: page or access fault."""
        entry = int(paging.itlb_entry(self, U32(va))) >> 2
        if self._words[entry] != va & ~PAGE_MASK:
            cause = paging.fetch_page(self, U32(va))
            if cause:
                raise Trap(cause, U32(va))
        return int(self._words[entry + 1]) << PAGE_SHIFT
