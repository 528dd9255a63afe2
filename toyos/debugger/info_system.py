"""What the kernel keeps, as `info` and commands of their own show it: processes, PCBs, queues, the stack across traps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import scope
from toyos.debugger.command import Command
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.inspect import Process
from vm.arch import SATP_MODE, SATP_PPN

if TYPE_CHECKING:
    from toyos.debugger.session import Session


def csr_text(session: Session, name: str, value: int) -> str:
    """A CSR's value -> what it means, where that can be said shortly."""
    if name in ("scause", "mcause"):
        return session.kernel.cause_names.get(value, "")
    if name == "satp":
        return f"root table {(value & SATP_PPN) << 12:#010x}" if value & SATP_MODE else "no translation"
    if name in ("sepc", "mepc", "stvec", "mtvec"):
        return f"<{label}>" if (label := session.name(value)) else ""
    if name in ("sscratch", "pcbb"):
        return session.inspector.describe(value) if value else ""
    return ""


def process_of(session: Session, text: str) -> Process:
    """Argument "[PID]" -> that process, by itself the current one. Raises Refused."""
    value = scope.pcb(session, scope.sound(evaluate(session, text)).number if text else None)
    found = session.inspector.at(value.number)
    if found is None:
        raise Refused("the kernel has no process yet")
    return found


def processes(session: Session, text: str) -> Iterator[str]:
    """ps: all processes."""
    inspector = session.inspector
    found = inspector.processes()
    if not found:
        yield "the kernel has no process yet"
        return
    current = inspector.current()
    yield "   PID  PPID STATE    PAGES PROGRAM          ON"
    for each in found:
        mark = "*" if current and each.pcb == current.pcb else " "
        queue = inspector.queue_name(each.queue) if each.queue else ""
        yield f"{mark} {each.pid:4} {each.ppid:5} {each.state:8} {each.pages:5} {each.name:16} {queue}".rstrip()


def pcb(session: Session, text: str) -> Iterator[str]:
    """pcb [PID]: field by field."""
    process = process_of(session, text)
    yield f"PCB of process {process.pid} ({process.name}) at {process.pcb:#010x}"
    for each in process.fields:
        yield f"{process.pcb + each.offset:#010x} {each.name:18} {each.text:34} {each.comment}".rstrip()


def queues(session: Session, text: str) -> Iterator[str]:
    """info queues."""
    for name, members in session.inspector.queues().items():
        listed = ", ".join(f"{each.pid} ({each.name})" for each in members[:16]) or "empty"
        more = f" and {len(members) - 16} more" if len(members) > 16 else ""
        yield f"{name:24} {listed}{more}"


def backtrace(session: Session, text: str) -> Iterator[str]:
    """bt [PID]."""
    yield from session.stack_lines(text)


SUBJECTS = (
    Command("processes", ("ps",), "", "processes", processes),
    Command("pcb", (), "[PID]", "a process control block, field by field", pcb),
    Command("queues", (), "", "the kernel's queues", queues),
    Command("stack", ("s",), "[PID]", "procedures that wait for others, across traps", backtrace),
)
ROWS = (
    Command("backtrace", ("bt",), "[PID]", "procedures that wait for others, the user's below the kernel's", backtrace),
    Command("ps", (), "", "processes", processes),
    Command("pcb", (), "[PID]", "a process control block, field by field", pcb),
)
