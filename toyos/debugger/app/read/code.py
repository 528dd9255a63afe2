"""Where the machine stands -> the source file and the instructions around it, with their breakpoints."""

from __future__ import annotations

from collections.abc import Container, Mapping

from toyos.debugger.app.view import Instruction, Source
from toyos.debugger.session import Session
from vm.points import CodePoint

BEFORE, COUNT = 24, 80  # instructions shown before the pc, and in all
WORD = 4  # bytes of a RISC instruction
FAR = 2048  # bytes: a procedure whose start is further away is not read from there


def points_at(session: Session) -> Mapping[int, bool]:
    """-> address -> whether the breakpoint there is enabled."""
    found: dict[int, bool] = {}
    for breakpoint in session.breakpoints:
        for point, _ in breakpoint.watched:
            if isinstance(point, CodePoint):
                found[point.address] = breakpoint.enabled or found.get(point.address, False)
    return found


def numbers_at(session: Session, addresses: Container[int]) -> list[int]:
    """Addresses -> the numbers of the breakpoints there."""
    return [
        breakpoint.number
        for breakpoint in session.breakpoints
        if any(isinstance(point, CodePoint) and point.address in addresses for point, _ in breakpoint.watched)
    ]


def source(session: Session, address: int, points: Mapping[int, bool]) -> Source | None:
    """Address -> the file that its instruction comes from, None if that is not known or cannot be read."""
    program = session.program_name
    line = session.symbols.line(address, program)
    text = session.symbols.source(line.file) if line else None
    if line is None or text is None:
        return None
    marked: dict[int, bool] = {}
    for at, enabled in points.items():
        place = session.symbols.line(at, program)
        if place is not None and place.file == line.file:
            marked[place.line] = enabled or marked.get(place.line, False)
    return Source(line.file, text, line.line, marked)


def instructions(session: Session, points: Mapping[int, bool]) -> list[Instruction]:
    """-> the instructions around the pc."""
    pc = session.machine.pc
    found: list[Instruction] = []
    address = _start(session, pc)
    while len(found) < COUNT:
        read = session.instruction(address)
        name = session.name(address)
        label = "" if "+" in name else name
        text = read.text or "no memory is mapped here"
        found.append(Instruction(address, read.content, text, label, points.get(address)))
        if not read.length:
            break
        address += read.length
    return found


def _start(session: Session, pc: int) -> int:
    """pc -> an address some instructions before it, from which reading leads to it."""
    table = session.symbols.table_at(pc, session.program_name)
    nearest = table.nearest(pc) if table else None
    if nearest is None or table is None or nearest[1] > FAR:
        return pc
    starts = []
    address = pc - nearest[1]
    while address < pc:
        starts.append(address)
        length = session.instruction(address).length
        if not length:
            return pc
        address += length
    return ([*starts, pc] if address == pc else [pc])[-BEFORE - 1 :][0]
