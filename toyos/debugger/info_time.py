"""What is known of the past: traps and switches with their positions, snapshots; and who last wrote something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import scope, stops
from toyos.debugger.command import Command
from toyos.debugger.expressions import evaluate
from toyos.debugger.marks import SWITCH
from toyos.debugger.replies import Mark, Refused, Reply
from toyos.debugger.stop_commands import pcb_words
from toyos.debugger.watching import last_written
from vm.arch import PRIV_NAMES

if TYPE_CHECKING:
    from toyos.debugger.session import Session

SHOWN = 20  # marks, by itself


def mark_text(session: Session, mark: Mark) -> str:
    """A trap or a switch -> a line."""
    if mark.kind == SWITCH:
        return f"{mark.at:>12}  switch  process {mark.before} -> process {mark.pid} ({mark.name})"
    name = session.symbols.name(mark.pc, mark.program)
    where = f"{mark.pc:#010x}" + (f" <{name}>" if name else "")
    whose = "" if mark.pid is None else f"process {mark.pid}, "
    what = f"{mark.name} ({mark.call})" if mark.call else mark.name
    modes = f"{PRIV_NAMES[mark.source]} -> {PRIV_NAMES[mark.target]}"
    return f"{mark.at:>12}  trap    {whose}{what}, at {where}, {modes}"


def traps(session: Session, text: str) -> Iterator[str]:
    """info traps [COUNT]: the last traps and switches before where the machine stands."""
    count = scope.sound(evaluate(session, text)).number if text else SHOWN
    if count < 1:
        raise Refused("expected how many, 1 or more")
    before = [mark for mark in session.marks() if mark.at <= session.position]
    if not before:
        yield "no trap is known up to here"
    yield from (mark_text(session, mark) for mark in before[-count:])


def timeline(session: Session, text: str) -> Iterator[str]:
    """info timeline."""
    line = session.timeline
    yield f"position {line.now} of what is known: {line.start} to {line.end}"
    kinds = [mark.kind for mark in session.marks()]
    yield f"{len(kinds) - kinds.count(SWITCH)} traps, {kinds.count(SWITCH)} context switches known (info traps)"
    snapshots = line.snapshots
    yield f"{len(snapshots)} snapshots, {line.memory >> 10} KiB of {line.budget >> 10} KiB for them"
    if session.breakpoints.by_number:
        yield f"{len(session.breakpoints)} breakpoints (info breakpoints)"


def last_write(session: Session, text: str) -> Reply:
    """last-write EXPRESSION: goes nowhere; says which instruction wrote it last."""
    if not text:
        raise Refused("the last write to what? Expected a symbol, *(int *)ADDRESS, $register or pcb PID FIELD")
    value = evaluate(session, pcb_words(text))
    hits = last_written(session, text, value)
    if not hits:
        return Reply((f"{text}: no write to it is known, from position {session.timeline.start} on",))
    hit, now = hits[-1], session.position
    session.timeline.goto(hit.at)
    try:
        lines = [f"{text}: last written at position {hit.at}"]
        if hit.before is not None and hit.after is not None:
            lines.append(f"  {stops.change_text(session, hit)}")
        session.timeline.goto(hit.at - 1)
        lines += [f"  {line}" for line in session.standing()]
    finally:
        session.timeline.goto(now)
    return Reply((*lines, f"`goto {hit.at - 1}` goes there, `goto {now}` comes back"))


SUBJECTS = (
    Command("traps", ("marks",), "[COUNT]", "the last traps and context switches, with their positions", traps),
    Command("timeline", ("record", "t"), "", "the position, and what is known of the run", timeline),
)
ROWS = (
    Command("last-write", ("lw",), "EXPRESSION", "which instruction wrote it last\n"
            "EXPRESSION: as for watch, such as pcb 3 state: who last wrote pid 3's state.", last_write, runs=True),
)  # fmt: skip
