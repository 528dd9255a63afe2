"""Commands that go back in time, and to any position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toyos.debugger import info_time, scope
from toyos.debugger.command import Command, count
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused, Reply
from toyos.debugger.run_commands import caller_of, repeated, switch, trap
from vm.observe import HIT, Outcome
from vm.stepping import LIMIT, STEP
from vm.timetravel import INTERRUPTED

if TYPE_CHECKING:
    from toyos.debugger.session import Session


def by_line(session: Session, step: object) -> Outcome:
    """Back to the beginning of the line before, or of the current line when the hart is in its middle."""
    assert callable(step)
    outcome: Outcome = step()
    line, privilege = session.line_here(), session.privilege
    while line is not None and outcome.reason == STEP and not outcome.hits and not session.interrupted:
        here, first = session.position, session.machine.pc
        further: Outcome = step()
        behind = session.line_here() != line or session.privilege != privilege or session.machine.pc >= first
        if further.reason != STEP or further.hits or behind:
            session.timeline.goto(here)
            break
    return outcome


def instructions(session: Session, text: str) -> Reply:
    """reverse-stepi [N]: all at once; it ends early at the last hit of a breakpoint on the way."""
    target = session.position - count(session, text)

    def moves() -> Outcome:
        if target < session.position - 1 and any(each.enabled for each in session.breakpoints):
            outcome = session.run_back()
            if outcome.reason == INTERRUPTED or (outcome.reason == HIT and session.position > target):
                return outcome
        outcome = session.timeline.goto(target)
        return session.steps.arrived(Outcome(STEP) if outcome.reason == LIMIT else outcome)

    return session.go(moves)


def finish(session: Session, text: str) -> Reply:
    """reverse-finish: back to the call of the current procedure."""
    caller = caller_of(session)
    return session.go(lambda: session.steps.back_out(caller.pc, caller.sp) if caller else session.steps.trap(back=True))


def goto(session: Session, text: str) -> Reply:
    """goto POSITION, goto +N, goto -N, goto start, goto end."""
    if not text:
        raise Refused("where to? Expected a position, +N, -N, start or end")
    timeline = session.timeline
    if text in ("start", "begin", "end"):
        position = timeline.end if text == "end" else timeline.start
    else:
        number = scope.sound(evaluate(session, text.lstrip("+"))).number
        position = timeline.now + number if text[0] in "+-" else number
    if position < timeline.start:
        raise Refused(f"position {position} is before the beginning, {timeline.start}")
    return session.go(lambda: session.goto(position))


def start(session: Session, text: str) -> Reply:
    """start: where the session began."""
    return session.go(lambda: session.goto(session.began))


def run(session: Session, text: str) -> Reply:
    """run: from where the session began, as continue."""

    def moves() -> Outcome:
        outcome = session.goto(session.began)
        return session.run() if outcome.reason == LIMIT else outcome

    return session.go(moves)


ROWS = (
    Command("reverse-step", ("rs",), "[N]", "back to the line of source before, into procedures and system calls",
            lambda session, text: repeated(session, text, lambda: by_line(session, session.steps.back)),
            again=True, runs=True),
    Command("reverse-next", ("rn",), "[N]", "back to the line of source before, over procedures and system calls",
            lambda session, text: repeated(session, text, lambda: by_line(session, session.steps.back_over)),
            again=True, runs=True),
    Command("reverse-stepi", ("rsi",), "[N]", "one instruction back",
            instructions, again=True, runs=True),
    Command("reverse-nexti", ("rni",), "[N]", "one instruction back, over procedures, system calls and interrupts",
            lambda session, text: repeated(session, text, session.steps.back_over), again=True, runs=True),
    Command("reverse-continue", ("rc",), "", "back to the last breakpoint or watchpoint, or the beginning",
            lambda session, text: session.go(session.run_back), again=True, runs=True),
    Command("reverse-finish", ("rfin",), "", "back to the call of the current procedure", finish,
            again=True, runs=True),
    Command("reverse-trap", ("rt",), "[CAUSE]", "back to the last trap, or the last one with this cause",
            lambda session, text: trap(session, text, back=True), again=True, runs=True),
    Command("reverse-user", ("ru",), "", "back to where the hart last entered user mode",
            lambda session, text: session.go(lambda: session.steps.user(back=True)), again=True, runs=True),
    Command("reverse-switch", ("rsw",), "", "back to the last context switch",
            lambda session, text: switch(session, text, back=True), again=True, runs=True),
    Command("goto", (), "POSITION|+N|-N|start|end", "to a position: instructions started since the machine was made\n"
            "Known ones are as they were; a later one is reached by running, past all breakpoints.", goto, runs=True),
    Command("start", (), "", "back to where the session began: the program's main", start, runs=True),
    Command("run", ("r",), "", "the same, and on to the first breakpoint", run, runs=True),
    *info_time.ROWS,
)  # fmt: skip
