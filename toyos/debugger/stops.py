"""Why the machine has stopped where it stands -> lines for the user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger.breakpoints import CATCHPOINT, CHECK, WATCHPOINT, Breakpoint
from toyos.debugger.faults import fault_lines
from toyos.debugger.replies import registers_of
from toyos.debugger.scope import register_names
from vm.arch import CAUSE_ECALL_U, PRIV_NAMES
from vm.isa import registers
from vm.isa.registers import NUMBERS
from vm.points import CodePoint, DataPoint, Hit, Point
from vm.timetravel import BEGIN, END, IDLE, INTERRUPTED

if TYPE_CHECKING:
    from toyos.debugger.session import Session

HALT, STOPPED = "halt", "stopped"
SMALL = 10  # a number from here on is shown in hexadecimal, too
LEAST_ADDRESS = 1 << 12  # numbers from here on may be addresses
A_ROW = 6  # saved words in a line
ENDINGS = {
    IDLE: "every process sleeps, and only console input can wake one: `input TEXT` types a line, `eof` is Ctrl-D",
    STOPPED: "the hart has stopped: a trap found neither a stack nor a vector",
    INTERRUPTED: "interrupted",
    BEGIN: "this is the beginning: nothing is known from before",
    END: "this is the end of the recording",
}


def notes(session: Session) -> Iterator[str]:
    """-> why the last move ended, if there is something to say beside where that is."""
    outcome = session.outcome
    stopped = session.breakpoints.that_stopped(outcome)
    for made, hit in stopped:
        made.hits += 1
        if not made.number:
            if not any(other.kind == CATCHPOINT and at.point == hit.point for other, at in stopped if other.number):
                yield from describe(session, made, hit)
            continue
        fault = f" (its condition cannot be told: {made.fault})" if made.fault else ""
        yield f"{made.kind} {made.number}: {made.what}{fault}"
        yield from (f"  {line}" for line in describe(session, made, hit))
        session.to_do += made.commands
        if made.temporary:
            session.breakpoints.delete(made.number)
    if outcome.reason == HALT:
        yield f"the machine has halted: exit status {outcome.status}"
    elif outcome.reason in ENDINGS:
        yield ENDINGS[outcome.reason]


def displays(session: Session) -> Iterator[str]:
    """-> what `display` has asked to be shown at every stop."""
    from toyos.debugger.data_commands import displayed

    return displayed(session)


def describe(session: Session, made: Breakpoint, hit: Hit) -> Iterator[str]:
    """A breakpoint and its hit, where the machine stands -> what has happened."""
    if made.kind == CHECK:
        yield from map(str, session.checks.at(hit.at) if session.checks else ())
    elif hit.trap is not None:
        yield from trap_lines(session, hit)
    elif isinstance(hit.point, CodePoint):
        if made.kind == CATCHPOINT:
            yield from fault_lines(session)
    elif made.kind == CATCHPOINT and isinstance(hit.point, DataPoint):
        yield _event(session, hit)
    else:
        yield change_text(session, hit)
        if made.kind == WATCHPOINT:
            yield by_whom(session, hit)


def _event(session: Session, hit: Hit) -> str:
    """Hit of a word of the kernel's -> a switch, or a process's new state."""
    kernel, point = session.kernel, hit.point
    assert isinstance(point, DataPoint)
    if point.address == kernel.symbols["current"]:
        return f"{_process(session, hit.before or 0)} -> {_process(session, hit.after or 0)}"
    pcb = point.address - kernel.symbols["P_STATE"]
    names = kernel.state_names
    before, after = (names.get(number or 0, str(number)) for number in (hit.before, hit.after))
    return f"{_process(session, pcb)}: {before} -> {after}"


def _process(session: Session, pcb: int) -> str:
    name = session.kernel.name_of(pcb)
    return f"process {session.kernel.pid_of(pcb)}" + (f" ({name})" if name else "")


def change_text(session: Session, hit: Hit) -> str:
    """Hit of a point -> "0 -> 5050 (0x13ba)", or what was done to it."""
    if hit.before is not None and hit.after is not None and hit.before != hit.after:
        return f"{number_text(session, hit.before, hit.point)} -> {number_text(session, hit.after, hit.point)}"
    value = f", {number_text(session, hit.after, hit.point)}" if hit.after is not None else ""
    if hit.access is None:
        return "changed" + value
    return f"{'written' if hit.access.write else 'read'}: {hit.access.size} bytes at {hit.access.address:#010x}{value}"


def number_text(session: Session, number: int, point: Point | None = None) -> str:
    """A word, and where it lay -> as people read it."""
    kernel = session.kernel
    if kernel.name_of(number):
        return f"{number:#x} = {_process(session, number)}"
    if isinstance(point, DataPoint) and kernel.is_pcb(point.address - kernel.symbols["P_STATE"]):
        return f"{number} ({kernel.state_names.get(number, 'no state')})"
    if number >= LEAST_ADDRESS and (name := session.name(number)):
        return f"{number:#x} <{name}>"
    return str(number) if number < SMALL else f"{number} ({number:#x})"


def by_whom(session: Session, hit: Hit) -> str:
    """Hit of data or of a register, where the machine stands -> the instruction that did it. The machine goes one
    instruction back and comes again."""
    timeline = session.timeline
    if hit.at <= timeline.start:
        return ""
    timeline.goto(hit.at - 1)
    pc = session.machine.pc
    text, place = session.instruction(pc).text.replace("\t", " "), session.place_text(pc)
    timeline.goto(hit.at)
    return f"by `{text}` at {place}"


def trap_lines(session: Session, hit: Hit) -> Iterator[str]:
    """Hit of a trap, where the machine stands -> cause, from, to, and the registers that will be saved."""
    trap = hit.trap
    assert trap is not None
    where, handler = session.name(trap.pc), session.name(trap.handler)
    place = f"{trap.pc:#010x}" + (f" <{where}>" if where else "")
    yield (
        f"{trap.name}, at {place}, value {trap.value:#x}, {PRIV_NAMES[trap.source]} -> {PRIV_NAMES[trap.target]}, "
        f"to {trap.handler:#010x} <{handler}>"
    )
    if trap.cause == CAUSE_ECALL_U:
        yield call_text(session, session.kernel.call_number(hit))
    mode = session.machine.mode
    saved = registers_of(session.kernel.saved_registers(trap.source))
    numbers = registers.numbers(mode)
    names = [name for name in register_names(mode) if name != "zero"]
    words = [("pc", trap.pc), *((name, saved[numbers[name]]) for name in names)]
    known = [f"{name} {word:#x}" for name, word in words if word]
    for first in range(0, len(known), A_ROW):
        yield ("to be saved: " if first == 0 else "             ") + "  ".join(known[first : first + A_ROW])


def call_text(session: Session, number: int) -> str:
    """Number of a system call that is being made -> "system call write(1, 0x11000, 24)"."""
    name = session.kernel.system_calls.get(number, str(number))
    arguments = (int(session.machine.x[NUMBERS[register]]) for register in ("a0", "a1", "a2", "a3"))
    return f"system call {name} ({number}), a0-a3: " + ", ".join(f"{each:#x}" for each in arguments)
