"""Operand specifiers of cisc mode: one row an addressing mode -> what encoder, decoder, text and engine know of it.

An operand is written into the instruction as a *specifier*: a byte whose high half names the addressing mode and whose
low half a register, then the bytes that the mode asks for, least significant byte first. Any operand may use any mode
that makes sense for its access:

    r read     u read, zero extended     w write     m modify (read, then write)     a address of the operand

     byte(s)          assembly     operand                                                    r u w m a
    +---------+
    | 00nnnnnn|       $n           short literal, 0 to 63                                     r u
    +----+----+
    |  4 |  x | ...   mode[x]      at the mode's address + x * size of the operand            r u w m a
    |  5 |  r |       r            the register itself                                        r u w m
    |  6 |  r |       (r)          at the address in r                                        r u w m a
    |  7 |  r |       -(r)         r is lowered by the operand's size first                   r u w m a
    |  8 |  r |       (r)+         r is raised by the operand's size afterwards               r u w m a
    |  8 | 13 | i8    $n           immediate, 8 bits, sign extended                           r u
    |  8 | 14 | i16   $n           immediate, 16 bits, sign extended                          r u
    |  8 | 15 | i32   $n           immediate, 32 bits                                         r u
    |  9 | 15 | a32   *$address    at an absolute address                                     r u w m a
    |  A |  r | d8    d(r)         at r + displacement, sign extended                         r u w m a
    |  A | 15 | d8    address      at the address behind this specifier + displacement        r u w m a
    |  E |  r | d32   d(r)         as A, with 32 bits                                         r u w m a
    |  E | 15 | d32   address      as A, with 32 bits                                         r u w m a
    +----+----+

Everything else is reserved: the instruction is illegal. The index register of mode 4 comes first, the mode that it
modifies follows; that mode is neither 4 nor 5 nor a literal or an immediate. Specifiers are evaluated from left to
right, so that a register which one of them raises or lowers has its new value in those behind it; the registers
themselves change when the instruction is done. With access a, -(r) and (r)+ step by the size that the mnemonic names.

After the VAX (VAX Architecture Reference Manual, Digital Press 1987, chapter "Instruction formats and addressing
modes"), less its deferred modes and the floating literal, plus the short immediates.
"""

from __future__ import annotations

from dataclasses import dataclass

from vm.isa import registers

# Number in a specifier -> number in the machine's register file. The general registers have the names of RISC-V's.
REGISTER_NAMES = ("a0", "a1", "a2", "a3", "t0", "t1", "s0", "s1", "sp")
REGISTERS = tuple(registers.NUMBERS[name] for name in REGISTER_NAMES)
MASK_REGISTERS = 8  # so many of them, the first, can be named in a mask: all but sp
PC_FORM = 15  # in the place of a register: the mode's form that has none

READ, READ_UNSIGNED, WRITE, MODIFY, ADDRESS = "r", "u", "w", "m", "a"
VALUES = READ + READ_UNSIGNED
PLACES = READ + READ_UNSIGNED + WRITE + MODIFY
EVERY = PLACES + ADDRESS
SIZES = {"b": 1, "h": 2, "l": 4}  # bytes of an operand, by the letter of its width

LITERAL_END = 64  # bytes below this are short literals
INDEX_MODE = 4


@dataclass(frozen=True, slots=True)
class Mode:
    """An addressing mode. high: the upper half of its byte. low: the lower half; None stands for any register. extra:
    bytes that follow; signed tells how they are extended. syntax: r, d, n and address stand for what varies.
    memory: the operand is in memory, so that it can be indexed."""

    name: str
    high: int
    low: int | None
    extra: int
    signed: bool
    access: str
    syntax: str
    memory: bool
    doc: str

    @property
    def first(self) -> int:
        """The mode's byte, with register 0 where it takes one."""
        return self.high << 4 | (self.low or 0)


MODES: tuple[Mode, ...] = (
    Mode("literal", 0, None, 0, False, VALUES, "$n", False, "short literal, 0 to 63, in the byte itself"),
    Mode("index", 4, None, 0, False, EVERY, "[r]", True,
         "prefix: the address of the mode that follows, plus r times the operand's size"),
    Mode("register", 5, None, 0, False, PLACES, "r", False, "the register itself"),
    Mode("deferred", 6, None, 0, False, EVERY, "(r)", True, "at the address in r"),
    Mode("decrement", 7, None, 0, False, EVERY, "-(r)", True, "r is lowered by the operand's size, then as (r)"),
    Mode("increment", 8, None, 0, False, EVERY, "(r)+", True, "as (r), then r is raised by the operand's size"),
    Mode("immediate8", 8, 13, 1, True, VALUES, "$n", False, "immediate of 8 bits, sign extended"),
    Mode("immediate16", 8, 14, 2, True, VALUES, "$n", False, "immediate of 16 bits, sign extended"),
    Mode("immediate32", 8, PC_FORM, 4, True, VALUES, "$n", False, "immediate of 32 bits"),
    Mode("absolute", 9, PC_FORM, 4, False, EVERY, "*$address", True, "at an absolute address"),
    Mode("displacement8", 10, None, 1, True, EVERY, "d(r)", True, "at r + displacement of 8 bits, sign extended"),
    Mode("relative8", 10, PC_FORM, 1, True, EVERY, "address", True,
         "at a displacement of 8 bits from the end of the specifier"),
    Mode("displacement32", 14, None, 4, True, EVERY, "d(r)", True, "at r + displacement of 32 bits"),
    Mode("relative32", 14, PC_FORM, 4, True, EVERY, "address", True,
         "at a displacement of 32 bits from the end of the specifier"),
)  # fmt: skip
BY_NAME = {mode.name: mode for mode in MODES}


def mode_of(byte: int) -> Mode | None:
    """First byte of a specifier -> its mode; None for a reserved one. Access is not looked at."""
    if byte < LITERAL_END:
        return BY_NAME["literal"]
    high, low = byte >> 4, byte & 15
    special = next((mode for mode in MODES if mode.high == high and mode.low == low), None)
    if special is not None:
        return special
    if low >= len(REGISTERS):
        return None
    return next((mode for mode in MODES if mode.high == high and mode.low is None and high), None)
