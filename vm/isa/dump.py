"""Xdump, for both RISC modes: all registers to or from memory in one instruction, in the opcode custom-0.

Word n of the block that rs1 points at is register xn; word 0 is neither read nor written. The address must be a
multiple of 4. Both ends of the block are translated before anything happens, so a fault changes nothing."""

from vm.isa.row import Row, row

ROWS: tuple[Row, ...] = (
    row("xdump", "base", "000000000000 ..... 100 00000 0001011", "(rs1)", "dump", "Xdump",
        "words at rs1 + 4 to rs1 + 124 = x1 to x31"),
    row("xload", "base", "000000000000 ..... 101 00000 0001011", "(rs1)", "dump", "Xdump",
        "x1 to x31 = words at rs1 + 4 to rs1 + 124, rs1 itself among them"),
)  # fmt: skip
