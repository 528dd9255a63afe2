"""Pseudo-instructions that become more than one instruction, or none: li, la, call, tail, loads from symbols.

Those that are one instruction with fixed operands are in vm/isa/aliases.py.
Source: RISC-V ISA Manual, Volume I, "RISC-V Assembly Programmer's Handbook"; the sequences are those of GNU as.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assembler import operands, parse, relocate
from assembler.diagnostics import SourceFault
from assembler.nodes import Modifier
from assembler.operands import Slot
from assembler.sections import Value
from vm.isa import codec, fields

if TYPE_CHECKING:
    from assembler.assembly import Assembler
    from assembler.instructions import Form

REPLACED = frozenset({"li"})  # aliases that a form of this file does better
T1, RA = 6, 1
XLEN = 32
PLT = "@plt"  # "through the linkage table", which a static executable does not have


class Address(Slot):
    """A symbol, perhaps with an offset."""

    expects = "a symbol"
    symbolic = True

    def accepts(self, text: str) -> bool:
        """Any name will do here, even that of a register."""
        return operands.memory_operand(text) is None and (operands.is_register(text) or super().accepts(text))


class Anything(Slot):
    """A constant of any size a register can hold."""

    expects = "a constant from -2147483648 to 4294967295"


ADDRESS, CONSTANT = Address(), Anything()


def _word(mode: str, name: str, **values: int) -> int:
    return codec.encode(codec.by_name(mode)[name], **values)


def _address(text: str, asm: Assembler) -> Value:
    if not ADDRESS.accepts(text):
        raise SourceFault(f"expected a symbol, found '{text.strip()}'", text)
    return asm.value(text.strip().removesuffix(PLT))


def _memory_symbol(text: str, asm: Assembler) -> Value:
    """The symbol a load or store takes; a bare number is more likely an address whose register is forgotten."""
    if parse.literal(text) is not None:
        number = text.strip()
        raise SourceFault(f"expected an address such as {number}(a0) or a symbol, found '{number}'", text)
    return _address(text, asm)


def _emit_pair(first: int, second: int, low: str, value: Value, text: str, asm: Assembler) -> None:
    """auipc and the instruction that completes its address, with the relocations that belong together."""
    place = asm.here()
    asm.fixup("PCREL_HI20", value, text)
    asm.emit(first)
    asm.fixup(low, place, text)
    asm.emit(second)


class Li:
    """li rd, constant: lui and addi as needed."""

    syntax = "rd, constant"

    def __init__(self, mode: str) -> None:
        self.mode, self.rd = mode, operands.slot("rd", fields.RD, mode)
        self.slots: Sequence[Slot] = (self.rd, CONSTANT)

    def code(self, rd: int, value: int, text: str) -> bytes:
        """Bits of rd and the value -> the shortest sequence that GNU as would choose too."""
        if not -(1 << 31) <= value < 1 << 32:
            raise SourceFault(f"{value} is out of range, expected {CONSTANT.expects}", text)
        value = relocate.signed(value)
        high, low = relocate.high(value), relocate.low(value)
        if high == 0:
            return (_word(self.mode, "addi", imm=low) | rd).to_bytes(4, "little")
        code = (_word(self.mode, "lui", uimm=high) | rd).to_bytes(4, "little")
        if low:
            source = fields.RS1.set(0, fields.RD.get(rd))
            code += (_word(self.mode, "addi", imm=low) | rd | source).to_bytes(4, "little")
        return code

    def plain(self, texts: Sequence[str]) -> bytes | None:
        value = parse.literal(texts[1])
        if value is None or not operands.is_register(texts[0], self.mode):
            return None
        return self.code(self.rd[texts[0]], value, texts[1])

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        rd = self.rd.encode(texts[0], asm)
        if not CONSTANT.accepts(texts[1]):
            raise SourceFault(f"expected {CONSTANT.expects}, found '{texts[1].strip()}'", texts[1])
        node = parse.expression(texts[1])
        if isinstance(node, Modifier):
            immediate = operands.slot("imm", fields.I_IMM, self.mode)
            asm.emit(_word(self.mode, "addi") | rd | immediate.encode(texts[1], asm))
            return
        value = asm.evaluate(node)
        if not value.constant:
            symbol = value.plus or value.minus
            raise SourceFault(
                f"li needs a value that is known here, '{symbol.name if symbol else ''}' is not; "
                "use la for an address, or define the constant earlier",
                texts[1],
            )
        asm.emit_bytes(self.code(rd, value.number, texts[1]))


class Extend:
    """sext.b, sext.h, zext.h: the value is moved to the top of the register and back down by `shift`."""

    syntax = "rd, rs1"

    def __init__(self, mode: str, bits: int, shift: str) -> None:
        self.mode, self.bits, self.shift = mode, bits, shift
        registers = (("rd", fields.RD), ("rs1", fields.RS1))
        self.slots: Sequence[Slot] = tuple(operands.slot(name, field, mode) for name, field in registers)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        rd, rs1 = (slot.encode(text, asm) for slot, text in zip(self.slots, texts, strict=True))
        up = XLEN - self.bits
        asm.emit(_word(self.mode, "slli", shamt=up) | rd | rs1)
        asm.emit(_word(self.mode, self.shift, shamt=up) | rd | fields.RS1.set(0, fields.RD.get(rd)))


class La:
    """la rd, symbol: auipc and addi."""

    syntax = "rd, symbol"

    def __init__(self, mode: str) -> None:
        self.mode, self.rd = mode, operands.slot("rd", fields.RD, mode)
        self.slots: Sequence[Slot] = (self.rd, ADDRESS)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        rd = self.rd.encode(texts[0], asm)
        value = _address(texts[1], asm)
        source = fields.RS1.set(0, fields.RD.get(rd))
        first, second = _word(self.mode, "auipc") | rd, _word(self.mode, "addi") | rd | source
        _emit_pair(first, second, "PCREL_LO12_I", value, texts[1], asm)


class LoadFrom:
    """lw rd, symbol: auipc and the load, both through rd."""

    syntax = "rd, symbol"

    def __init__(self, mode: str, load: str) -> None:
        self.mode, self.load, self.rd = mode, load, operands.slot("rd", fields.RD, mode)
        self.slots: Sequence[Slot] = (self.rd, ADDRESS)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        rd = self.rd.encode(texts[0], asm)
        value = _memory_symbol(texts[1], asm)
        source = fields.RS1.set(0, fields.RD.get(rd))
        first, second = _word(self.mode, "auipc") | rd, _word(self.mode, self.load) | rd | source
        _emit_pair(first, second, "PCREL_LO12_I", value, texts[1], asm)


class StoreTo:
    """sw rs2, symbol, rt: auipc into rt and the store through it."""

    syntax = "rs2, symbol, temporary register"

    def __init__(self, mode: str, store: str) -> None:
        self.mode, self.store, self.temporary = mode, store, operands.slot("rd", fields.RD, mode)
        self.slots: Sequence[Slot] = (operands.slot("rs2", fields.RS2, mode), ADDRESS, self.temporary)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        source = self.slots[0].encode(texts[0], asm)
        value = _memory_symbol(texts[1], asm)
        through = self.temporary.encode(texts[2], asm)
        base = fields.RS1.set(0, fields.RD.get(through))
        first, second = _word(self.mode, "auipc") | through, _word(self.mode, self.store) | source | base
        _emit_pair(first, second, "PCREL_LO12_S", value, texts[1], asm)


class FarJump:
    """call, tail and jump: auipc and jalr, with one relocation for both. `link` gets the return address, `through`
    holds the address on the way; None: the register that is written as an operand."""

    def __init__(self, mode: str, syntax: str, slots: Sequence[Slot], link: int | None, through: int | None) -> None:
        self.mode, self.syntax, self.slots, self.link, self.through = mode, syntax, slots, link, through

    def plain(self, texts: Sequence[str]) -> bytes | None:
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        written = 0
        target = ""
        for slot, text in zip(self.slots, texts, strict=True):
            if slot is ADDRESS:
                target = text
            else:
                written = fields.RD.get(slot.encode(text, asm))
        link = written if self.link is None else self.link
        through = written if self.through is None else self.through
        asm.fixup("CALL", _address(target, asm), target)
        asm.emit(_word(self.mode, "auipc", rd=through))
        asm.emit(_word(self.mode, "jalr", rd=link, rs1=through))


def expansions(mode: str) -> Iterator[tuple[str, Form]]:
    """Mode -> (mnemonic, form) of every pseudo-instruction of this file."""
    rd = operands.slot("rd", fields.RD, mode)
    yield "li", Li(mode)
    yield "sext.b", Extend(mode, 8, "srai")
    yield "sext.h", Extend(mode, 16, "srai")
    yield "zext.h", Extend(mode, 16, "srli")
    for name in ("la", "lla", "lga"):
        yield name, La(mode)
    for row in codec.rows(mode):
        if row.cost == "load":
            yield row.name, LoadFrom(mode, row.name)
        elif row.cost == "store":
            yield row.name, StoreTo(mode, row.name)
    yield "call", FarJump(mode, "symbol", (ADDRESS,), RA, RA)
    yield "call", FarJump(mode, "rd, symbol", (rd, ADDRESS), None, T1)
    yield "tail", FarJump(mode, "symbol", (ADDRESS,), 0, T1)
    yield "jump", FarJump(mode, "symbol, rd", (ADDRESS, rd), 0, None)
