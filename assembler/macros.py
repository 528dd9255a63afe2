"""Macros and repetitions: bodies of statements, and the text substitution that GNU as defines for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assembler.diagnostics import SourceFault, suggestion
from assembler.nodes import Statement

_NAME = re.compile(r"[A-Za-z_.$][\w.$]*")
_PARAMETER = re.compile(r"\s*([A-Za-z_.$][\w.$]*)\s*(?::\s*(req|vararg)\s*)?(?:=)?", re.IGNORECASE)
_REFERENCE = re.compile(r"\\(?:(\(\))|(@)|([A-Za-z_.$][\w.$]*))")
_KEYWORD = re.compile(r"\s*([A-Za-z_.$][\w.$]*)\s*=(?!=)")
_OPERATORS = "+-*/%&|^~!<>=("
BLOCKS = {".macro": ".endm", ".rept": ".endr", ".irp": ".endr", ".irpc": ".endr"}
_ENDS = {".endm": ".endm", ".endmacro": ".endm", ".endr": ".endr"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter; `rest`: it takes all that is left of the arguments (vararg)."""

    name: str
    default: str = ""
    required: bool = False
    rest: bool = False


@dataclass(slots=True)
class Macro:
    """A macro: its body's statements still hold \\name where arguments go."""

    name: str
    parameters: tuple[Parameter, ...]
    body: list[Statement]
    file: str
    sources: Sequence[str] = field(default_factory=tuple, repr=False)


def collect(statements: Iterator[Statement], opening: str) -> list[Statement]:
    """Reads on behind a block's opening directive -> the block's statements, up to the matching end, which is consumed.

    SourceFault: the source ends first.
    """
    open_blocks = [BLOCKS[opening]]
    body: list[Statement] = []
    for statement in statements:
        word = statement.text.split(None, 1)[0].lower()
        if word in BLOCKS:
            open_blocks.append(BLOCKS[word])
        elif _ENDS.get(word) == open_blocks[-1]:
            open_blocks.pop()
            if not open_blocks:
                return body
        body.append(statement)
    raise SourceFault(f"{opening} without its {BLOCKS[opening]}", opening)


def define(text: str) -> tuple[str, tuple[Parameter, ...]]:
    """What follows .macro -> name and parameters, as in "move from, to:req, how=fast, more:vararg"."""
    match = _NAME.match(text)
    if match is None:
        raise SourceFault("expected the name of a macro", text or None)
    name, at = match.group(), match.end()
    parameters: list[Parameter] = []
    while at < len(text):
        if not text[at:].strip(" \t,"):
            break
        at += len(text[at:]) - len(text[at:].lstrip(" \t,"))
        match = _PARAMETER.match(text, at)
        if match is None:
            raise SourceFault(f"expected the name of a parameter, found '{text[at:].strip()}'", text[at:])
        if any(parameter.name == match[1] for parameter in parameters):
            raise SourceFault(f"parameter '{match[1]}' is named twice", match[1])
        at = match.end()
        default = ""
        if match.group().endswith("="):
            default, at = _argument(text, at)
        qualifier = (match[2] or "").lower()
        parameters.append(Parameter(match[1], default, qualifier == "req", qualifier == "vararg"))
        if qualifier == "vararg" and text[at:].strip():
            raise SourceFault(f"nothing can follow the vararg parameter '{match[1]}'", text[at:])
    return name, tuple(parameters)


def _argument(text: str, at: int) -> tuple[str, int]:
    """One argument from offset `at` on -> its text without enclosing quotes, and the offset behind it.

    Commas and blanks end it, except in quotes and parentheses; blanks beside an operator do not.
    """
    while at < len(text) and text[at] in " \t":
        at += 1
    begin, depth = at, 0
    while at < len(text):
        letter = text[at]
        if letter == '"':
            end = at + 1
            while end < len(text) and text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            at = end
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        elif letter == "," and depth <= 0:
            break
        elif letter in " \t" and depth <= 0:
            rest = text[at:].lstrip()
            before = text[begin:at].rstrip()[-1:]
            if not rest or not (before in _OPERATORS or rest[0] in _OPERATORS[:-1] or rest[0] == ","):
                break
        at += 1
    found = text[begin:at].strip()
    if len(found) >= 2 and found[0] == found[-1] == '"' and '"' not in found[1:-1].replace('\\"', ""):
        found = found[1:-1].replace('\\"', '"')
    return found, at


def arguments(text: str) -> list[str]:
    """Arguments of .irp, or of a macro without keywords -> their texts."""
    return [value for _, value, _ in _arguments(text)]


def _arguments(text: str) -> Iterator[tuple[str | None, str, int]]:
    """-> (keyword or None, value, offset at which it begins), an empty value between two commas."""
    at = 0
    while text[at:].strip():
        start = at
        keyword = None
        match = _KEYWORD.match(text, at)
        if match:
            keyword, at = match[1], match.end()
        value, at = _argument(text, at)
        yield keyword, value, start
        rest = text[at:].lstrip()
        at = len(text) - len(rest)
        if rest.startswith(","):
            at += 1


def bind(macro: Macro, text: str) -> dict[str, str]:
    """Macro and the text behind its name -> argument by parameter. SourceFault: they do not go together."""
    known = {parameter.name: parameter for parameter in macro.parameters}
    bound: dict[str, str] = {}
    position = 0
    for keyword, value, start in _arguments(text):
        if keyword is not None and keyword in known:
            bound[keyword] = value
            continue
        if keyword is not None and not any(c in keyword for c in ".$") and position >= len(macro.parameters):
            hint = suggestion(keyword, known)
            raise SourceFault(f"macro '{macro.name}' has no parameter '{keyword}'{hint}", keyword)
        if keyword is not None:
            value = f"{keyword}={value}"
        if position >= len(macro.parameters):
            count = len(macro.parameters)
            raise SourceFault(
                f"too many arguments for macro '{macro.name}'; expected at most {count}, found '{value}' besides", value
            )
        parameter = macro.parameters[position]
        if parameter.rest:
            bound[parameter.name] = text[start:].strip()
            break
        if value:
            bound[parameter.name] = value
        position += 1
    for parameter in macro.parameters:
        if not bound.get(parameter.name):
            if parameter.required:
                raise SourceFault(f"macro '{macro.name}' needs its argument '{parameter.name}'")
            bound.setdefault(parameter.name, parameter.default)
    return bound


def expand(body: Sequence[Statement], values: dict[str, str], count: int) -> Iterator[Statement]:
    """Body and the text of each parameter -> the statements with \\name replaced; \\@ becomes `count`, \\() nothing.

    References that are no parameter stay as they are: they belong to a macro defined within.
    """

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return ""
        if match[2]:
            return str(count)
        return values.get(match[3], match.group())

    for statement in body:
        if "\\" in statement.text:
            text = _REFERENCE.sub(replace, statement.text).strip()
            if text:
                yield Statement(statement.line, text)
        else:
            yield statement
