"""Operands of cisc instructions: texts -> bytes of specifiers, masks, CSR numbers and displacements, and what they wait
for. Of several specifiers that mean the same the shortest is taken."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from assembler import parse, relocate
from assembler.diagnostics import SourceFault, suggestion
from assembler.operands import NotPlain, elsewhere
from assembler.sections import FIXED, Value
from assembler.specify import IN_MASK, Shape, check_modifier, register, shape
from vm.isa import csrs, registers
from vm.isa.cisc import DIRECT
from vm.isa.cisc_codec import Specifier, fits, write_specifier
from vm.isa.codec import CISC
from vm.isa.specifiers import ADDRESS, BY_NAME, LITERAL_END, READ_UNSIGNED, SIZES, VALUES

if TYPE_CHECKING:
    from assembler.assembly import Assembler

_CSRS = csrs.numbers(CISC)


class Piece(NamedTuple):
    """Bytes of an operand; where `kind` is set, those from `at` on wait for `value`, as Assembler.fixup says."""

    code: bytes
    kind: str = ""
    at: int = 0
    value: Value = Value()
    text: str = ""
    choice: int = FIXED


class Slot(dict[str, bytes]):
    """An operand of an instruction: a dictionary from its text to bytes, which fills itself with what follows from the
    text alone. `symbolic`: never plain."""

    symbolic = False

    def __missing__(self, text: str) -> bytes:
        code = self[text] = self.plain(text)
        return code

    def plain(self, text: str) -> bytes:
        """Text -> bytes; NotPlain when they depend on more than the text."""
        raise NotPlain

    def piece(self, text: str, asm: Assembler) -> Piece:
        """Text -> bytes and what they wait for. SourceFault: the operand is wrong."""
        raise NotImplementedError


class SpecifierSlot(Slot):
    """An operand written as a specifier; access and width as in vm/isa/cisc.py."""

    def __init__(self, access: str, width: str) -> None:
        super().__init__()
        self.access, self.width = access, width
        self.size = SIZES[width]

    def plain(self, text: str) -> bytes:
        found = shape(text)
        self._check(found, text)
        if not found.expression:
            return write_specifier(Specifier(BY_NAME[found.kind], found.register, 0, found.index))
        number = parse.literal(found.expression)
        if number is None or found.kind == "relative":
            raise NotPlain
        return self._code(found, number)

    def _check(self, found: Shape, text: str) -> None:
        """SourceFault: the operand cannot be used in the way the instruction wants to."""
        if found.kind == "immediate" and self.access not in VALUES:
            wanted = "an address" if self.access == ADDRESS else "a place for the result"
            raise SourceFault(f"{text.strip()} is a number; expected {wanted}, such as 4(a0)", text)
        if found.kind == "register" and self.access == ADDRESS:
            name = text.strip()
            raise SourceFault(f"{name} is a register and has no address; expected one such as ({name})", text)

    def _code(self, found: Shape, number: int) -> bytes:
        """Parts and the value of the expression -> the shortest specifier, or that of the size asked for."""
        name, value = self._choice(found, number)
        try:
            return write_specifier(Specifier(BY_NAME[name], found.register, value, found.index))
        except ValueError as fault:
            raise SourceFault(str(fault), found.expression) from None

    def _choice(self, found: Shape, number: int) -> tuple[str, int]:
        """Parts and the value of the expression -> name of the mode, and the value as that mode holds it."""
        if not -relocate.WRAP // 2 <= number < relocate.WRAP:
            raise SourceFault(f"{number} does not fit in 32 bits", found.expression)
        if found.kind == "absolute":
            return "absolute", number % relocate.WRAP
        value = relocate.signed(number)
        if found.kind == "immediate":
            return self._immediate(found, value)
        bits = found.bits
        if not bits and value == 0:
            return "deferred", 0
        if bits == 16:
            raise SourceFault("a displacement has 8 or 32 bits", found.expression)
        return f"displacement{bits or (8 if fits(value, 8) else 32)}", value

    def _immediate(self, found: Shape, value: int) -> tuple[str, int]:
        if found.bits:
            return f"immediate{found.bits}", value
        if self.size < 4:
            bits = 8 * self.size
            if not -(1 << bits - 1) <= value < 1 << bits:
                raise SourceFault(
                    f"{value} is out of range, expected {-(1 << bits - 1)} to {(1 << bits) - 1}", found.expression
                )
            if self.access != READ_UNSIGNED and value >= 1 << bits - 1:
                value -= 1 << bits  # what is read has a sign
        if 0 <= value < LITERAL_END:
            return "literal", value
        return f"immediate{next(bits for bits in (8, 16, 32) if fits(value, bits))}", value

    def piece(self, text: str, asm: Assembler) -> Piece:
        try:
            return Piece(self[text])
        except NotPlain:
            found = shape(text)
        check_modifier(found.expression)
        value = asm.value(found.expression)
        if found.kind == "relative":
            return self._relative(found, value, asm)
        if value.constant:
            return Piece(self._code(found, value.number))
        bits = 8 * self.size if found.kind == "immediate" else 32
        if found.bits not in (0, bits):
            raise SourceFault(f"the value is not known here; expected :{bits} or nothing", found.expression)
        name = "absolute" if found.kind == "absolute" else f"{found.kind}{bits}"
        return self._waiting(found, name, Piece(b"", f"ABS{bits}", 0, value, found.expression))

    def _relative(self, found: Shape, value: Value, asm: Assembler) -> Piece:
        if found.bits == 16:
            raise SourceFault("a relative address has 8 or 32 bits", found.expression)
        if value.constant and self.access != ADDRESS:
            name = found.expression.strip()
            message = f"{name} is an address here; write ${name} for the number, *${name} if the address is meant"
            asm.report(SourceFault(message, name), "warning")
        choice, grown = FIXED, found.bits == 32
        if not found.bits:
            choice, times = asm.choose()
            grown = times > 0
        bits = 32 if grown else 8
        value = Value(value.plus, value.minus, value.number - bits // 8)
        pending = Piece(b"", f"PC{bits}", 0, value, found.expression, FIXED if grown else choice)
        return self._waiting(found, f"relative{bits}", pending)

    def _waiting(self, found: Shape, name: str, pending: Piece) -> Piece:
        mode = BY_NAME[name]
        code = write_specifier(Specifier(mode, found.register, 0, found.index))
        return pending._replace(code=code, at=len(code) - mode.extra)


class TargetSlot(Slot):
    """Where a branch goes: a displacement of `bits` bits, from its own end. choice: the number of the branch."""

    symbolic = True

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.bits = bits

    def piece(self, text: str, asm: Assembler) -> Piece:
        whole = text.strip()
        if not whole or whole[0] in "$*(" or whole in registers.NUMBERS:
            raise SourceFault(f"expected a label, found '{whole}'", text)
        check_modifier(text)
        value = asm.value(text)
        size = self.bits // 8
        return Piece(bytes(size), f"PC{self.bits}", 0, Value(value.plus, value.minus, value.number - size), text)


class NumberSlot(Slot):
    """A number in the instruction itself, with or without `$`: the code of chmk."""

    signed = True

    def __init__(self, size: int, name: str) -> None:
        super().__init__()
        self.size, self.name = size, name
        self.end = 1 << 8 * size
        self.low = -self.end // 2 if self.signed else 0

    def plain(self, text: str) -> bytes:
        number = parse.literal(self.bare(text))
        if number is None:
            raise NotPlain
        return self.checked(number, text)

    @staticmethod
    def bare(text: str) -> str:
        return text.strip().removeprefix("$")

    def checked(self, number: int, text: str) -> bytes:
        """SourceFault: the number does not fit."""
        if not self.low <= number < self.end:
            raise SourceFault(f"{number} is out of range, expected {self.low} to {self.end - 1}", self.bare(text))
        return (number % self.end).to_bytes(self.size, "little")

    def piece(self, text: str, asm: Assembler) -> Piece:
        try:
            return Piece(self[text])
        except NotPlain:
            return Piece(self.checked(asm.constant(self.bare(text), f"the {self.name}"), text))


class MaskSlot(NumberSlot):
    """A set of registers: names and ranges with / between, such as a0-a3/s0; or a number."""

    signed = False

    def plain(self, text: str) -> bytes:
        names = text.strip()
        if names.startswith("$") or names.partition("/")[0].partition("-")[0].strip() not in registers.NUMBERS:
            return super().plain(text)
        mask = 0
        for part in names.split("/"):
            first, dash, last = part.partition("-")
            low = self._number(first)
            high = self._number(last) if dash else low
            if low > high:
                raise SourceFault(f"'{part}' is an empty range; expected the lower register first", part)
            mask |= (2 << high) - (1 << low)
        return bytes([mask])

    @staticmethod
    def _number(name: str) -> int:
        number = register(name)
        if number not in IN_MASK.values():
            raise SourceFault(f"{name.strip()} cannot be in a mask; expected some of {', '.join(IN_MASK)}", name)
        return number


class CsrSlot(NumberSlot):
    """A control and status register, by name or number; with :16 behind it, any number that code can hold."""

    signed = False

    def __init__(self, size: int, name: str) -> None:
        super().__init__(size, name)
        self.wide_end, self.end = self.end, csrs.LAST + 1

    def plain(self, text: str) -> bytes:
        name = self.bare(text)
        if name in _CSRS:
            return _CSRS[name].to_bytes(self.size, "little")
        number = parse.literal(name.removesuffix(csrs.WIDE)) if name.endswith(csrs.WIDE) else None
        if number is not None and self.low <= number < self.wide_end:
            return number.to_bytes(self.size, "little")
        return super().plain(text)

    def piece(self, text: str, asm: Assembler) -> Piece:
        try:
            return super().piece(text, asm)
        except SourceFault:
            wrong = self.bare(text)
            elsewhere("a CSR", wrong, csrs.mode_of(wrong), CISC)
            raise SourceFault(
                f"expected the name of a CSR or a number from 0 to {csrs.LAST}, found '{wrong}'"
                f"{suggestion(wrong, _CSRS)}",
                wrong,
            ) from None


@cache
def slot(name: str, access: str, width: str) -> Slot:
    """Name, access and width of an operand of vm/isa/cisc.py -> what reads it."""
    if access:
        return SpecifierSlot(access, width)
    size = DIRECT[width]
    if width[0] == "d":
        return TargetSlot(8 * size)
    return {"mask": MaskSlot, "csr": CsrSlot}.get(name, NumberSlot)(size, name)
