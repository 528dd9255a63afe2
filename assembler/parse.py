"""Source text -> statements -> operand texts -> expression nodes.

Regular expressions do what is regular: lines, comments, statements, operands, and the few shapes that nearly all
expressions have. Everything else goes to the LALR grammar in asm.lark; lark is imported only then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assembler.diagnostics import SourceFault
from assembler.expressions import evaluate
from assembler.nodes import Binary, Modifier, Name, Node, Number, Statement, Unary

if TYPE_CHECKING:
    from lark import Lark

    from assembler.sections import Value

_NEEDS_CARE = re.compile(r"""["'/;#]""")
_PIECES = re.compile(r"""\\"|"(?:\\.|[^"\\])*"|'(?:\\.|[^\\])'?|/\*|//|#|;""")
_LINE_MARKER = re.compile(r"#\s*(?:line\s+)?\d+\s+\"")
_LITERAL = re.compile(r"\s*([-+]?)\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)\s*")
_NAME_WITHIN = re.compile(r"(?<![\w.$])[A-Za-z_.$']")
_SYMBOL = re.compile(r"\s*([A-Za-z_.$][\w.$]*|[0-9]+[bf])\s*(?:([-+])\s*(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)\s*)?")
_MODIFIED = re.compile(r"\s*%([a-z_]+)\s*\(([^()]*)\)\s*")
_ESCAPES = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12, "v": 11, "\\": 92, '"': 34, "'": 39}
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-fA-F]+|.)", re.DOTALL)
_OPERATOR = re.compile(r"[-+*/%|&^~!<>=(]")
_BYTE_ORDER_MARK = "\ufeff"  # some editors begin every file with it
MAX_OPERATORS = 250  # in one expression; it is evaluated by recursion
MAX_DIGITS = 100  # of a number
MODIFIERS = ("hi", "lo", "pcrel_hi", "pcrel_lo")


@lru_cache(maxsize=128)
def statements(text: str) -> tuple[Sequence[Statement], int]:
    """Source text -> its statements, without comments and blank ones, and the line of a block comment that is never
    closed, or 0. `;` and ends of line separate statements. The result is shared: an include file is read many times."""
    found: list[Statement] = []
    opened = 0  # line of the block comment that the scan is in, 0 outside
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split("\n"), 1):
        if opened or _NEEDS_CARE.search(line):
            opened = _split_line(number, line, opened, found)
        else:
            line = line.strip()
            if line:
                found.append(Statement(number, line))
    return found, opened


def _split_line(number: int, line: str, opened: int, found: list[Statement]) -> int:
    """Appends the statements of a line with comments, strings or `;` -> line of the comment still open, or 0."""
    if opened:
        end = line.find("*/")
        if end < 0:
            return opened
        line = " " * (end + 2) + line[end + 2 :]
    if _LINE_MARKER.match(line):
        found.append(Statement(number, line.strip()))
        return 0
    begin = at = 0
    opened = 0
    while piece := _PIECES.search(line, at):
        kind, start, at = piece.group(), piece.start(), piece.end()
        if kind == "/*":
            end = line.find("*/", at)
            if end < 0:
                line, opened = line[:start], number
                break
            # As many blanks as the comment is long, so that columns stay true.
            line = line[:start] + " " * (end + 2 - start) + line[end + 2 :]
            at = end + 2
        elif kind in ("#", "//"):
            line = line[:start]
            break
        elif kind == ";":
            if part := line[begin:start].strip():
                found.append(Statement(number, part))
            begin = at
    if part := line[begin:].strip():
        found.append(Statement(number, part))
    return opened


def operands(text: str) -> list[str]:
    """Text behind a mnemonic -> operand texts, split at commas outside quotes and parentheses, blanks kept."""
    if not text:
        return []
    if "'" not in text and '"' not in text:
        simple = text.split(",")
        if "(" not in text or all(part.count("(") == part.count(")") for part in simple):
            return simple
    parts, depth, begin, at = [], 0, 0, 0
    while at < len(text):
        letter = text[at]
        if letter in "\"'" and (quoted := _PIECES.match(text, at)):
            at = quoted.end()
            continue
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == "," and depth <= 0:
            parts.append(text[begin:at])
            begin = at + 1
        at += 1
    parts.append(text[begin:])
    return parts


def literal(text: str) -> int | None:
    """An expression of numbers alone -> its value; None for anything else."""
    match = _LITERAL.fullmatch(text)
    if match:
        value = _number(match[2])
        return -value if match[1] == "-" else value
    if text and not _NAME_WITHIN.search(text):
        try:
            node = expression(text)
        except SourceFault:
            return None  # whoever needs an expression will find out
        if isinstance(node, Number):
            return node.value
    return None


def _number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise SourceFault(f"a number of {len(text)} digits is too large", text)
    if len(text) > 1 and text[0] == "0":
        if text[1] in "xX":
            return int(text[2:], 16)
        if text[1] in "bB":
            return int(text[2:], 2)
        try:
            return int(text, 8)
        except ValueError:
            message = f"'{text}' is no octal number; expected the digits 0 to 7 after the leading 0"
            raise SourceFault(message, text) from None
    return int(text)


@lru_cache(maxsize=1 << 14)
def expression(text: str) -> Node:
    """Text of an expression -> its nodes. SourceFault: it is not one."""
    match = _LITERAL.fullmatch(text)
    if match:
        value = _number(match[2])
        return Number(-value if match[1] == "-" else value)
    match = _SYMBOL.fullmatch(text)
    if match:
        if match[2] is None:
            return Name(match[1])
        return Binary(match[2], Name(match[1]), Number(_number(match[3])))
    match = _MODIFIED.fullmatch(text)
    if match:
        return Modifier(_known_modifier(match[1]), expression(match[2]))
    node = _parse(text)
    if _NAME_WITHIN.search(text):
        return node
    try:
        return Number(evaluate(node, _no_names).number)
    except _HasName:
        return node


class _HasName(Exception):
    """A label such as 1f, which looks like a number."""


def _no_names(name: str) -> Value:
    raise _HasName


def _known_modifier(name: str) -> str:
    if name not in MODIFIERS:
        raise SourceFault(f"there is no modifier '%{name}'; expected %" + ", %".join(MODIFIERS), "%" + name)
    return name


@cache
def _grammar() -> Lark:
    from lark import Lark, Transformer

    class ToNodes(Transformer[Any, Node]):
        """Tree of asm.lark -> nodes; each method is a rule or alias of the grammar."""

        def number(self, found: list[Any]) -> Node:
            return Number(_number(found[0]))

        def character(self, found: list[Any]) -> Node:
            return Number(unescape(found[0][1:].removesuffix("'") or "'")[0])

        def name(self, found: list[Any]) -> Node:
            return Name(str(found[0]))

        def unary(self, found: list[Any]) -> Node:
            return Unary(str(found[0]), found[1])

        def binary(self, found: list[Any]) -> Node:
            return Binary(str(found[1]), found[0], found[2])

        def logical_and(self, found: list[Any]) -> Node:
            return Binary("&&", found[0], found[2])

        def logical_or(self, found: list[Any]) -> Node:
            return Binary("||", found[0], found[2])

        def modifier(self, found: list[Any]) -> Node:
            return Modifier(_known_modifier(str(found[0])[1:]), found[1])

    grammar = Path(__file__).with_name("asm.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=ToNodes())


def _parse(text: str) -> Node:
    from lark.exceptions import UnexpectedEOF, UnexpectedInput, VisitError

    if len(_OPERATOR.findall(text)) > MAX_OPERATORS:
        raise SourceFault(f"the expression has more than {MAX_OPERATORS} operators")
    if not text.strip():
        raise SourceFault("an expression is missing here; expected a number or a symbol")
    try:
        return _grammar().parse(text)  # type: ignore[return-value]  # lark does not know of its transformer's type
    except UnexpectedEOF:
        raise SourceFault("the expression ends too early; expected a number, a symbol or ')'", text) from None
    except UnexpectedInput as fault:
        if getattr(getattr(fault, "token", None), "type", "") == "$END":
            raise SourceFault("the expression ends too early; expected a number, a symbol or ')'", text) from None
        at = max((fault.column or 1) - 1, 0)
        raise SourceFault(f"'{text[at:].strip()}' does not fit into an expression here", text[at:]) from None
    except VisitError as fault:
        if isinstance(fault.orig_exc, SourceFault):
            raise fault.orig_exc from None
        raise


def string(text: str) -> bytes:
    """A string literal with its quotes -> its bytes. SourceFault: no literal."""
    text = text.strip()
    if len(text) < 2 or text[0] != '"':
        raise SourceFault(f"expected a string in double quotes, found '{text}'", text)
    quoted = _PIECES.match(text)
    if quoted is None:
        raise SourceFault("the string is not closed; expected a double quote at its end", text)
    if quoted.end() != len(text):
        rest = text[quoted.end() :]
        raise SourceFault(f"'{rest.strip()}' follows a string; expected a comma or the end of the line", rest)
    return unescape(text[1:-1])


def unescape(text: str) -> bytes:
    """Inside of a string or character literal -> bytes (UTF-8), escapes as in GNU as: \\n \\t \\x41 \\101 \\" ..."""

    def one(match: re.Match[bytes]) -> bytes:
        code = match[1].decode("latin-1")
        if code[0] in "01234567":
            return bytes([int(code, 8) & 255])
        if code[0] == "x" and len(code) > 1:
            return bytes([int(code[1:], 16) & 255])
        if code not in _ESCAPES:
            raise SourceFault(f"unknown escape '\\{code}' in a string", "\\" + code)
        return bytes([_ESCAPES[code]])

    return _ESCAPE.sub(one, text.encode("utf-8", "surrogateescape"))
