"""The rows -> docs/isa.md, the reference of all instructions. `python -m vm.isa.reference` prints it.

A test compares the file with what this makes of the rows, so that it cannot grow old.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vm.isa import codec
from vm.isa.aliases import ALIASES, Alias
from vm.isa.row import IMMEDIATES, Row
from vm.isa.rv32c import BITS as SHORT_BITS
from vm.isa.rv32c import ROWS as SHORT_ROWS
from vm.isa.rv32c import ShortRow, with_constants
from vm.isa.text import operand_text

EXTENSIONS = {
    "I": "RV32I: base integer instructions",
    "M": "RV32M: multiplication and division",
    "A": "RV32A: atomic memory operations",
    "Zicsr": "Zicsr: control and status registers",
    "Zifencei": "Zifencei: instruction fetch fence",
    "S": "Privileged instructions",
    "Xdump": "Xdump: all registers to or from memory (not a standard extension)",
    "Xwin": "Xwin: register windows (window mode only)",
}

INTRODUCTION = """\
# Instruction reference

Generated from the rows in `vm/isa` by `python -m vm.isa.reference`; do not edit. One row drives the encoder, the
decoder, the assembler, the disassembler and the engine.

Encodings are shown from bit 31 down. `0` and `1` are fixed; a letter stands for a bit of an operand: `d` rd, `s` rs1,
`t` rs2, `i` immediate, `c` CSR number, `z` 5-bit immediate, `a` aq and rl, `p` predecessor set, `q` successor set,
`f` fm. `-` is a reserved bit that is ignored. The order of the bits of an immediate is in `vm/isa/fields.py`. *Class*
is the instruction's cost class.
"""

COMPRESSED = """\
Only of machines with `--isa rv32imac`. Each does what an instruction of 32 bits does, but that a jump leaves the
address two bytes behind itself. Encodings are shown from bit 15 down; where `d`, `s` or `t` stand for three bits, these
choose one of x8 to x15. The first row that fits counts; where none does, the instruction is illegal, and those of F and
D are. What computes something for x0 is a hint and does nothing."""

OTHER_NAMES = """\
One instruction with some operands fixed. What becomes two, such as `la` and `call`, is in `assembler/pseudo.py`."""

LETTERS = {
    "rd": "d", "rs1": "s", "rs2": "t", "imm": "i", "target": "i", "uimm": "i", "shamt": "i",
    "csr": "c", "zimm": "z", "aqrl": "a", "pred": "p", "succ": "q", "fm": "f",
}  # fmt: skip
SHORT_GAPS = (13, 2)
GAPS = (25, 20, 15, 12, 7)  # a blank is shown before these bits' right neighbours: the borders of the R format


def encoding(row: Row) -> str:
    """Row -> its 32 bits with letters for operands."""
    bits = ["-"] * 32
    for position in range(32):
        if row.mask >> position & 1:
            bits[position] = str(row.match >> position & 1)
    for name, field in row.operands.items():
        if name in row.written or name in ("aqrl", "fm"):
            for word_lsb, width, _ in field.pieces:
                bits[word_lsb : word_lsb + width] = LETTERS[name] * width
    return "".join(bit + (" " if position in GAPS else "") for position, bit in reversed(list(enumerate(bits))))


def short_encoding(row: ShortRow) -> str:
    """Row -> its 16 bits with letters for operands, a blank behind funct3 and before the quadrant."""
    bits = [str(row.match >> position & 1) for position in range(SHORT_BITS)]
    for name in ("rs2", "rs1", "rd", *IMMEDIATES):
        field = row.operands.get(name)
        for lsb, width, _ in field.pieces if field else ():
            bits[lsb : lsb + width] = LETTERS[name] * width
    return "".join(bit + (" " if position in SHORT_GAPS else "") for position, bit in reversed(list(enumerate(bits))))


def _short_table() -> Iterator[str]:
    yield "| instruction | encoding | means |"
    yield "|---|---|---|"
    for row in SHORT_ROWS:
        nonzero = [name for name, field in row.operands.items() if row.not_zero and field.mask == row.not_zero]
        marked = f"; {nonzero[0]} is not 0" if nonzero else ""
        written = " ".join([row.name, *with_constants(row.syntax, row.operands).split()])
        yield f"| `{written}` | `{short_encoding(row)}` | `{row.doc}`{marked} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows_table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| instruction | encoding | class | meaning |"
    yield "|---|---|---|---|"
    for row in rows:
        written = f"{row.name} {row.syntax}".strip()
        yield f"| `{written}` | `{encoding(row)}` | {row.cost} | {_cell(row.doc)} |"


def _meaning(alias: Alias) -> str:
    """Alias -> the instruction it stands for, with the fixed operands filled in."""
    row = codec.by_name()[alias.row]
    text = row.syntax
    for name, value in alias.fixed.items():
        shown = f"x{value}" if name.startswith("r") else operand_text(name, value)
        text = ", ".join(part.replace(name, shown) if name in part else part for part in text.split(", "))
    return f"{row.name} {text}".strip()


def reference() -> str:
    """-> the whole text of docs/isa.md."""
    lines = [INTRODUCTION]
    for extension, title in EXTENSIONS.items():
        lines += [f"## {title}", "", *_rows_table(row for row in codec.rows("window") if row.ext == extension), ""]
    lines += ["## RV32C: compressed instructions", "", COMPRESSED, "", *_short_table(), ""]
    lines += ["## Other names", "", OTHER_NAMES, "", "| written | means |", "|---|---|"]
    lines += [f"| `{f'{alias.name} {alias.syntax}'.strip()}` | `{_meaning(alias)}` |" for alias in ALIASES]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
