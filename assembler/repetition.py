"""Directives that define macros and repeat statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assembler import macros
from assembler.diagnostics import SourceFault
from assembler.directives import directive, symbol_names
from assembler.nodes import Statement

if TYPE_CHECKING:
    from assembler.assembly import Assembler


@directive(".macro", always=True)
def _macro(asm: Assembler, text: str) -> None:
    frame = asm.frame
    opening = frame.line
    try:
        name, parameters = macros.define(text)
    finally:
        body = _body(asm, ".macro", opening)
    if name in asm.macros:
        raise SourceFault(f"macro '{name}' is already defined; .purgem removes it", name)
    asm.macros[name] = macros.Macro(name, parameters, body, frame.file, frame.sources)
    if name in asm.forms:
        # A macro hides the instruction of its name, also in statements that were met before.
        del asm.forms[name]
        asm.code.clear()


def _body(asm: Assembler, opening: str, line: int) -> list[Statement]:
    """Reads a block to its end; a missing end is reported at the line that opened it."""
    try:
        return macros.collect(asm.frame.statements, opening)
    except SourceFault:
        asm.frame.line = line
        raise


@directive(".endm .endmacro", always=True)
def _endm(asm: Assembler, text: str) -> None:
    raise SourceFault(".endm without a .macro before it")


@directive(".endr", always=True)
def _endr(asm: Assembler, text: str) -> None:
    raise SourceFault(".endr without .rept, .irp or .irpc before it")


@directive(".purgem", always=True)
def _purgem(asm: Assembler, text: str) -> None:
    for name in symbol_names(text):
        if asm.macros.pop(name, None) is None:
            raise SourceFault(f"there is no macro '{name}'", name)
        asm.restore_instruction(name)


@directive(".exitm", always=True)
def _exitm(asm: Assembler, text: str) -> None:
    asm.leave_macro()


@directive(".rept", always=True)
def _rept(asm: Assembler, text: str) -> None:
    opening = asm.frame.line
    try:
        count = asm.constant(text, "the number of repetitions")
    finally:
        body = _body(asm, ".rept", opening)
    if count < 0:
        raise SourceFault(f"cannot repeat {count} times; expected 0 or more", text)
    asm.repeat((statement for _ in range(count) for statement in body), "in the repetition")


@directive(".irp", always=True)
def _irp(asm: Assembler, text: str) -> None:
    _irp_over(asm, text, ".irp")


@directive(".irpc", always=True)
def _irpc(asm: Assembler, text: str) -> None:
    _irp_over(asm, text, ".irpc")


def _irp_over(asm: Assembler, text: str, name: str) -> None:
    """SYMBOL, VALUES: the body once for each value (.irp) or each character (.irpc)."""
    opening = asm.frame.line
    parts = text.replace(",", " ", 1).split(None, 1)
    body = _body(asm, name, opening)
    if not parts:
        raise SourceFault("expected the name that stands for each value in turn")
    rest = parts[1] if len(parts) > 1 else ""
    values = macros.arguments(rest) if name == ".irp" else list(rest.strip().strip('"'))

    def rounds() -> Iterator[Statement]:
        for value in values or [""]:
            yield from macros.expand(body, {parts[0]: value}, asm.macro_uses)

    asm.repeat(rounds(), "in the repetition")
