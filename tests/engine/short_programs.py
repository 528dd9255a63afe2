"""Random programs with instructions of 16 bits among those of 32: see random_programs.py.

Behind the program, at the end of its page, are a few instructions of which the last may reach into the next page: for
the machine that is the handlers' page, for a user at USER one that cannot be executed.
"""

from __future__ import annotations

import struct

from hypothesis import strategies as st

from tests.engine.random_programs import DATA, PRESETS, PROGRAM, START, USER, Bits, Program, programs
from tests.engine.rig import word
from vm.arch import PAGE_SIZE, WORD
from vm.isa.rv32c import BITS, LONG, ROWS

EDGE = 16  # bytes at the end of the page
SLOT_LIMIT = 4  # the fewest slots with which an instruction between two pages can be run, and one more
_LOADS_AND_STORES = [row for row in ROWS if row.cost in ("load", "store")]
_POPULAR = range(8, 16)  # registers


def short(b: Bits) -> int:
    """-> an instruction of 16 bits, nearly always a legal one."""
    if b.take(24) == 0:
        half = b.take(1 << BITS)
        return half if half & 3 != LONG else half ^ 1
    row = ROWS[b.take(len(ROWS))]
    half = row.match | b.take(1 << BITS) & ~row.mask & (1 << BITS) - 1
    return half if row.fits(half) else row.match | row.not_zero & ~row.mask


def _with_pointer(b: Bits) -> bytes:
    """A load or store where there is something."""
    row = _LOADS_AND_STORES[b.take(len(_LOADS_AND_STORES))]
    half = row.match | b.take(1 << BITS) & ~row.mask & (1 << BITS) - 1
    base = row.value("rs1", half)
    return struct.pack("<IH", word("addi", rd=base, rs1=b.pick((16, 16, 17, 22)), imm=b.take(16)), half)


def _some(b: Bits) -> bytes:
    kind = b.take(8)
    if kind == 0:
        return b""
    if kind < 3:
        return _with_pointer(b)
    return b"".join(struct.pack("<H", short(b)) for _ in range(kind // 2))


@st.composite
def mixed(draw: st.DrawFn, least: int = 12, most: int = 50) -> Program:
    """-> Program"""
    program = draw(programs(least, most))
    bits = draw(st.integers(0, (1 << 512) - 1))
    b = Bits(bits ^ sum(program.code) * 0x9E37_79B9_7F4A_7C15 ** 8)
    begin, body = program.code[: START // WORD], program.code[START // WORD : -1]
    code = struct.pack(f"<{len(begin)}I", *begin)
    for each in body:
        code += struct.pack("<I", each) + (_some(b) if b.take(3) else b"")
    code = code[: PAGE_SIZE - EDGE - 2 * WORD]
    code += struct.pack("<I", word("jal", rd=0, target=START - len(code)))
    edge = b"".join(struct.pack("<H", short(b)) for _ in range(EDGE // 2 - 1))
    long = (word("addi", rd=10, rs1=10, imm=5), word("jal", rd=5, target=-6), word("lw", rd=9, rs1=16))
    last = b.pick((*long, short(b)))
    code = code.ljust(PAGE_SIZE - EDGE, b"\0") + edge + struct.pack("<H", last & 0xFFFF)
    registers = list(program.registers)
    for number in (2, *_POPULAR):
        if b.take(2):
            registers[number - 1] = b.pick((PRESETS[16], PRESETS[22], DATA + 0x800))
    registers[7 - 1] = b.pick((PROGRAM, USER)) + PAGE_SIZE - 2 * (1 + b.take(EDGE // 2))
    if b.take(4) == 0:  # begins there
        registers[18 - 1] = registers[27 - 1] = registers[7 - 1]
    fields = program.fields | {"slot_limit": max(program.fields["slot_limit"], SLOT_LIMIT)}
    return program._replace(
        code=struct.unpack(f"<{len(code) // WORD}I", code), registers=tuple(registers), fields=fields
    )
