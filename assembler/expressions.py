"""Expression nodes -> values. Arithmetic is that of GNU as: 64-bit integers, comparisons give -1 or 0."""

from __future__ import annotations

from collections.abc import Callable

from assembler.diagnostics import SourceFault
from assembler.nodes import Known, Modifier, Name, Node, Number, Unary
from assembler.sections import AsmSymbol, Value

_WRAP = 1 << 64


class NotConstant(SourceFault):
    """The operation needs numbers and has addresses; when all labels are known it may have numbers."""


MAX_CHAIN = 100  # .set of one name to another, and to another, ...


def _signed(value: int) -> int:
    return (value + _WRAP // 2) % _WRAP - _WRAP // 2


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise SourceFault("division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _shift_left(left: int, right: int) -> int:
    return left << right if 0 <= right < 64 else 0


def _shift_right(left: int, right: int) -> int:
    return left % _WRAP >> right if 0 <= right < 64 else 0


_UNARY: dict[str, Callable[[int], int]] = {
    "-": lambda value: -value,
    "+": lambda value: value,
    "~": lambda value: ~value,
    "!": lambda value: int(value == 0),
}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "*": lambda left, right: left * right,
    "/": _divide,
    "%": lambda left, right: left - right * _divide(left, right),
    "<<": _shift_left,
    ">>": _shift_right,
    "|": lambda left, right: left | right,
    "&": lambda left, right: left & right,
    "^": lambda left, right: left ^ right,
    "!": lambda left, right: left | ~right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "==": lambda left, right: -(left == right),
    "!=": lambda left, right: -(left != right),
    "<>": lambda left, right: -(left != right),
    "<": lambda left, right: -(left < right),
    "<=": lambda left, right: -(left <= right),
    ">": lambda left, right: -(left > right),
    ">=": lambda left, right: -(left >= right),
    "&&": lambda left, right: int(left != 0 and right != 0),
    "||": lambda left, right: int(left != 0 or right != 0),
}
_COMPARISONS = {"==", "!=", "<>", "<", "<=", ">", ">="}


def evaluate(node: Node, lookup: Callable[[str], Value], depth: int = 0) -> Value:
    """Node -> Value; `lookup` gives the value of a name. SourceFault: the operation has no meaning for addresses."""
    if isinstance(node, Number):
        return Value(number=node.value)
    if isinstance(node, Name):
        return _follow(lookup(node.text), lookup, depth)
    if isinstance(node, Known):
        return _follow(node.value, lookup, depth)
    if isinstance(node, Unary):
        value = evaluate(node.operand, lookup, depth)
        if not value.constant:
            raise NotConstant(f"operator {node.operator} needs a constant, {_describe(value)}", _name(value))
        return Value(number=_signed(_UNARY[node.operator](value.number)))
    if isinstance(node, Modifier):
        raise SourceFault(f"%{node.name} can only stand for a whole immediate operand", "%" + node.name)
    left, right = evaluate(node.left, lookup, depth), evaluate(node.right, lookup, depth)
    if left.constant and right.constant:
        return Value(number=_signed(_BINARY[node.operator](left.number, right.number)))
    if node.operator in ("+", "-"):
        return _sum(left, right, node.operator)
    if node.operator in _COMPARISONS:
        distance = _sum(left, right, "-")
        if distance.constant:
            return Value(number=_BINARY[node.operator](distance.number, 0))
    wrong = right if left.constant else left
    raise NotConstant(f"operator {node.operator} needs constants, {_describe(wrong)}", _name(wrong))


def _follow(value: Value, lookup: Callable[[str], Value], depth: int) -> Value:
    """A value -> the same with a symbol that was .set to an expression replaced by that."""
    symbol = value.plus
    if symbol is None or symbol.later is None:
        return value
    if depth > MAX_CHAIN:
        raise SourceFault(f"symbol '{symbol.name}' is defined by itself", symbol.name)
    return _sum(evaluate(symbol.later, lookup, depth + 1), Value(None, value.minus, value.number), "+")


def _sum(left: Value, right: Value, operator: str) -> Value:
    """left + right or left - right, as far as one symbol on each side can express it."""
    sign = 1 if operator == "+" else -1
    plus = [symbol for symbol in (left.plus, right.plus if sign > 0 else right.minus) if symbol]
    minus = [symbol for symbol in (left.minus, right.minus if sign > 0 else right.plus) if symbol]
    number = left.number + sign * right.number
    # Two places in one section are a known distance apart.
    for one in list(plus):
        for other in list(minus):
            if one in plus and (one is other or (one.section is not None and one.section is other.section)):
                plus.remove(one)
                minus.remove(other)
                number += one.value - other.value
    if len(plus) > 1 or len(minus) > 1:
        raise NotConstant("an expression can hold one address, or the difference of two")
    return Value(plus[0] if plus else None, minus[0] if minus else None, _signed(number))


def _culprit(value: Value) -> AsmSymbol | None:
    """The symbol that keeps a value from being a number, preferably one that is not defined."""
    symbols = [symbol for symbol in (value.plus, value.minus) if symbol is not None]
    return min(symbols, key=lambda symbol: symbol.defined, default=None)


def _name(value: Value) -> str | None:
    symbol = _culprit(value)
    return symbol.name if symbol is not None else None


def _describe(value: Value) -> str:
    symbol = _culprit(value)
    name = symbol.name if symbol is not None else value.number
    return f"'{name}' is an address" if symbol is not None and symbol.defined else f"'{name}' is not defined before it"


def distance_known(symbol: AsmSymbol, other: AsmSymbol) -> bool:
    """Whether both lie in the same part of the object, so that their distance is final."""
    if symbol.section is None or other.section is None:
        return False
    return symbol.section.output == other.section.output
