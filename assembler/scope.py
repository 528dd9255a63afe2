"""What names mean at the statement being assembled: labels, .set symbols, `.`, numeric labels."""

from __future__ import annotations

import re

from assembler import expressions, parse
from assembler.diagnostics import SourceFault
from assembler.frames import Frame
from assembler.nodes import Binary, Known, Modifier, Name, Node, Unary
from assembler.sections import Section, SymbolTable, Value

_NUMERIC_REFERENCE = re.compile(r"(\d+)([bf])")


def _numeric_name(digits: str, count: int) -> str:
    """The count-th definition of numeric label `digits` -> a name that no source can spell."""
    return f"{digits}\x02{count}"


class Scope:
    """The symbols of a source, and the place they are looked up from: statement `text` of `frame`, in `section`."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self.symbols = SymbolTable()
        self.absolute = Section("*ABS*", "abs")
        self.numeric: dict[str, int] = {}  # how often each numeric label has been defined
        self.frame = Frame("", (), iter(()))
        self.text = ""

    def label(self, name: str) -> None:
        """Defines a label here; digits make a numeric label, which may be defined again and again."""
        section = self.absolute if self.section.kind == "abs" else self.section
        if name.isdigit():
            self.numeric[name] = self.numeric.get(name, 0) + 1
            name = _numeric_name(name, self.numeric[name])
        self.symbols.define(name, section, self.section.offset)

    def assign(self, name: str, value: Value | Node) -> None:
        """.set NAME, VALUE. SourceFault: the name is a label."""
        symbol = self.symbols[name]
        if symbol.defined and not symbol.assigned:
            raise SourceFault(f"symbol '{name}' is already defined as a label", name)
        symbol.assigned = True
        symbol.later = None
        if not isinstance(value, Value):
            symbol.section, symbol.later = None, value
            symbol.origin = (self.frame, self.frame.line, self.text)
        elif value.constant:
            symbol.section, symbol.value = self.absolute, value.number
        elif value.minus is None and value.plus is not None and value.plus.section is not None:
            symbol.section, symbol.value = value.plus.section, value.plus.value + value.number
        else:
            raise SourceFault(f"the value of '{name}' is neither a constant nor an address of this source", name)

    def lookup(self, name: str) -> Value:
        """Name in an expression -> its value, as far as it is known here."""
        if name == ".":
            return self.here()
        reference = _NUMERIC_REFERENCE.fullmatch(name)
        if reference:
            count = self.numeric.get(reference[1], 0) + (reference[2] == "f")
            if count == 0:
                raise SourceFault(f"there is no label {reference[1]}: before this line", name)
            symbol = self.symbols[_numeric_name(reference[1], count)]
        else:
            symbol = self.symbols[name]
        if symbol.section is self.absolute:
            return Value(number=symbol.value)
        if symbol.section is not None and symbol.assigned:
            return Value(symbol.section.start, None, symbol.value)  # it may be set to something else later
        return Value(symbol)

    def here(self) -> Value:
        """-> the value of `.`"""
        if self.section.kind == "abs":
            return Value(number=self.section.offset)
        return Value(self.section.start, None, self.section.offset)

    def evaluate(self, node: Node) -> Value:
        """Expression -> value as far as it is known here."""
        return expressions.evaluate(node, self.lookup)

    def value(self, text: str) -> Value:
        """Text of an expression -> value as far as it is known here."""
        return expressions.evaluate(parse.expression(text), self.lookup)

    def constant(self, text: str, what: str) -> int:
        """Text of an expression that must be known here -> number. SourceFault: it is not; `what` names it."""
        value = self.value(text)
        if not value.constant:
            symbol = value.plus or value.minus
            name = symbol.name if symbol is not None else text.strip()
            raise SourceFault(f"{what} must be a number that is known here, '{name}' is not", text)
        return value.number

    def freeze(self, node: Node) -> Node:
        """Expression -> the same with all that can change later replaced by what it is now: `.`, 1b, .set symbols."""
        if isinstance(node, Unary):
            return Unary(node.operator, self.freeze(node.operand))
        if isinstance(node, Binary):
            return Binary(node.operator, self.freeze(node.left), self.freeze(node.right))
        if isinstance(node, Modifier):
            return Modifier(node.name, self.freeze(node.operand))
        if isinstance(node, Name):
            value = self.lookup(node.text)
            if value.plus is not None and not value.plus.defined:
                return Name(value.plus.name)  # looked up again when it is known
            return Known(value)
        return node
