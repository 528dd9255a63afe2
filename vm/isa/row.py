"""One row an instruction: a line of a table -> a checked Row that drives encoder, decoder, text and engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vm.isa.fields import (
    AQRL,
    B_IMM,
    CSR,
    FM,
    I_IMM,
    J_IMM,
    PRED,
    RD,
    RS1,
    RS2,
    S_IMM,
    SHAMT,
    SUCC,
    U_IMM,
    ZIMM,
    Field,
)

COSTS = ("alu", "shift", "mul", "div", "load", "store", "branch", "jump", "amo", "csr", "system", "fence",
         "dump", "window")  # fmt: skip

# What the operand names of a syntax template mean, by instruction format.
FORMATS: dict[str, dict[str, Field]] = {
    "R": {"rd": RD, "rs1": RS1, "rs2": RS2},
    "I": {"rd": RD, "rs1": RS1, "imm": I_IMM},
    "shift": {"rd": RD, "rs1": RS1, "shamt": SHAMT},
    "S": {"rs1": RS1, "rs2": RS2, "imm": S_IMM},
    "B": {"rs1": RS1, "rs2": RS2, "target": B_IMM},
    "U": {"rd": RD, "uimm": U_IMM},
    "J": {"rd": RD, "target": J_IMM},
    "A": {"rd": RD, "rs1": RS1, "rs2": RS2, "aqrl": AQRL},
    "LR": {"rd": RD, "rs1": RS1, "aqrl": AQRL},
    "csr": {"rd": RD, "rs1": RS1, "csr": CSR},
    "csri": {"rd": RD, "zimm": ZIMM, "csr": CSR},
    "fence": {"pred": PRED, "succ": SUCC, "fm": FM, "rd": RD, "rs1": RS1},
    "sfence": {"rs1": RS1, "rs2": RS2},
    "window": {"imm": I_IMM},
    "base": {"rs1": RS1},
    "none": {},
}
IMMEDIATES = ("imm", "shamt", "uimm", "target", "zimm")
OPERAND_NAME = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """An instruction. `operands` maps every operand name to its Field; those that `syntax` does not write (the aq/rl
    suffix, the reserved bits of fence) are in `unwritten`. mask and match: word & mask == match recognises it."""

    name: str
    mask: int
    match: int
    syntax: str
    micro: str
    cost: str
    ext: str
    doc: str
    operands: Mapping[str, Field]
    written: tuple[str, ...]
    unwritten: tuple[str, ...]

    @property
    def imm(self) -> Field | None:
        """-> the field that supplies the immediate (displacement, shift amount, zimm), or None."""
        for name in IMMEDIATES:
            if name in self.written:
                return self.operands[name]
        return None

    @property
    def writes_rd(self) -> bool:
        return "rd" in self.written

    @property
    def reads_rs1(self) -> bool:
        return "rs1" in self.written

    @property
    def reads_rs2(self) -> bool:
        return "rs2" in self.written


def row(name: str, form: str, bits: str, syntax: str, cost: str, ext: str, doc: str) -> Row:
    """A table line -> Row. `bits` shows the word from bit 31 down: 0 and 1 as they must be, a dot in an operand.

    ValueError: a bit that is neither fixed nor part of exactly one operand, or a name that the format does not have.
    """
    pattern = bits.replace(" ", "")
    if len(pattern) != 32 or set(pattern) - set("01."):
        raise ValueError(f"{name}: the pattern must show 32 bits, it shows {len(pattern)}: {bits}")
    mask = int(pattern.replace("0", "1").replace(".", "0"), 2)
    match = int(pattern.replace(".", "0"), 2)
    operands = FORMATS[form]
    covered = mask
    for field in operands.values():
        if covered & field.mask:
            raise ValueError(f"{name}: operand {field.name} overlaps other bits")
        covered |= field.mask
    if covered != 0xFFFF_FFFF:
        raise ValueError(f"{name}: bits {covered ^ 0xFFFF_FFFF:#010x} belong to no operand")
    if cost not in COSTS:
        raise ValueError(f"{name}: no cost class {cost}")
    written = tuple(OPERAND_NAME.findall(syntax))
    missing = [word for word in written if word not in operands]
    if missing:
        raise ValueError(f"{name}: format {form} has no operand {missing[0]}")
    unwritten = tuple(word for word in operands if word not in written)
    return Row(name, mask, match, syntax, name.replace(".", "_"), cost, ext, doc, operands, written, unwritten)
