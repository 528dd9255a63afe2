"""Commands that show and change data: x, print, set, display."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import formats, scope
from toyos.debugger.code import instructions_from
from toyos.debugger.command import Command
from toyos.debugger.expressions import evaluate
from toyos.debugger.formats import Format
from toyos.debugger.replies import Refused, Reply
from toyos.debugger.stop_commands import pcb_words
from toyos.debugger.values import WORD, Place, Value

if TYPE_CHECKING:
    from toyos.debugger.session import Session

ROW = {1: 8, 2: 8, 4: 4, 8: 2}  # how many numbers a line of x has, by their size
ROW_OF_LETTERS = 8
LONGEST_STRING = 200
MOST = 4096  # things that one x shows
LOST = "what came after is forgotten: this is another future"
DEFAULT = Format(1, "x", 4)


# ---- x ---------------------------------------------------------------------------------------------------------------
def examine(session: Session, text: str) -> Iterator[str]:
    """x/FORMAT ADDRESS."""
    written, expression = formats.split_format(text)
    wanted = formats.parse_format(written, session.examined._replace(repeat=1))
    if wanted.repeat > MOST:
        raise Refused(f"/{written}: at most {MOST} at a time")
    if expression:
        address = address_of(evaluate(session, expression), wanted.letter)
    elif session.next_address is not None:
        address = session.next_address
    else:
        address = session.machine.pc
    session.examined = wanted
    if wanted.letter == "i":
        yield from _instructions(session, address, wanted.repeat)
    elif wanted.letter == "s":
        yield from _strings(session, address, wanted.repeat)
    else:
        yield from _numbers(session, address, wanted)


def address_of(value: Value, letter: str = "x") -> int:
    """What the user gave for an address -> it: of a symbol of data the symbol's own, else the value."""
    if value.symbol and value.place is not None:
        return value.place.address
    if value.pcb and value.place is None:
        return value.number & WORD
    return scope.sound(value).number & WORD


def _label(session: Session, address: int) -> str:
    name = session.name(address)
    return f"{address:#010x} <{name}>:" if name else f"{address:#010x}:"


def _instructions(session: Session, address: int, count: int) -> Iterator[str]:
    for each in instructions_from(session.machine, address, count, session.name):
        if not each.length:
            scope.read(session, address, 1)
            raise Refused(f"cannot read memory at {each.address:#010x}")
        yield each.line(session.name(each.address), here=each.address == session.machine.pc)
        address = each.address + each.length
    session.next_address = address & WORD


def _strings(session: Session, address: int, count: int) -> Iterator[str]:
    for _ in range(count):
        content = b""
        while b"\0" not in content and len(content) < LONGEST_STRING:
            try:
                content += scope.read(session, address + len(content), 1)
            except Refused:
                if not content:
                    raise
                break
        shown, end, _ = content.partition(b"\0")
        yield f"{_label(session, address)}\t{formats.string_text(shown)}{'' if end else '...'}"
        address = address + len(shown) + len(end) & WORD
    session.next_address = address


def _numbers(session: Session, address: int, wanted: Format) -> Iterator[str]:
    count, letter, size = wanted
    a_row = ROW_OF_LETTERS if letter == "c" else 1 if letter == "a" else ROW[size]
    for first in range(0, count, a_row):
        here = min(a_row, count - first)
        content = scope.read(session, address, here * size)
        parts = [int.from_bytes(content[at : at + size], "little") for at in range(0, len(content), size)]
        texts = [_pointer(session, part) if letter == "a" else _padded(part, letter, size) for part in parts]
        yield _label(session, address) + "".join(f"\t{each}" for each in texts)
        address = address + here * size & WORD
    session.next_address = address


def _padded(number: int, letter: str, size: int) -> str:
    """x shows hexadecimal numbers with all their digits, and binary ones, too."""
    return formats.number(number, "z" if letter == "x" else letter, size) if letter != "t" else f"{number:0{8 * size}b}"


def _pointer(session: Session, number: int) -> str:
    name = session.name(number)
    return f"{number:#x} <{name}>" if name else f"{number:#x}"


# ---- print -----------------------------------------------------------------------------------------------------------
def show(session: Session, value: Value, letter: str = "") -> str:
    """A value -> as print shows it."""
    scope.sound(value)
    number, kind = value.number, value.type
    if letter == "s" and (value.symbol or kind.target):
        return next(_strings(session, address_of(value), 1)).partition("\t")[2]
    if letter == "i":
        return session.instruction(number & WORD).text.replace("\t", " ")
    if letter == "a":
        return _pointer(session, number & WORD)
    if letter and letter != "s":
        return formats.number(number, letter, kind.size)
    if kind.code:
        return f"{{code}} {_pointer(session, number)}"
    if kind.target is not None:
        return f"({kind.name}) {_pointer(session, number)}"
    if kind.size == 1:
        return formats.letter_text(number & 0xFF)
    if "<" in value.text or value.text.startswith(f"{number} "):
        return value.text
    if value.text and not value.text.startswith("0x"):
        return f"{number} ({value.text})"
    if value.place is not None and value.place.kind == "csr":
        return f"{number:#x}"
    return str(number)


def print_(session: Session, text: str) -> Iterator[str]:
    """print[/FORMAT] EXPRESSION."""
    written, expression = formats.split_format(text)
    letter = formats.parse_format(written, Format(1, "", 4)).letter if written else ""
    value = session.history(None) if not expression else _assigned(session, pcb_words(expression))
    shown = show(session, value, letter)
    session.shown.append(value)
    yield f"${len(session.shown)} = {shown}"


# ---- set -------------------------------------------------------------------------------------------------------------
_ASSIGNMENT = re.compile(r"(?P<target>.*?[^=!<>])=(?P<value>[^=].*)$", re.DOTALL)
_TYPED = re.compile(r"\{(?P<type>[\w *]+)\}\s*(?P<address>.+)$", re.DOTALL)
_VARIABLE = re.compile(r"\$[A-Za-z_]\w*$")


def _assigned(session: Session, text: str) -> Value:
    """An expression, or an assignment, which is done -> its value."""
    found = _ASSIGNMENT.match(text)
    if found is None:
        return evaluate(session, text)
    assign(session, found["target"].strip(), found["value"].strip())
    return evaluate(session, found["target"].strip())


def assign(session: Session, target: str, text: str) -> None:
    """Puts the value of an expression into a place. Raises Refused."""
    new = scope.sound(evaluate(session, text))
    typed = _TYPED.match(target)
    if typed:
        target = f"*({typed['type']} *)({typed['address']})"
    try:
        old = evaluate(session, target)
    except Refused:
        if not _VARIABLE.match(target):
            raise
        session.variables[target[1:]] = new._replace(place=Place("variable", name=target[1:]))
        return
    scope.store(session, old.place, new.type if old.place and old.place.kind == "variable" else old.type, new.number)


def set_(session: Session, text: str) -> Reply:
    """set [var] PLACE = VALUE."""
    text = text.removeprefix("variable ").removeprefix("var ")
    found = _ASSIGNMENT.match(text)
    if found is None:
        raise Refused("expected PLACE = VALUE, such as $a0 = 1, sum = 0 or {int}0x11000 = 5")
    future = session.timeline.end
    assign(session, found["target"].strip(), found["value"].strip())
    lost = future > session.timeline.end
    return Reply((LOST,) if lost else (), moved=True)


# ---- display ---------------------------------------------------------------------------------------------------------
def display(session: Session, text: str) -> Iterator[str]:
    """display[/FORMAT] EXPRESSION: shown at every stop."""
    if not text:
        yield from displayed(session)
        return
    written, expression = formats.split_format(text)
    if not expression:
        raise Refused("display what? Expected an expression")
    number = max(session.displays, default=0) + 1
    session.displays[number] = written, expression
    try:
        yield from _display_lines(session, number)
    except Refused:
        del session.displays[number]
        raise


def _display_lines(session: Session, number: int) -> Iterator[str]:
    written, expression = session.displays[number]
    slash = f"/{written}" if written else ""
    letters = re.sub(r"\d", "", written)
    if any(each in "is" or each in formats.SIZES for each in letters) or written[:1].isdecimal():
        keep = session.examined, session.next_address
        session.examined = DEFAULT
        try:
            yield f"{number}: x{slash} {expression}"
            yield from examine(session, f"{slash} {expression}")
        finally:
            session.examined, session.next_address = keep
    else:
        yield f"{number}: {expression} = {show(session, evaluate(session, pcb_words(expression)), letters)}"


def displayed(session: Session) -> Iterator[str]:
    """-> the lines of all displays."""
    for number in session.displays:
        try:
            yield from _display_lines(session, number)
        except Refused as fault:
            yield f"{number}: {session.displays[number][1]}: {fault}"


def undisplay(session: Session, text: str) -> Iterator[str]:
    """undisplay [NUMBERS]."""
    wanted = text.split() or [str(number) for number in session.displays]
    for word in wanted:
        if not word.isdecimal() or int(word) not in session.displays:
            raise Refused(f"there is no display {word}")
        del session.displays[int(word)]
        yield f"display {word} deleted"


ROWS = (
    Command("print", ("p", "inspect"), "[/FORMAT] EXPRESSION", "the value of an expression\n"
            "C's operators, $registers and $csrs, symbols, &symbol, *(type *)address, pcb(PID).FIELD.\n"
            "FORMAT: x hexadecimal, d, u, o, t binary, c character, a address, i instruction, s string.", print_),
    Command("x", (), "[/FORMAT] ADDRESS", "memory\n"
            "FORMAT: how many, a letter as for print, and a size b h w g: x/4i $pc, x/8xw $sp, x/s name.",
            examine, goes_on=True),
    Command("set", (), "PLACE = VALUE", "change a register, memory or a variable\n"
            "PLACE: $a0, a symbol, {int}0x11000, *(char *)ADDRESS, pcb(3).priority, or a variable of your own, $mine.\n"
            "A machine that is changed has another future: what was known to come after is forgotten.",
            set_, runs=True),
    Command("display", ("disp",), "[/FORMAT] EXPRESSION", "show it at every stop", display),
    Command("undisplay", ("undisp",), "[NUMBERS]", "stop showing it", undisplay),
)  # fmt: skip
