"""Operand texts -> the bits they contribute to an instruction word.

Each slot is a dictionary from operand text to bits. It fills itself with whatever depends on the text alone (registers,
literal numbers), which makes the common case one look-up; the rest goes through encode(), which may leave a fixup.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from assembler import parse, relocate
from assembler.diagnostics import SourceFault, suggestion
from assembler.nodes import Modifier
from assembler.sections import FIXED
from vm.isa import csrs, fields, registers
from vm.isa.fields import Field

if TYPE_CHECKING:
    from assembler.assembly import Assembler

_MEMORY = re.compile(r"(.*?)\(\s*(\w+)\s*\)\s*", re.DOTALL)
_WORD = 1 << 32
_FENCE_SET = re.compile(r"i?o?r?w?")


_WITH_BASE = re.compile(r".*[\w)]\s*\(\s*\w+\s*\)\s*", re.DOTALL)  # 4(a0), perhaps with a wrong register


class NotPlain(Exception):
    """The operand means more than its text alone says."""


class Slot(dict[str, int]):
    """One operand of an instruction. `expects` completes the sentence "expected ..."."""

    expects = ""
    mode = "risc"  # whose registers there are
    symbolic = False  # never plain, so that there is no point in trying

    def __missing__(self, text: str) -> int:
        bits = self[text] = self.plain(text)
        return bits

    def plain(self, text: str) -> int:
        """Operand text -> bits, if nothing but the text matters; NotPlain otherwise."""
        raise NotPlain

    def accepts(self, text: str) -> bool:
        """Whether the text has the shape of this operand."""
        return not is_register(text, self.mode) and ("%" in text or not _WITH_BASE.fullmatch(text))

    def encode(self, text: str, asm: Assembler) -> int:
        """Operand text -> bits; what is not known yet becomes a fixup of `asm`. SourceFault: wrong operand."""
        try:
            return self[text]
        except NotPlain:
            raise SourceFault(f"expected {self.expects}, found '{text.strip()}'", text) from None


def is_register(text: str, mode: str = "risc") -> bool:
    """Operand text -> whether it is the name of a register."""
    return text.strip() in registers.numbers(mode)


def memory_operand(text: str, mode: str = "risc") -> tuple[str, str] | None:
    """ "imm(reg)" -> ("imm", "reg"); None for any other shape."""
    match = _MEMORY.fullmatch(text)
    return (match[1], match[2]) if match and match[2] in registers.numbers(mode) else None


def elsewhere(what: str, name: str, only: str | None, mode: str) -> None:
    """SourceFault: this is something that only another mode has."""
    if only not in (None, mode):
        raise SourceFault(f"{name} is {what} of {only} mode; this source is assembled for {mode}", name)


class Register(Slot):
    """A general register."""

    expects = "a register"

    def __init__(self, field: Field, mode: str) -> None:
        super().__init__({name: field.set(0, number) for name, number in registers.numbers(mode).items()})
        self.mode = mode

    def plain(self, text: str) -> int:
        if text.strip() not in self:
            raise NotPlain
        return self[text.strip()]

    def accepts(self, text: str) -> bool:
        return is_register(text, self.mode)

    def encode(self, text: str, asm: Assembler) -> int:
        try:
            return self[text]
        except NotPlain:
            wrong = text.strip()
            elsewhere("a register", wrong, registers.mode_of(wrong), self.mode)
            near = registers.suggest(wrong, self.mode) if wrong.isalnum() and wrong[0].isalpha() else None
            hint = f"; did you mean '{near}'?" if near else ""
            raise SourceFault(f"expected a register, found '{wrong}'{hint}", text) from None


class Immediate(Slot):
    """A constant, or the part of an address that a modifier names. `unit` bits of the field's value are not written."""

    def __init__(self, field: Field, modifiers: dict[str, str], mode: str) -> None:
        super().__init__()
        self.field, self.mode = field, mode
        self.modifiers = modifiers  # name of the modifier -> kind of relocation
        # lui takes its constant in units of the field's step.
        self.unit = field.shift if field is fields.U_IMM else 0
        low, high = field.range
        self.expects = f"a constant from {low >> self.unit} to {high >> self.unit}"

    def plain(self, text: str) -> int:
        value = parse.literal(text)
        if value is None:
            raise NotPlain
        return self.constant(value, text)

    def constant(self, value: int, text: str) -> int:
        """Value -> bits. SourceFault: it does not fit."""
        if self.field.signed and _WORD // 2 <= value < _WORD:
            value -= _WORD  # written as unsigned 32 bits
        if not self.field.fits(value << self.unit):
            raise SourceFault(f"{value} is out of range, expected {self.expects}", text)
        return self.field.set(0, value << self.unit)

    def encode(self, text: str, asm: Assembler) -> int:
        if not self.accepts(text):
            raise SourceFault(f"expected {self.expects}, found '{text.strip()}'", text)
        node = parse.expression(text)
        if not isinstance(node, Modifier):
            value = asm.evaluate(node)
            if value.constant:
                return self.constant(value.number, text)
            if value.plus is not None and value.plus.section is not None:
                raise SourceFault(
                    f"expected {self.expects}, but '{value.plus.name}' is an address; take it apart with %hi and %lo, "
                    "or use la",
                    text,
                )
            asm.fixup(self.field, value, text)
            return 0
        kind = self.modifiers.get(node.name)
        if kind is None:
            usable = " or ".join("%" + name for name in self.modifiers)
            raise SourceFault(f"%{node.name} cannot stand here; expected " + (usable or self.expects), text)
        value = asm.evaluate(node.operand)
        if value.constant and not node.name.startswith("pcrel"):
            part = relocate.high if node.name == "hi" else relocate.low
            return self.field.set(0, part(value.number))
        asm.fixup(kind, value, text)
        return 0


class Memory(Slot):
    """imm(rs1), or (rs1) alone where the instruction has no displacement (`displacement` None)."""

    def __init__(self, displacement: Immediate | None, mode: str) -> None:
        super().__init__()
        self.displacement, self.mode = displacement, mode
        self.base = slot("rs1", fields.RS1, mode)
        self.expects = "an address such as 4(a0)" if displacement else "an address such as (a0)"

    def plain(self, text: str) -> int:
        return self._split(text, None)

    def accepts(self, text: str) -> bool:
        return memory_operand(text, self.mode) is not None

    def _split(self, text: str, asm: Assembler | None) -> int:
        parts = memory_operand(text, self.mode)
        if parts is None:
            match = _MEMORY.fullmatch(text)
            if match and asm is not None and not match[1].strip().startswith("%"):
                return self.base.encode(match[2], asm)  # tells what is wrong with the register
            raise NotPlain
        displacement, base = parts
        bits = self.base[base]
        if not displacement.strip():
            return bits
        if self.displacement is None:
            if parse.literal(displacement) == 0:
                return bits
            raise SourceFault(f"expected {self.expects}: this instruction takes no displacement", displacement)
        if asm is None:
            return bits | self.displacement.plain(displacement)
        return bits | self.displacement.encode(displacement, asm)

    def encode(self, text: str, asm: Assembler) -> int:
        try:
            return self._split(text, asm)
        except NotPlain:
            raise SourceFault(f"expected {self.expects}, found '{text.strip()}'", text) from None


class Target(Slot):
    """The place a branch or jump goes to: always a fixup."""

    expects = "a label"
    symbolic = True

    def __init__(self, kind: str, mode: str = "risc") -> None:
        super().__init__()
        self.kind, self.mode = kind, mode

    def encode(self, text: str, asm: Assembler) -> int:
        self.fixup(text, asm, FIXED)
        return 0

    def fixup(self, text: str, asm: Assembler, choice: int) -> None:
        """Leaves the fixup; `choice` as for Assembler.fixup."""
        if not self.accepts(text):
            raise SourceFault(f"expected a label, found '{text.strip()}'", text)
        asm.fixup(self.kind, asm.value(text), text, choice)


class Csr(Slot):
    """A control and status register, by name or number."""

    expects = "the name of a CSR or a number from 0 to 4095"

    def __init__(self, field: Field, mode: str) -> None:
        super().__init__({name: field.set(0, number) for name, number in csrs.numbers(mode).items()})
        self.field, self.mode = field, mode

    def plain(self, text: str) -> int:
        if text.strip() in self:
            return self[text.strip()]
        value = parse.literal(text)
        if value is None or not self.field.fits(value):
            raise NotPlain
        return self.field.set(0, value)

    def accepts(self, text: str) -> bool:
        return True

    def encode(self, text: str, asm: Assembler) -> int:
        try:
            return self[text]
        except NotPlain:
            elsewhere("a CSR", text.strip(), csrs.mode_of(text.strip()), self.mode)
            value = asm.value(text)
        if value.constant and self.field.fits(value.number):
            return self.field.set(0, value.number)
        wrong = text.strip()
        raise SourceFault(f"expected {self.expects}, found '{wrong}'{suggestion(wrong, csrs.numbers(self.mode))}", text)


class FenceSet(Slot):
    """Which accesses a fence orders: some of i o r w, in this order, or 0 for none."""

    expects = "some of the letters i, o, r, w in this order"

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def plain(self, text: str) -> int:
        letters = text.strip()
        if letters == "0":
            return 0
        if not letters or not _FENCE_SET.fullmatch(letters):
            raise NotPlain
        return self.field.set(0, sum(8 >> "iorw".index(letter) for letter in letters))

    def accepts(self, text: str) -> bool:
        return True


_LOW = {"I_IMM": {"lo": "LO12_I", "pcrel_lo": "PCREL_LO12_I"}, "S_IMM": {"lo": "LO12_S", "pcrel_lo": "PCREL_LO12_S"}}


@cache
def slot(operand: str, field: Field, mode: str = "risc") -> Slot:
    """Operand name of a row's syntax, its field, and the mode -> the slot that reads it."""
    if operand in ("rd", "rs1", "rs2"):
        return Register(field, mode)
    if operand == "target":
        return Target("BRANCH" if field is fields.B_IMM else "JAL", mode)
    if operand == "csr":
        return Csr(field, mode)
    if operand in ("pred", "succ"):
        return FenceSet(field)
    if operand == "uimm":
        return Immediate(field, {"hi": "HI20", "pcrel_hi": "PCREL_HI20"}, mode)
    return Immediate(field, _LOW.get(field.name, {}), mode)


@cache
def memory(field: Field | None, mode: str = "risc") -> Memory:
    """Field of the displacement, and the mode -> the slot for imm(rs1) or (rs1)."""
    displacement = slot("imm", field, mode) if field is not None else None
    assert displacement is None or isinstance(displacement, Immediate)
    return Memory(displacement, mode)
