"""Other names for one instruction with some operands fixed: a table that assembler and disassembler share.

Pseudo-instructions that expand to more than one instruction are the assembler's business (assembler/pseudo.py).
Source: RISC-V ISA Manual, Volume I, "RISC-V Assembly Programmer's Handbook", tables of pseudoinstructions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from vm.isa import codec
from vm.isa.row import OPERAND_NAME, Row

RA = 1
IORW = 15
RW = 3


class Alias(NamedTuple):
    """`name` with the operands of `syntax` is the instruction `row` with the operands in `fixed` added.

    shown: the disassembler prints it. Of several that fit a word, the first in the table is printed.
    """

    name: str
    syntax: str
    row: str
    fixed: Mapping[str, int] = {}
    shown: bool = True

    @property
    def written(self) -> tuple[str, ...]:
        """-> names of the operands that stand in the text."""
        return tuple(OPERAND_NAME.findall(self.syntax))


ALIASES: tuple[Alias, ...] = (
    Alias("nop", "", "addi", {"rd": 0, "rs1": 0, "imm": 0}),
    Alias("li", "rd, imm", "addi", {"rs1": 0}),
    Alias("mv", "rd, rs1", "addi", {"imm": 0}),
    Alias("move", "rd, rs1", "addi", {"imm": 0}, shown=False),
    Alias("not", "rd, rs1", "xori", {"imm": -1}),
    Alias("neg", "rd, rs2", "sub", {"rs1": 0}),
    Alias("seqz", "rd, rs1", "sltiu", {"imm": 1}),
    Alias("snez", "rd, rs2", "sltu", {"rs1": 0}),
    Alias("sltz", "rd, rs1", "slt", {"rs2": 0}),
    Alias("sgtz", "rd, rs2", "slt", {"rs1": 0}),
    Alias("zext.b", "rd, rs1", "andi", {"imm": 255}),
    Alias("sgt", "rd, rs2, rs1", "slt", shown=False),
    Alias("sgtu", "rd, rs2, rs1", "sltu", shown=False),
    # Branches against zero, and with the operands the other way round.
    Alias("beqz", "rs1, target", "beq", {"rs2": 0}),
    Alias("bnez", "rs1, target", "bne", {"rs2": 0}),
    Alias("blez", "rs2, target", "bge", {"rs1": 0}),
    Alias("bgez", "rs1, target", "bge", {"rs2": 0}),
    Alias("bltz", "rs1, target", "blt", {"rs2": 0}),
    Alias("bgtz", "rs2, target", "blt", {"rs1": 0}),
    Alias("bgt", "rs2, rs1, target", "blt", shown=False),
    Alias("ble", "rs2, rs1, target", "bge", shown=False),
    Alias("bgtu", "rs2, rs1, target", "bltu", shown=False),
    Alias("bleu", "rs2, rs1, target", "bgeu", shown=False),
    # Jumps.
    Alias("j", "target", "jal", {"rd": 0}),
    Alias("jal", "target", "jal", {"rd": RA}),
    Alias("ret", "", "jalr", {"rd": 0, "rs1": RA, "imm": 0}),
    Alias("jr", "rs1", "jalr", {"rd": 0, "imm": 0}),
    Alias("jr", "imm(rs1)", "jalr", {"rd": 0}),
    Alias("jr", "rs1, imm", "jalr", {"rd": 0}, shown=False),
    Alias("jalr", "rs1", "jalr", {"rd": RA, "imm": 0}),
    Alias("jalr", "imm(rs1)", "jalr", {"rd": RA}),
    Alias("jalr", "rd, rs1", "jalr", {"imm": 0}),
    Alias("jalr", "rd, rs1, imm", "jalr", shown=False),
    # An immediate as the last operand of a register form.
    *(
        Alias(name, "rd, rs1, imm", immediate, shown=False)
        for name, immediate in (
            ("add", "addi"), ("and", "andi"), ("or", "ori"), ("xor", "xori"), ("slt", "slti"), ("sltu", "sltiu"),
        )
    ),
    *(Alias(name, "rd, rs1, shamt", name + "i", shown=False) for name in ("sll", "srl", "sra")),
    # CSRs.
    Alias("unimp", "", "csrrw", {"rd": 0, "csr": 0xC00, "rs1": 0}),
    Alias("rdcycle", "rd", "csrrs", {"csr": 0xC00, "rs1": 0}),
    Alias("rdtime", "rd", "csrrs", {"csr": 0xC01, "rs1": 0}),
    Alias("rdinstret", "rd", "csrrs", {"csr": 0xC02, "rs1": 0}),
    Alias("rdcycleh", "rd", "csrrs", {"csr": 0xC80, "rs1": 0}),
    Alias("rdtimeh", "rd", "csrrs", {"csr": 0xC81, "rs1": 0}),
    Alias("rdinstreth", "rd", "csrrs", {"csr": 0xC82, "rs1": 0}),
    Alias("csrr", "rd, csr", "csrrs", {"rs1": 0}),
    *(Alias(f"csr{letter}", "csr, rs1", f"csrr{letter}", {"rd": 0}) for letter in "wsc"),
    *(Alias(f"csr{letter}i", "csr, zimm", f"csrr{letter}i", {"rd": 0}) for letter in "wsc"),
    *(Alias(f"csr{letter}", "csr, zimm", f"csrr{letter}i", {"rd": 0}, shown=False) for letter in "wsc"),
    *(Alias(f"csrr{letter}", "rd, csr, zimm", f"csrr{letter}i", shown=False) for letter in "wsc"),
    # Fences.
    Alias("fence", "", "fence", {"pred": IORW, "succ": IORW}),
    Alias("fence.tso", "", "fence", {"pred": RW, "succ": RW, "fm": 8}),
    Alias("pause", "", "fence", {"pred": 1, "succ": 0}, shown=False),
    Alias("sfence.vma", "", "sfence.vma", {"rs1": 0, "rs2": 0}),
    Alias("sfence.vma", "rs1", "sfence.vma", {"rs2": 0}),
    Alias("sbreak", "", "ebreak", shown=False),
    Alias("scall", "", "ecall", shown=False),
)  # fmt: skip


@cache
def shown_for(mode: str = "risc") -> Mapping[Row, tuple[Alias, ...]]:
    """Mode -> the aliases to print, by row, in the order in which they are to be tried."""
    by_row: dict[Row, list[Alias]] = {}
    for alias in ALIASES:
        if alias.shown:
            by_row.setdefault(codec.by_name(mode)[alias.row], []).append(alias)
    return {row: tuple(found) for row, found in by_row.items()}


def fitting(row: Row, operands: Mapping[str, int], mode: str = "risc") -> Iterator[Alias]:
    """Row and its operands -> the aliases that mean exactly that, best first."""
    for alias in shown_for(mode).get(row, ()):
        if all(operands[name] == value for name, value in alias.fixed.items()):
            rest = [name for name in row.operands if name not in alias.fixed and name not in alias.written]
            if not any(operands[name] for name in rest):
                yield alias
