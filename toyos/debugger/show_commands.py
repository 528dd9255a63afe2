"""Commands that show where the machine stands and what is in it: registers, stack, source, processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import frames, info_system, info_time, scope
from toyos.debugger.command import Command, find, split
from toyos.debugger.data_commands import displayed, show
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.debugger.stop_commands import clauses_text
from toyos.debugger.values import WORD
from vm.isa import csrs
from vm.machine import MachineError

if TYPE_CHECKING:
    from toyos.debugger.session import Session

MAIN_CSRS = ("sstatus", "scause", "stval", "sepc", "stvec", "sscratch", "satp", "sie", "sip")


def here(session: Session, text: str) -> Iterator[str]:
    """here: where the machine stands."""
    if session.note:
        yield session.note
    yield from session.standing()


# ---- info ------------------------------------------------------------------------------------------------------------
def registers(session: Session, text: str) -> Iterator[str]:
    """info registers [NAMES]."""
    wanted = text.replace("$", "").split() or [*scope.register_names(session.machine.mode), "pc"]
    for name in wanted:
        value = scope.register(session, name)
        shown = show(session, value)
        label = session.name(value.number & WORD)
        if value.type.target is not None or value.type.code:
            shown = f"<{label}>" if label else ""
        elif label and value.number & WORD >= 1 << 16:
            shown += f" <{label}>"
        yield f"{name:14} {value.number & WORD:#010x}  {shown}".rstrip()


def all_registers(session: Session, text: str) -> Iterator[str]:
    """info all-registers."""
    yield from registers(session, "")
    yield from control_registers(session, "")


def control_registers(session: Session, text: str) -> Iterator[str]:
    """info csr [NAMES]."""
    mode = session.machine.mode
    for name in text.replace("$", "").split() or (*MAIN_CSRS, *_of_mode(mode)):
        if name not in csrs.numbers(mode):
            scope.register(session, name)
            raise Refused(f"{name} is no CSR")
        try:
            value = session.machine.csr(name)
        except MachineError as fault:
            raise Refused(str(fault)) from None
        yield f"{name:14} {value:#010x}  {info_system.csr_text(session, name, value)}".rstrip()


def _of_mode(mode: str) -> tuple[str, ...]:
    from vm.arch import CSR_OF_MODE

    return tuple(CSR_OF_MODE.get(mode, ()))


def breakpoints(session: Session, text: str) -> Iterator[str]:
    """info breakpoints."""
    if not len(session.breakpoints):
        yield "no breakpoints, watchpoints or catchpoints"
    for each in session.breakpoints:
        kind = f"{'temporary ' if each.temporary else ''}{each.kind}"
        state = "" if each.enabled else ", disabled"
        yield f"{each.number:<3} {kind:12} {each.what}{clauses_text(each)}{state}"
        if each.hits:
            yield f"    has stopped the machine {each.hits} time{'s' * (each.hits != 1)}"
        if each.ignore:
            yield f"    ignores the next {each.ignore}"


def symbol(session: Session, text: str) -> Iterator[str]:
    """info symbol ADDRESS."""
    address = scope.sound(evaluate(session, text)).number & WORD if text else session.machine.pc
    name = session.name(address)
    yield name or f"nothing at {address:#010x} has a name"


def frame(session: Session, text: str) -> Iterator[str]:
    """info frame: the procedure that is looked at, and who called it."""
    found = session.inspector.backtrace()
    if not found:
        raise Refused("there is no stack here")
    number = min(session.frame, len(found) - 1)
    yield from frames.select(session, number)
    yield f"sp {found[number].sp:#010x}"
    if number + 1 < len(found):
        caller = found[number + 1]
        yield f"called from {session.place_text(caller.pc)}, sp there {caller.sp:#010x}"
    elif found[number].note:
        yield found[number].note


def line(session: Session, text: str) -> Iterator[str]:
    """info line [LOCATION]."""
    from toyos.debugger import locations

    for address in locations.addresses(session, text):
        found = session.symbols.line(address, session.program_name or None)
        name = session.name(address)
        place = f"{address:#010x}" + (f" <{name}>" if name else "")
        yield f"{place}: {found.file}:{found.line}" if found else f"{place}: no line of source is known"


SUBJECTS = {
    row.name: row
    for row in (
        Command("registers", ("r", "reg"), "[NAMES]", "registers", registers),
        Command("all-registers", ("all",), "", "registers and CSRs", all_registers),
        Command("csr", ("csrs",), "[NAMES]", "control and status registers", control_registers),
        Command("breakpoints", ("b", "watchpoints"), "", "breakpoints, watchpoints, catchpoints", breakpoints),
        Command("symbol", (), "ADDRESS", "the name of an address", symbol),
        Command("line", (), "[LOCATION]", "where code comes from", line),
        Command("display", (), "", "what is shown at every stop", lambda session, text: displayed(session)),
        Command("stack", ("s", "backtrace"), "[PID]", frames.BACKTRACE.summary, frames.backtrace),
        Command("frame", ("f",), "", "the procedure that is looked at", frame),
        *info_system.SUBJECTS,
        *info_time.SUBJECTS,
    )
}


def info(session: Session, text: str) -> object:
    """info SUBJECT ..."""
    word, rest = split(text)
    if not word:
        return (f"info {row.name + ' ' + row.usage:30} {row.summary}".rstrip() for row in SUBJECTS.values())
    return find(word, SUBJECTS, "subject of info").do(session, rest)


ROWS = (
    Command("here", ("w",), "", "where the machine stands, and why", here),
    Command("info", ("i", "inf"), "SUBJECT", "show something; `info` by itself lists the subjects",
            lambda session, text: info(session, text)),  # type: ignore[arg-type, return-value]
    *info_system.ROWS,
)  # fmt: skip
