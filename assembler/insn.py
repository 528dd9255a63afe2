""".insn: an instruction given by its format and fields, for encodings that have no mnemonic here.

Source: Using as (GNU), "RISC-V Dependent Features", "RISC-V Instruction Formats".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assembler import operands, parse
from assembler.diagnostics import SourceFault, suggestion
from assembler.directives import directive
from assembler.operands import Slot, Target
from vm.isa import fields
from vm.isa.codec import CISC
from vm.isa.fields import Field

if TYPE_CHECKING:
    from assembler.assembly import Assembler

# Names of major opcodes (Volume I, "RV32/64G Instruction Set Listings", table of base opcodes).
OPCODES = {
    "LOAD": 0x03, "LOAD_FP": 0x07, "CUSTOM_0": 0x0B, "MISC_MEM": 0x0F, "OP_IMM": 0x13, "AUIPC": 0x17, "STORE": 0x23,
    "STORE_FP": 0x27, "CUSTOM_1": 0x2B, "AMO": 0x2F, "OP": 0x33, "LUI": 0x37, "MADD": 0x43, "MSUB": 0x47,
    "NMSUB": 0x4B, "NMADD": 0x4F, "OP_FP": 0x53, "CUSTOM_2": 0x5B, "BRANCH": 0x63, "JALR": 0x67, "JAL": 0x6F,
    "SYSTEM": 0x73, "CUSTOM_3": 0x7B,
}  # fmt: skip
# Parts of the word that only this directive writes as operands.
PARTS = {
    "opcode": Field("opcode", ((0, 7, 0),)),
    "funct3": Field("funct3", ((12, 3, 0),)),
    "funct7": Field("funct7", ((25, 7, 0),)),
    "funct2": Field("funct2", ((25, 2, 0),)),
    "rs3": Field("rd", ((27, 5, 0),)),
}
FORMATS = {
    "r": "opcode, funct3, funct7, rd, rs1, rs2",
    "r4": "opcode, funct3, funct2, rd, rs1, rs2, rs3",
    "i": "opcode, funct3, rd, rs1, imm",
    "s": "opcode, funct3, rs2, imm(rs1)",
    "b": "opcode, funct3, rs1, rs2, target",
    "u": "opcode, rd, uimm",
    "j": "opcode, rd, target",
}
OTHER_NAMES = {"sb": "b", "uj": "j"}


def _slot(form: str, name: str, mode: str) -> Slot | Field:
    """Operand of a format, mode -> what reads it; a Field for the parts of the encoding that are plain numbers."""
    if name == "rs3":
        return operands.slot("rd", PARTS[name], mode)
    if name in PARTS:
        return PARTS[name]
    if name == "imm(rs1)":
        return operands.memory(fields.S_IMM if form == "s" else fields.I_IMM, mode)
    known = {
        "rd": fields.RD, "rs1": fields.RS1, "rs2": fields.RS2, "imm": fields.I_IMM, "uimm": fields.U_IMM,
        "target": fields.B_IMM if form == "b" else fields.J_IMM,
    }  # fmt: skip
    return operands.slot(name, known[name], mode)


@directive(".insn")
def _insn(asm: Assembler, text: str) -> None:
    """FORMAT OPERANDS, or the word itself."""
    if asm.mode == CISC:
        raise SourceFault(
            ".insn knows the instruction formats of the risc modes; expected a mnemonic of cisc mode, or .byte"
        )
    asm.begin_code()
    form, _, rest = text.replace("\t", " ").partition(" ")
    word = parse.literal(text)
    if word is not None:
        if not 0 <= word < 1 << 32 or word & 3 != 3:
            raise SourceFault(f"{word:#x} is no 32-bit instruction, whose two lowest bits are ones", text)
        asm.emit(word)
        return
    form = OTHER_NAMES.get(form, form)
    if form not in FORMATS:
        raise SourceFault(f"there is no instruction format '{form}'; expected one of {', '.join(FORMATS)}", form)
    texts = parse.operands(rest)
    syntax = FORMATS[form]
    if form == "i" and len(texts) == 4:
        syntax = "opcode, funct3, rd, imm(rs1)"
    names = syntax.split(", ")
    if len(texts) != len(names):
        raise SourceFault(f".insn {form} with {len(texts)} operands; expected {syntax}")
    word = 0
    for name, item in zip(names, texts, strict=True):
        slot = _slot(form, name, asm.mode)
        if isinstance(slot, Target) and slot.kind == "BRANCH":
            # Nobody knows what would be the opposite of this branch, so that it cannot be made long.
            choice, grown = asm.choose()
            if grown:
                raise SourceFault("the target of .insn b must be in this section and in reach", item)
            slot.fixup(item, asm, choice)
        else:
            word |= _number(asm, slot, name, item) if isinstance(slot, Field) else slot.encode(item, asm)
    asm.emit(word)


def _number(asm: Assembler, field: Field, name: str, item: str) -> int:
    """A part of the encoding -> its bits."""
    number = OPCODES.get(item.strip())
    if number is None or name != "opcode":
        hint = suggestion(item.strip(), OPCODES) if name == "opcode" else ""
        try:
            number = asm.constant(item, f"the {name}")
        except SourceFault as fault:
            raise SourceFault(fault.message + hint, item) from None
    if not field.fits(number):
        raise SourceFault(f"the {name} is {number}, expected 0 to {field.range[1]}", item)
    return field.set(0, number)
