"""Procedures that wait for others: backtrace, frame, up, down; and the source and code of the one that is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import locations, scope
from toyos.debugger.code import instructions_from
from toyos.debugger.command import Command
from toyos.debugger.expressions import evaluate
from toyos.debugger.info_system import process_of
from toyos.debugger.replies import Refused
from toyos.debugger.values import WORD
from toyos.inspect.stack import Frame

if TYPE_CHECKING:
    from toyos.debugger.session import Session

A_LIST = 10  # lines of source shown by one `list`
AROUND = A_LIST // 2
MOST_CODE = 400  # instructions that one `disassemble` shows


def _text(number: int, frame: Frame, chosen: bool) -> str:
    name = frame.symbol or "??"
    place = f" at {frame.line.file}:{frame.line.line}" if frame.line else ""
    return f"{'*' if chosen else ' '} #{number:<2} {frame.pc:#010x} in {name}{place}"


def _level(session: Session, frame: Frame) -> str:
    if frame.process is None:
        switch = session.switched()
        whose = f", in the trap of process {switch.before}; process {switch.pid} goes on next" if switch else ""
        return f"--- {frame.level}{whose}"
    return f"--- {frame.level}, process {frame.process.pid} ({frame.process.name})"


def backtrace(session: Session, text: str) -> Iterator[str]:
    """bt [PID]: of where the hart is, or of a process that waits."""
    process = process_of(session, text) if text else None
    level = ""
    for number, frame in enumerate(session.inspector.backtrace(process)):
        if frame.level != level:
            level = frame.level
            yield _level(session, frame)
        yield _text(number, frame, process is None and number == session.frame)
        if frame.note:
            yield f"      ({frame.note})"


def chosen(session: Session) -> Frame:
    """-> the frame that is looked at. Raises Refused when there is none."""
    frames = session.inspector.backtrace()
    if not frames:
        raise Refused("there is no stack here")
    return frames[min(session.frame, len(frames) - 1)]


def select(session: Session, number: int) -> Iterator[str]:
    """Looks at the frame with this number -> what it is. Raises Refused."""
    frames = session.inspector.backtrace()
    if number < 0:
        raise Refused("this is the innermost frame: nothing is below it")
    if number >= len(frames):
        raise Refused(f"there is no frame {number}: the outermost is {len(frames) - 1}")
    session.frame, session.next_line = number, None
    frame = frames[number]
    yield _level(session, frame)
    yield _text(number, frame, chosen=True)
    if frame.line and (source := session.symbols.text(frame.line)):
        yield f"{frame.line.line}\t{source.expandtabs()}"


def frame_(session: Session, text: str) -> Iterator[str]:
    """frame [NUMBER]."""
    number = scope.sound(evaluate(session, text)).number if text else session.frame
    yield from select(session, number)


def _steps(session: Session, text: str) -> int:
    return scope.sound(evaluate(session, text)).number if text else 1


# ---- source and code -------------------------------------------------------------------------------------------------
def list_(session: Session, text: str) -> Iterator[str]:
    """list [LOCATION]: source around it; by itself around the frame that is looked at, and then on."""
    marked = None
    if text:
        address = locations.addresses(session, text)[0]
        line = session.symbols.line(address, session.program_name)
        if line is None:
            raise Refused(f"no line of source is known for {address:#010x}")
        file, first = line.file, line.line - AROUND
    elif session.next_line is not None:
        file, first = session.next_line
    else:
        line = chosen(session).line
        if line is None:
            raise Refused("no source is known for where the machine stands; `disas` shows the instructions")
        file, first = line.file, line.line - AROUND
    here = chosen(session).line
    marked = here.line if here and here.file == file else None
    lines = session.symbols.source(file)
    if lines is None:
        raise Refused(f"{file}: the source cannot be read")
    first = max(first, 1)
    if first > len(lines):
        raise Refused(f"{file} has {len(lines)} lines")
    for number in range(first, min(first + A_LIST, len(lines) + 1)):
        yield f"{number}{'>' if number == marked else ''}\t{lines[number - 1].expandtabs()}".rstrip()
    session.next_line = file, first + A_LIST


def disassemble(session: Session, text: str) -> Iterator[str]:
    """disas [LOCATION]: the procedure there; here an address needs no star."""
    text = f"*{text}" if text.startswith(("0x", "0X")) else text
    address = locations.addresses(session, text)[0] if text else chosen(session).pc
    table = session.symbols.table_at(address, session.program_name)
    nearest = table.nearest(address) if table else None
    if table is None or nearest is None:
        yield from (each.line("", here=each.address == session.machine.pc) for each in
                    instructions_from(session.machine, address, A_LIST, session.name))  # fmt: skip
        return
    start = address - nearest[1]
    ends = [place for place in table.places.values() if place > start]
    end = min([*ends, table.text_end], default=table.text_end)
    yield f"{nearest[0]}:"
    for _ in range(MOST_CODE):
        if start >= end:
            return
        each = session.instruction(start)
        if not each.length:
            raise Refused(f"cannot read memory at {start:#010x}")
        yield each.line(session.name(start), here=start == session.machine.pc)
        start = start + each.length & WORD
    yield f"... up to {end:#010x}"


BACKTRACE = Command(
    "backtrace", ("bt", "where"), "[PID]", "procedures that wait for others, the user's below the kernel's", backtrace
)
ROWS = (
    BACKTRACE,
    Command("frame", ("f",), "[NUMBER]", "look at another one of them", frame_),
    Command("up", (), "[N]", "look at the caller",
            lambda session, text: select(session, session.frame + _steps(session, text)), again=True),
    Command("down", (), "[N]", "back to the one that it called",
            lambda session, text: select(session, session.frame - _steps(session, text)), again=True),
    Command("list", ("l",), "[LOCATION]", "source text, and more of it", list_, goes_on=True),
    Command("disassemble", ("disas",), "[LOCATION]", "the instructions of a procedure", disassemble),
)  # fmt: skip
