"""What a user wants to watch -> points: the places where it lies, and when an access to them counts.

A user's address means something else in another program, and the kernel writes to a process's pages by their physical
addresses: so both are watched, as long as the page lies there; reads are the process's own alone. A register is the
hart's: it counts where the hart runs as it did when the watch was set, in user mode for the same process.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from toyos.build import KERNEL_ADDRESS
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
        return _of_memory(session, place.address, value.type.size, kind)
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


def _of_memory(session: Session, address: int, size: int, kind: str) -> list[Watched]:
    found = [Watched(DataPoint(address, size, kind))]
    machine = session.machine
    root = current_root(machine)
    if address < KERNEL_ADDRESS and root is not None and kind in (CHANGE, WRITE):
        physical = translate(machine, address, root)
        if physical is not None and session.inspector.memory.holds(physical, size):
            point = DataPoint(physical, size, kind, physical=True)
            found.append(Watched(point, lambda hit: translate(machine, address, root) == physical))
    return found


def of_user(points: list[Watched]) -> bool:
    """-> whether these are places in the memory of a process."""
    point = points[0].point
    return isinstance(point, DataPoint) and not point.physical and point.address < KERNEL_ADDRESS
