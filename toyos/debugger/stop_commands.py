"""Commands that say where the machine shall stop: breakpoints, watchpoints, catchpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import locations, scope, watching
from toyos.debugger.breakpoints import BREAKPOINT, WATCHPOINT, Breakpoint
from toyos.debugger.catching import CATCH
from toyos.debugger.command import Command, split
from toyos.debugger.expressions import evaluate, parse
from toyos.debugger.replies import Refused
from toyos.kernel_points import Watched
from vm.points import ACCESS, CHANGE, READ, CodePoint

if TYPE_CHECKING:
    from toyos.debugger.session import Session

_CONDITION = re.compile(r"(?:^|\s)if\b(.*)$", re.DOTALL)
_PROCESS = re.compile(r"(?:^|\s)(?:pid|process|proc)\s+(\S+)\s*$")


def clauses_of(session: Session, text: str) -> tuple[str, str, int | None]:
    """Argument -> what stands before its clauses; the condition after `if`; the pid after `pid` or `process`."""
    condition, pid = "", None
    if found := _CONDITION.search(text):
        condition, text = found[1].strip(), text[: found.start()]
        if not condition:
            raise Refused("if what? Expected an expression behind `if`")
        if inner := _PROCESS.search(condition):
            pid, condition = _pid(session, inner[1]), condition[: inner.start()].strip()
    if found := _PROCESS.search(text):
        pid, text = _pid(session, found[1]), text[: found.start()]
    if condition:
        parse(condition)
    return text.strip(), condition, pid


def _pid(session: Session, text: str) -> int:
    return scope.sound(evaluate(session, text)).number


def breakpoint_(session: Session, text: str, temporary: bool = False) -> Iterator[str]:
    """break [LOCATION] [if CONDITION] [pid N]."""
    where, condition, pid = clauses_of(session, text)
    places, program = locations.locate(session, where)
    what = " and ".join(session.place_text(place, program or None) for place in places)
    points = [Watched(CodePoint(place)) for place in places]
    made = session.breakpoints.add(BREAKPOINT, what, points, condition, pid, temporary, program)
    yield f"{'temporary ' if temporary else ''}breakpoint {made.number}: {what}{clauses_text(made)}"
    yield from _doubts(session, condition)


def watch(session: Session, text: str, kind: str = CHANGE) -> Iterator[str]:
    """watch EXPRESSION: a symbol, *(type *)ADDRESS, $register, pcb(PID).FIELD, or pcb PID FIELD."""
    what, condition, pid = clauses_of(session, text)
    if not what:
        raise Refused("watch what? Expected a symbol, *(int *)ADDRESS, $register or pcb PID FIELD")
    value = evaluate(session, pcb_words(what))
    points = watching.points_of(session, what, value, kind)
    program = watching.owner(session, value)
    made = session.breakpoints.add(WATCHPOINT, what, points, condition, pid, program=program)
    name = {CHANGE: "watchpoint", READ: "read watchpoint", ACCESS: "access watchpoint"}[kind]
    yield f"{name} {made.number}: {what}{clauses_text(made)}"
    yield from _doubts(session, condition)


def _doubts(session: Session, condition: str) -> Iterator[str]:
    """A new condition -> what is wrong with it where the machine stands; at the breakpoint it may be right."""
    try:
        if condition:
            scope.sound(evaluate(session, condition))
    except Refused as fault:
        yield f"  here the condition cannot be told: {fault}"


def pcb_words(text: str) -> str:
    """ "pcb 3 state" -> "pcb(3).state"; anything else as it is."""
    words = text.split()
    return f"pcb({words[1]}).{words[2]}" if len(words) == 3 and words[0] == "pcb" else text


def clauses_text(made: Breakpoint) -> str:
    """-> " if CONDITION, only in process N"."""
    text = f" if {made.condition}" if made.condition else ""
    return text + (f", in process {made.pid} only" if made.pid is not None else "")


# ---- what becomes of them --------------------------------------------------------------------------------------------
def numbers(session: Session, text: str) -> list[int]:
    """Argument "1 3-5" -> the numbers; "" -> all that there are. Raises Refused."""
    if not text:
        return list(session.breakpoints.by_number)
    found: list[int] = []
    for word in text.replace(",", " ").split():
        first, dash, last = word.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise Refused(f"{word!r} is no number of a breakpoint; `info breakpoints` lists them")
        for end in (first, last or first):
            session.breakpoints.get(int(end))
        found += range(int(first), int(last or first) + 1)
    for number in found:
        session.breakpoints.get(number)
    return found


def delete(session: Session, text: str) -> Iterator[str]:
    """delete [NUMBERS]."""
    for number in numbers(session, text):
        session.breakpoints.delete(number)
        yield f"breakpoint {number} deleted"


def enable(session: Session, text: str, enabled: bool = True) -> Iterator[str]:
    """enable [NUMBERS], disable [NUMBERS]."""
    for number in numbers(session, text):
        session.breakpoints.enable(number, enabled)
        yield f"breakpoint {number} {'enabled' if enabled else 'disabled'}"


def ignore(session: Session, text: str) -> Iterator[str]:
    """ignore NUMBER COUNT."""
    words = text.split()
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise Refused("expected the number of a breakpoint and how many hits to ignore")
    made = session.breakpoints.get(int(words[0]))
    made.ignore = int(words[1])
    yield f"the next {made.ignore} hits of breakpoint {made.number} are ignored"


def condition(session: Session, text: str) -> Iterator[str]:
    """condition NUMBER [EXPRESSION]."""
    word, rest = split(text)
    if not word.isdecimal():
        raise Refused("expected the number of a breakpoint and an expression")
    if rest:
        parse(rest)
    made = session.breakpoints.change(int(word), rest)
    yield f"breakpoint {made.number}: {made.what}{clauses_text(made)}"
    yield from _doubts(session, made.condition)


def commands(session: Session, text: str) -> Iterator[str]:
    """commands NUMBER [COMMAND; COMMAND ...]."""
    word, rest = split(text)
    if not word.isdecimal():
        raise Refused("expected the number of a breakpoint, and commands")
    made = session.breakpoints.get(int(word))
    if rest:
        made.commands = [line.strip() for line in rest.split(";") if line.strip()]
    else:
        session.collecting = made.number, []
        yield f"commands for breakpoint {made.number}, one a line, up to `end`:"


ROWS = (
    Command("break", ("b", "br", "brea"), "[LOCATION] [if CONDITION] [pid N]",
            "stop before the instruction there\n"
            "LOCATION: a symbol, PROGRAM:SYMBOL, FILE:LINE, a line of the file shown, *ADDRESS; by itself: here.\n"
            "pid N (or process N): only while that process is the current one.", breakpoint_),
    Command("tbreak", ("tb",), "[LOCATION] [if CONDITION] [pid N]", "the same, once",
            lambda session, text: breakpoint_(session, text, temporary=True)),
    Command("watch", ("wa",), "EXPRESSION [if CONDITION] [pid N]", "stop when it changes\n"
            "EXPRESSION: a symbol, *(int *)ADDRESS, $register, pcb PID FIELD.", watch),
    Command("rwatch", ("rw",), "EXPRESSION [if CONDITION] [pid N]", "stop when it is read",
            lambda session, text: watch(session, text, READ)),
    Command("awatch", ("aw",), "EXPRESSION [if CONDITION] [pid N]", "stop when it is read or written",
            lambda session, text: watch(session, text, ACCESS)),
    CATCH,
    Command("delete", ("d", "del"), "[NUMBERS]", "delete breakpoints, by itself all", delete),
    Command("disable", ("dis",), "[NUMBERS]", "let breakpoints rest",
            lambda session, text: enable(session, text, enabled=False)),
    Command("enable", ("en",), "[NUMBERS]", "let them stop the machine again", enable),
    Command("condition", ("cond",), "NUMBER [CONDITION]", "change its condition, or take it away", condition),
    Command("commands", (), "NUMBER [COMMAND; COMMAND ...]", "what to do when a breakpoint stops the machine\n"
            "By itself, the lines that follow, up to `end`, are the commands.", commands),
    Command("ignore", (), "NUMBER COUNT", "pass over the next hits of a breakpoint", ignore),
)  # fmt: skip
