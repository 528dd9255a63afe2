"""What a user wants to watch -> points: the places where it lies, and when an access to them counts.

A user's address means something else in another program, and the kernel writes to a process's pages by their physical
addresses: so both are watched, as long as the page lies there; reads are the process's own alone. Who wrote something
last is looked for in the frame alone: whatever stands there now came by a write to it, the kernel's copies, too. A
register is the hart's: it counts where the hart runs as it did when the watch was set, in user mode for the same
process.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toyos.build import KERNEL_ADDRESS
from toyos.debugger import scope
from toyos.debugger.replies import Refused
from toyos.debugger.values import Value
from toyos.kernel_points import Watched
from vm.arch import PRIV_U
from vm.points import CHANGE, WRITE, DataPoint, Hit, StatePoint
from vm.translation import current_root, translate

if TYPE_CHECKING:
    from toyos.debugger.session import Session


def points_of(session: Session, what: str, value: Value, kind: str) -> list[Watched]:
    """What the user wrote, its value, and a kind of access -> the points. Raises Refused for what cannot be watched."""
    place = value.place
    if place is None or place.kind == "variable":
        hint = f"; *(int *)({what}) is what lies there" if value.type.target or value.type.code else ""
        raise Refused(f"{what} is no place in memory and no register: it cannot be watched{hint}")
    if place.kind == "physical":
        return [Watched(DataPoint(place.address, value.type.size, kind, physical=True))]
    if place.kind == "memory":
        here = owner(session, value) in ("", session.program_name)
        return _of_memory(session, place.address, value.type.size, kind, here)
    if kind not in (CHANGE, WRITE):
        raise Refused("a register can be watched for changes only: use `watch`")
    if place.name == "pc":
        raise Refused("$pc changes with every instruction; `break` stops at a place, `stepi` at the next")
    if place.kind == "csr":
        if place.name not in (session.machine.core.state.dtype.names or ()):
            raise Refused(f"${place.name} is computed from other registers: it cannot be watched")
        return [Watched(StatePoint(place.name))]
    privilege = session.privilege
    pid = session.kernel.current_pid if privilege == PRIV_U else None
    return [Watched(StatePoint("x", place.address), partial(_runs_as, session, privilege, pid))]


def _runs_as(session: Session, privilege: int, pid: int | None, hit: Hit) -> bool:
    return session.privilege == privilege and pid in (None, session.kernel.current_pid)


def _of_memory(session: Session, address: int, size: int, kind: str, here: bool) -> list[Watched]:
    """here: in the address space in force, and not in another program's."""
    found = [Watched(DataPoint(address, size, kind))]
    physical = _frame_of(session, address, size) if here and kind in (CHANGE, WRITE) else None
    if physical is not None:
        machine, root = session.machine, current_root(session.machine)
        point = DataPoint(physical, size, kind, physical=True)
        found.append(Watched(point, lambda hit: translate(machine, address, root) == physical))
    return found


def _frame_of(session: Session, address: int, size: int) -> int | None:
    """Address -> where in RAM it lies now, if it is one of the current process's."""
    root = current_root(session.machine)
    if address >= KERNEL_ADDRESS or root is None:
        return None
    physical = translate(session.machine, address, root)
    return physical if physical is not None and session.inspector.memory.holds(physical, size) else None


def owner(session: Session, value: Value) -> str:
    """-> the program in whose processes this place in memory lies, by its name in their PCBs; "" for no user's."""
    place = value.place
    if place is None or place.kind != "memory" or place.address >= KERNEL_ADDRESS:
        return ""
    table = next((table for table in session.tables() if value.symbol in table.places), None)
    return scope.program_name(session, table) if table else session.program_name


def last_written(session: Session, what: str, value: Value) -> tuple[Hit, ...]:
    """What the user wrote, and its value -> the hits of the last write to it; () for none. Raises Refused."""
    points, place, program = points_of(session, what, value, WRITE), value.place, owner(session, value)
    if program in ("", session.program_name):
        frame = _frame_of(session, place.address, value.type.size) if place and program else None
        if frame is not None:
            points = [Watched(DataPoint(frame, value.type.size, WRITE, physical=True))]
        return session.find_last([point for point, _ in points])
    return session.find_last([point for point, _ in points], lambda hit: session.program_name == program)
