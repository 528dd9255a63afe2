"""Programs, or a shell -> a session: an observed computer on a timeline, run to where the user's own code begins."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from toyos import build
from toyos.boot import RAM, SHELL, Computer, observed_program
from toyos.debugger.printer import Printer
from toyos.debugger.session import Session
from toyos.inspect import Inspector
from toyos.kernel_points import Watched
from toyos.variants import Choice, choose
from vm.arch import PRIV_U
from vm.points import CodePoint
from vm.stepping import STEP
from vm.timetravel import Timeline

FIRST = ("main", "_start")  # where a program begins for those who wrote it


def start(
    files: Sequence[str | Path] = (),
    args: Sequence[str] = (),
    choice: Choice | None = None,
    *,
    command: Sequence[str] | None = None,
    ram: int = RAM,
    terminal: bool = False,
    from_reset: bool = False,
) -> Session:
    """A program's files and arguments -> a session that stands at its main, everything before within reach of a step
    back; with from_reset, at the machine's first instruction. Without files: `command`, or else a shell.

    terminal: a person types on the guest's console, who is shown what is typed. Raises what building raises.
    """
    parts = build.system_of(choice or choose("risc", None, {}, None))
    own: dict[str, bytes] = {}
    known: Mapping[str, bytes] = {}
    words = list(command) if command is not None else [SHELL]
    if files:
        name, own, known = observed_program([Path(file) for file in files], parts)
        words = [name, *args]
    printer = Printer()
    computer = Computer(words, own, ram=ram, terminal=terminal, console=printer, parts=parts, observed=True)
    machine = computer.machine
    session = Session(Timeline(machine), Inspector(machine, parts, known), shlex.join(words), printer, own=known)
    if not from_reset:
        to_program(session, words[0].rpartition("/")[2])
    return session


def to_program(session: Session, name: str) -> None:
    """Runs to the first instruction of `main` of the program with this name, or to where the machine stops before."""
    table = session.symbols.program(name)
    places = table.places if table else {}
    first = next((places[each] for each in FIRST if each in places), None)
    if first is None:
        session.note = f"{name} has no symbol {' or '.join(FIRST)}: this is the machine's first instruction"
        return

    def own(hit: object) -> bool:
        return session.privilege == PRIV_U and session.program_name == name[: session.kernel.symbols["NAME_SIZE"] - 1]

    session.go(lambda: session.steps.to([Watched(CodePoint(first), own)]))
    session.began = session.position
    if session.outcome.reason == STEP:
        session.note = f"{name} begins here; all that has led here is in the past, and can be gone back to"
