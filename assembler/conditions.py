"""Conditional assembly: .if and its relatives, .else, .elseif, .endif."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assembler.diagnostics import SourceFault
from assembler.directives import directive, symbol_names
from assembler.frames import Condition

if TYPE_CHECKING:
    from assembler.assembly import Assembler

Test = Callable[["Assembler", str], bool]


def _compare(holds: Callable[[int], bool]) -> Test:
    return lambda asm, text: holds(asm.constant(text, "the condition"))


def _is_defined(asm: Assembler, text: str) -> bool:
    name = symbol_names(text)[0]
    return name in asm.symbols and (asm.symbols[name].defined or asm.symbols[name].common is not None)


def _same(asm: Assembler, text: str) -> bool:
    parts = [part.strip() for part in text.split(",", 1)]
    if len(parts) != 2:
        raise SourceFault("expected two texts with a comma between them", text or None)
    return parts[0].strip('"') == parts[1].strip('"')


def _negated(test: Test) -> Test:
    return lambda asm, text: not test(asm, text)


_TESTS: dict[str, Test] = {
    ".if": _compare(lambda value: value != 0),
    ".ifne": _compare(lambda value: value != 0),
    ".ifeq": _compare(lambda value: value == 0),
    ".ifge": _compare(lambda value: value >= 0),
    ".ifgt": _compare(lambda value: value > 0),
    ".ifle": _compare(lambda value: value <= 0),
    ".iflt": _compare(lambda value: value < 0),
    ".ifdef": _is_defined,
    ".ifndef": _negated(_is_defined),
    ".ifnotdef": _negated(_is_defined),
    ".ifb": lambda asm, text: not text.strip(),
    ".ifnb": lambda asm, text: bool(text.strip()),
    ".ifc": _same,
    ".ifeqs": _same,
    ".ifnc": _negated(_same),
    ".ifnes": _negated(_same),
}


def _begin(test: Test) -> Callable[[Assembler, str], None]:
    def run(asm: Assembler, text: str) -> None:
        asm.frame.conditions.append(Condition(asm.frame.line, asm.text))
        if not _holds(asm, test, text):
            _skip(asm, may_enter=True)

    return run


def _holds(asm: Assembler, test: Test, text: str) -> bool:
    """Whether the condition holds; one with a fault, which is reported, does not, so that its .endif is found."""
    try:
        return test(asm, text)
    except SourceFault as fault:
        asm.report(fault)
        return False


for _name, _test in _TESTS.items():
    directive(_name, always=True)(_begin(_test))


def _skip(asm: Assembler, may_enter: bool) -> None:
    """Passes over statements to the .endif of the innermost .if; `may_enter`: or to an .else that holds."""
    depth = 0
    frame = asm.frame
    for statement in frame.statements:
        word = statement.text.split(None, 1)[0].lower()
        rest = statement.text[len(word) :].strip()
        if word in _TESTS:
            depth += 1
        elif word == ".endif":
            if depth == 0:
                frame.conditions.pop()
                return
            depth -= 1
        elif depth == 0 and word in (".else", ".elseif"):
            frame.line, asm.text = statement.line, statement.text
            _check_order(asm, word)
            if may_enter and (word == ".else" or _holds(asm, _TESTS[".if"], rest)):
                return


def _check_order(asm: Assembler, word: str) -> None:
    """Nothing but .endif may follow an .else."""
    conditions = asm.frame.conditions
    if not conditions:
        raise SourceFault(f"{word} without an .if before it", word)
    if conditions[-1].else_met:
        raise SourceFault(f"{word} after .else; expected .endif", word)
    conditions[-1].else_met = word == ".else"


@directive(".else .elseif", always=True)
def _else(asm: Assembler, text: str) -> None:
    """The branch above was taken: the rest is not."""
    _check_order(asm, asm.text.split(None, 1)[0].lower())
    _skip(asm, may_enter=False)


@directive(".endif", always=True)
def _endif(asm: Assembler, text: str) -> None:
    if not asm.frame.conditions:
        raise SourceFault(".endif without an .if before it")
    asm.frame.conditions.pop()
