"""The mnemonics of cisc mode: one form for each row of vm/isa/cisc.py, one for each branch that leaves its reach to the
assembler (beql for beql.s and beql.l), and those of the common assembly (common.py)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from assembler import common_forms
from assembler.cisc_operands import Piece, Slot, slot
from assembler.operands import NotPlain
from assembler.sections import FIXED
from vm.isa.cisc import ROWS, Row
from vm.isa.cisc_codec import by_name

if TYPE_CHECKING:
    from assembler.assembly import Assembler
    from assembler.instructions import Form, Forms

SHORT, LONG = ".s", ".l"  # what the names of branches end with
NOP = bytes([by_name()["nop"].opcode])


def padding(count: int) -> bytes:
    """Number of bytes -> so many nops."""
    return NOP * count


class Native:
    """An instruction of the table; `longer`: the row for when its branch proves too short."""

    def __init__(self, row: Row, longer: Row | None = None) -> None:
        self.rows = (row, longer or row)
        self.can_grow = longer is not None
        self.syntax = row.syntax
        self.opcode = bytes([row.opcode])
        self.ways: tuple[tuple[Slot, ...], ...] = tuple(
            tuple(slot(each.name, each.access, each.width) for each in way.operands) for way in self.rows
        )
        self.slots: Any = self.ways[0]  # of another kind than those of the RISC modes
        self.symbolic = any(each.symbolic for each in self.slots)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        if self.symbolic:
            return None
        try:
            return self.opcode + b"".join([each[text] for each, text in zip(self.slots, texts, strict=True)])
        except NotPlain:
            return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        choice, grown = asm.choose() if self.can_grow else (FIXED, 0)
        way = min(grown, 1)
        # All operands are read before the first byte is put out: `.` is the beginning of the instruction.
        pieces = [each.piece(text, asm) for each, text in zip(self.ways[way], texts, strict=True)]
        asm.emit_bytes(bytes([self.rows[way].opcode]))
        for each, found in zip(self.ways[way], pieces, strict=True):
            put(found, choice if each.symbolic and not grown else found.choice, asm)


def put(piece: Piece, choice: int, asm: Assembler) -> None:
    """Appends the bytes of an operand, and its fixup if it has one."""
    if piece.kind:
        asm.emit_bytes(piece.code[: piece.at])
        asm.fixup(piece.kind, piece.value, piece.text, choice)
        asm.emit_bytes(piece.code[piece.at :])
    else:
        asm.emit_bytes(piece.code)


def _native() -> dict[str, Native]:
    """-> the forms by mnemonic."""
    rows = by_name()
    found = {row.name: Native(row) for row in ROWS}
    for row in ROWS:
        if row.name.endswith(SHORT):
            name = row.name.removesuffix(SHORT)
            found[name] = Native(row, rows[name + LONG])
    return found


@cache
def forms() -> Forms:
    """-> all forms by mnemonic and number of operands. The result is shared: copy it before changing it."""
    native = _native()
    table: dict[str, dict[int, tuple[Form, ...]]] = {name: {len(form.slots): (form,)} for name, form in native.items()}
    for name, count, form in common_forms.forms(native):
        table.setdefault(name, {})[count] = (form,)  # says what the row of the same name says, and more
    return table
