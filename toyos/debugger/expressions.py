"""Text in the manner of C -> a value: numbers, symbols, $registers, *memory, casts and C's operators.

    evaluate(session, "*(int *)($sp + 4) == 3 && pcb(3).state != 2")

A symbol of a procedure stands for its address, one of data for the word that lies there (&name: its address), one set
by .equ for its value. pcb(PID) and pcb (the current process) have the fields of pcb.inc: pcb(3).state.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from toyos.debugger import scope
from toyos.debugger.replies import Refused
from toyos.debugger.values import INT, TYPES, UNSIGNED, Type, Value

if TYPE_CHECKING:
    from toyos.debugger.session import Session

Node = Callable[["Session"], Value]
_TOKENS = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?P<suffix>[uUlL]*)(?![\w.])"
    r"|(?P<character>'(?:\\.|[^'\\])')|(?P<register>\$[\w$]*)|(?P<name>[A-Za-z_][\w$]*)"
    r"|(?P<sign><<|>>|<=|>=|==|!=|&&|\|\||->|[-+*/%&|^~!<>()\[\]?:.,]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", "<=", ">", ">="), ("<<", ">>"), ("+", "-"),
    ("*", "/", "%"),
)  # fmt: skip
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "e": 27}
_UNARY = "-+~!*&"
TOO_DEEP = "an expression of too many operations: expected some hundred at most"


class Token(NamedTuple):
    """kind: number, character, register, name, sign or end."""

    kind: str
    text: str
    at: int


def evaluate(session: Session, text: str) -> Value:
    """Text -> what it is worth now. Raises Refused for what cannot be read, or has no value."""
    try:
        return parse(text)(session)
    except RecursionError:
        raise Refused(TOO_DEEP) from None


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """Text -> what computes its value. Raises Refused."""
    parser = _Parser(text)
    try:
        node = parser.ternary()
    except RecursionError:
        raise Refused(TOO_DEEP) from None
    parser.expect("")
    return node


def tokens(text: str) -> list[Token]:
    """Text -> its words. Raises Refused for a letter that belongs to none."""
    found, at = [], 0
    while text[at:].strip():
        match = _TOKENS.match(text, at)
        if match is None or match.end() == at:
            word = text[at:].split()[0]
            raise Refused(f"{word!r} has no place in an expression: {text.strip()!r}")
        kind = match.lastgroup if match.lastgroup != "suffix" else "number"
        assert kind is not None
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*found, Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, tokens(text), 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> Token | None:
        """-> the next word if it is one of these signs."""
        token = self.token
        if token.kind == "sign" and token.text in texts:
            self.at += 1
            return token
        return None

    def expect(self, text: str) -> None:
        """The next word must be this sign, or "" for the end."""
        token = self.token
        if token.text != text or (token.kind != "sign" and text):
            what = f"{text!r}" if text else "the end"
            got = repr(token.text) if token.text else "the end"
            raise Refused(f"{got} where {what} was expected, in {self.text.strip()!r}")
        self.at += bool(text)

    def ternary(self) -> Node:
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        yes = self.ternary()
        self.expect(":")
        no = self.ternary()
        return lambda session: yes(session) if _true(session, condition) else no(session)

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while sign := self.take(*_LEVELS[level]):
            left = _combined(sign.text, left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        if sign := self.take(*_UNARY):
            operand = self.unary()
            return lambda session: scope.unary(session, sign.text, operand(session))
        mark = self.at
        if self.take("("):
            kind = self.type_name()
            if kind is not None and self.take(")"):
                operand = self.unary()
                return lambda session: scope.cast(session, kind, operand(session))
            self.at = mark
        return self.postfix()

    def type_name(self) -> Type | None:
        """-> the type that is written here, or None."""
        words: list[str] = []
        while self.token.kind == "name" and " ".join([*words, self.token.text]) in TYPES:
            words.append(self.token.text)
            self.at += 1
        kind = TYPES.get(" ".join(words))
        while kind is not None and self.take("*"):
            kind = kind.pointer
        return kind

    def postfix(self) -> Node:
        node = self.primary()
        while sign := self.take("[", ".", "->"):
            if sign.text == "[":
                index = self.ternary()
                self.expect("]")
                node = _indexed(node, index)
            else:
                name = self.token
                if name.kind != "name":
                    raise Refused(f"the name of a field is missing behind {sign.text!r}, in {self.text.strip()!r}")
                self.at += 1
                node = _member(node, name.text)
        return node

    def primary(self) -> Node:
        token = self.token
        self.at += 1
        if token.kind == "number":
            number = _number(token.text)
            value = Value(number, INT if number < 1 << 31 else UNSIGNED)
            return lambda session: value
        if token.kind == "character":
            letter = token.text[1:-1]
            code = ord(letter) if len(letter) == 1 else _ESCAPES.get(letter[1], ord(letter[1]))
            return lambda session: Value(code)
        if token.kind == "register":
            return lambda session: scope.register(session, token.text[1:])
        if token.kind == "name" and token.text == "pcb":
            pid = None
            if self.take("("):
                pid = self.ternary()
                self.expect(")")
            return lambda session: scope.pcb(session, None if pid is None else scope.sound(pid(session)).number)
        if token.kind == "name":
            return lambda session: scope.symbol(session, token.text)
        if token.text == "(":
            node = self.ternary()
            self.expect(")")
            return node
        got = repr(token.text) if token.text else "the end"
        raise Refused(f"{got} where a value was expected, in {self.text.strip()!r}")


def _number(text: str) -> int:
    """Digits, as C writes numbers -> the number."""
    lower = text.lower()
    if lower.startswith(("0x", "0b")):
        return int(lower, 0)
    if len(text) > 1 and text.startswith("0"):
        if set(text) - set("01234567"):
            raise Refused(f"{text}: a number that begins with 0 is octal, and has no 8 or 9")
        return int(text, 8)
    return int(text)


def _combined(sign: str, left: Node, right: Node) -> Node:
    """Two operands -> the operation; the second one of && and || is only looked at when it matters."""
    if sign in ("&&", "||"):
        stop = sign == "||"

        def logical(session: Session) -> Value:
            first = _true(session, left)
            return Value(int(first if first == stop else _true(session, right)))

        return logical
    return lambda session: scope.binary(session, sign, left(session), right(session))


def _true(session: Session, node: Node) -> bool:
    return bool(scope.sound(node(session)).number)


def _indexed(node: Node, index: Node) -> Node:
    return lambda session: scope.element(session, node(session), index(session))


def _member(node: Node, name: str) -> Node:
    return lambda session: scope.member(session, node(session), name)
