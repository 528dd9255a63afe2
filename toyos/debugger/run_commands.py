"""Commands that run the machine forwards: continue, steps by instruction and by line, out, to a trap, to a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from toyos.debugger import locations, scope
from toyos.debugger.command import Command, count
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused, Reply
from vm.arch import PRIV_U
from vm.flow import RETURN
from vm.observe import Outcome
from vm.points import CodePoint
from vm.stepping import LIMIT, STEP

if TYPE_CHECKING:
    from toyos.debugger.session import Session
    from toyos.inspect.stack import Frame

Move = Callable[[], Outcome]


def repeated(session: Session, text: str, move: Move) -> Reply:
    """Does one step as often as the argument says, or until something stops it."""
    times = count(session, text)

    def moves() -> Outcome:
        outcome = Outcome(STEP)
        for _ in range(times):
            outcome = move()
            if outcome.reason != STEP or outcome.hits:
                break
        return outcome

    return session.go(moves)


def instructions(session: Session, text: str) -> Reply:
    """stepi [N]: all at once, as a run; it ends early where something stops it."""
    times = count(session, text)

    def moves() -> Outcome:
        outcome = session.run(times)
        return Outcome(STEP) if outcome.reason == LIMIT else outcome

    return session.go(moves)


def go_on(session: Session, text: str) -> Reply:
    """continue [N]: N - 1 hits of the breakpoint that the machine stands at are passed over."""
    times = count(session, text)

    def moves() -> Outcome:
        outcome = session.run()
        for _ in range(times - 1):
            if outcome.reason != "hit":
                break
            outcome = session.run()
        return outcome

    return session.go(moves)


# ---- lines -----------------------------------------------------------------------------------------------------------
def by_line(session: Session, step: Move) -> Outcome:
    """Steps until the hart is at another line of source, or at one without any."""
    start, first = session.line_here(), session.machine.pc
    while True:
        outcome = step()
        if outcome.reason != STEP or outcome.hits or session.interrupted:
            return outcome
        here = session.line_here()
        if here is None or here != start or session.machine.pc <= first:
            return outcome


def into(session: Session) -> Outcome:
    """One instruction, into calls and system calls, but not into interrupts and faults that come in between."""
    steps = session.steps
    flow = steps.flow()
    if session.privilege == PRIV_U and flow.kind == "plain":
        return steps.over()
    return steps.one()


# ---- places ----------------------------------------------------------------------------------------------------------
def behind(session: Session) -> Outcome:
    """Until the hart is at a line of source behind this one, so out of a loop at its end, or the procedure returns."""
    start = session.line_here()
    if start is None:
        raise Refused("no line of source is known here; `until LOCATION` runs to a place")
    while True:
        returns = session.steps.flow().kind == RETURN
        outcome = session.steps.over()
        if outcome.reason != STEP or outcome.hits or session.interrupted:
            return outcome
        here = session.line_here()
        if returns or here is None or here.file != start.file or here.line > start.line:
            return outcome


def until(session: Session, text: str) -> Reply:
    """until: a line behind this one. until LOCATION."""
    return advance(session, text) if text else session.go(lambda: behind(session))


def advance(session: Session, text: str) -> Reply:
    """advance LOCATION."""
    if not text:
        raise Refused("where to? Expected a symbol, FILE:LINE or *ADDRESS")
    places = locations.addresses(session, text)
    return session.go(lambda: session.steps.to([(CodePoint(place), None) for place in places]))


def caller_of(session: Session) -> Frame | None:
    """-> the procedure that called the current one; None in the kernel's outermost, which the trap has called. Raises
    Refused in the outermost of a process."""
    found = session.caller()
    if found is None and session.privilege == PRIV_U:
        raise Refused("this is the outermost procedure: nobody has called it")
    return found


def finish(session: Session, text: str) -> Reply:
    """finish: until the procedure returns."""
    caller = caller_of(session)
    return session.go(lambda: session.steps.out(caller.pc, caller.sp) if caller else session.steps.user())


def process(session: Session, text: str) -> Reply:
    """process PID: until that process runs in user mode."""
    if not text:
        raise Refused("which process? `ps` lists them")
    pid = scope.sound(evaluate(session, text)).number
    if session.kernel.current_pid == pid and session.privilege == PRIV_U:
        return Reply((f"process {pid} runs already", *session.standing()))
    return session.go(lambda: session.steps.to(session.kernel.user_mode(pid)))


def trap(session: Session, text: str, back: bool = False) -> Reply:
    """trap [CAUSE], reverse-trap [CAUSE]: to the next trap, or back to the last one."""
    causes = session.kernel.causes(text) if text else frozenset[int]()
    return session.go(lambda: session.steps.trap(causes, back))


def switch(session: Session, text: str, back: bool = False) -> Reply:
    """switch, reverse-switch: to the next context switch, or back to the last one."""
    return session.go(lambda: session.steps.to(session.kernel.context_switch(), back))


ROWS = (
    Command("continue", ("c", "fg"), "[N]", "run on, to the next breakpoint or the end", go_on, again=True, runs=True),
    Command("step", ("s",), "[N]", "to the next line of source, into procedures and system calls",
            lambda session, text: repeated(session, text, lambda: by_line(session, lambda: into(session))),
            again=True, runs=True),
    Command("next", ("n",), "[N]", "to the next line of source, over procedures and system calls",
            lambda session, text: repeated(session, text, lambda: by_line(session, session.steps.over)),
            again=True, runs=True),
    Command("stepi", ("si",), "[N]", "one instruction, into whatever it leads: traps and interrupts, too",
            instructions, again=True, runs=True),
    Command("nexti", ("ni",), "[N]", "one instruction, over procedures, system calls and interrupts",
            lambda session, text: repeated(session, text, session.steps.over), again=True, runs=True),
    Command("finish", ("fin",), "", "until the current procedure returns", finish, again=True, runs=True),
    Command("until", ("u",), "[LOCATION]", "until the hart gets there\n"
            "By itself: to a line of source behind this one, so out of a loop, or to the procedure's return.",
            until, again=True, runs=True),
    Command("advance", ("adv",), "LOCATION", "until the hart gets there", advance, runs=True),
    Command("trap", ("t",), "[CAUSE]", "to the next trap, or the next one with this cause", trap,
            again=True, runs=True),
    Command("user", (), "", "until the hart enters user mode",
            lambda session, text: session.go(session.steps.user), again=True, runs=True),
    Command("switch", (), "", "until another process goes on: the next context switch",
            switch, again=True, runs=True),
    Command("process", ("proc",), "PID", "until that process runs in user mode", process, runs=True),
)  # fmt: skip
