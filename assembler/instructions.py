"""Mnemonics: the rows of vm/isa and their aliases -> forms that read operands and put words into a section."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from assembler import operands
from assembler.diagnostics import SourceFault
from assembler.operands import NotPlain, Slot, Target
from vm.isa import aliases, codec, fields
from vm.isa.row import Row
from vm.isa.text import ORDERING

if TYPE_CHECKING:
    from assembler.assembly import Assembler

INVERT = 1 << 12  # funct3 bit that turns a condition of a branch into its opposite
LONG_BRANCH = 8  # bytes of an inverted branch over a jal


class Form(Protocol):
    """One way to write a mnemonic: the operands it takes, and what it puts into the section."""

    syntax: str

    @property
    def slots(self) -> Sequence[Slot]:
        """-> what reads each operand, in order."""

    def plain(self, texts: Sequence[str]) -> bytes | None:
        """Operand texts -> the code, where that follows from the texts alone; otherwise None."""

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        """Appends the code and its fixups. SourceFault: an operand is wrong."""


Forms = dict[str, dict[int, tuple[Form, ...]]]  # by mnemonic and number of operands


class Single:
    """A form that is one instruction: `match` has the row's bits and those of the operands that are fixed."""

    def __init__(self, row: Row, syntax: str, match: int, mode: str) -> None:
        self.syntax = syntax
        self.match = match
        self.slots = tuple(_slot(row, operand.strip(), mode) for operand in syntax.split(",")) if syntax else ()
        self.symbolic = any(slot.symbolic for slot in self.slots)
        self.branch = any(isinstance(slot, Target) and slot.kind == "BRANCH" for slot in self.slots)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        if self.symbolic:
            return None
        word = self.match
        try:
            for slot, text in zip(self.slots, texts, strict=True):
                word |= slot[text]
        except NotPlain:
            return None
        return word.to_bytes(4, "little")

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        word = self.match
        if self.branch:
            self._emit_branch(texts, asm)
            return
        for slot, text in zip(self.slots, texts, strict=True):
            word |= slot.encode(text, asm)
        asm.emit(word)

    def _emit_branch(self, texts: Sequence[str], asm: Assembler) -> None:
        """A conditional branch: long if it has proved too short, the opposite branch over a jal to the target."""
        word = self.match
        *sources, target = self.slots
        for slot, text in zip(sources, texts, strict=False):
            word |= slot.encode(text, asm)
        choice, grown = asm.choose()
        if grown:
            asm.emit(fields.B_IMM.set(word ^ INVERT, LONG_BRANCH))
            word = codec.by_name(asm.mode)["jal"].match | Target("JAL").encode(texts[-1], asm)
        else:
            assert isinstance(target, Target)
            target.fixup(texts[-1], asm, choice)
        asm.emit(word)


def _slot(row: Row, operand: str, mode: str) -> Slot:
    """One operand of a syntax template, such as "rd" or "imm(rs1)" -> its slot."""
    if operand == "(rs1)":
        return operands.memory(None, mode)
    if operand == "imm(rs1)":
        return operands.memory(row.operands["imm"], mode)
    return operands.slot(operand, row.operands[operand], mode)


@cache
def forms(mode: str) -> Forms:
    """Mode -> all forms of all mnemonics, those that are most like the hardware first. The result is shared: copy it
    before changing it."""
    from assembler import pseudo

    table: dict[str, dict[int, list[Form]]] = {}

    def add(name: str, form: Form) -> None:
        table.setdefault(name, {}).setdefault(len(form.slots), []).append(form)

    for row in codec.rows(mode):
        if "aqrl" in row.operands:
            for value, ordering in enumerate(ORDERING):
                name = f"{row.name}.{ordering}" if ordering else row.name
                add(name, Single(row, row.syntax, row.operands["aqrl"].set(row.match, value), mode))
        else:
            add(row.name, Single(row, row.syntax, row.match, mode))
    for name, form in pseudo.expansions(mode):
        add(name, form)
    for alias in aliases.ALIASES:
        if alias.name in pseudo.REPLACED:
            continue
        row = codec.by_name(mode)[alias.row]
        match = row.match
        for operand, value in alias.fixed.items():
            match = row.operands[operand].set(match, value)
        add(alias.name, Single(row, alias.syntax, match, mode))
    return {name: {count: tuple(found) for count, found in by_count.items()} for name, by_count in table.items()}


def choose(name: str, by_count: dict[int, tuple[Form, ...]], texts: Sequence[str]) -> Form:
    """The forms of a mnemonic and the operand texts -> the form that fits them, or the one that comes nearest."""
    candidates = by_count.get(len(texts))
    if candidates is None:
        ways = [form.syntax for found in by_count.values() for form in found]
        described = " or ".join(f"'{name} {way}'" if way else f"'{name}' alone" for way in ways[:3])
        counts = f"{len(texts)} operand" + ("s" if len(texts) != 1 else "")
        raise SourceFault(f"{name} with {counts}; expected {described}")

    if len(candidates) == 1:
        return candidates[0]

    def fits(form: Form) -> int:
        return sum(slot.accepts(text) for slot, text in zip(form.slots, texts, strict=True))

    return max(candidates, key=fits)
