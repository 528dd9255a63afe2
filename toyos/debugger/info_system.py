"""What the kernel keeps, as `info` and commands of their own show it: processes, PCBs, queues, memory, windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toyos.debugger import scope
from toyos.debugger.command import Command
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.inspect import Page, Process
from vm.arch import PAGE_SIZE, SATP_MODE, SATP_PPN
from vm.isa import csrs

if TYPE_CHECKING:
    from toyos.debugger.session import Session


MOST = 16  # processes of a queue that are listed
FREE = "Free"


def csr_text(session: Session, name: str, value: int) -> str:
    """A CSR's value -> what it means: names of what it points to, else its fields."""
    if name == "satp":
        return f"root table {(value & SATP_PPN) << 12:#010x}" if value & SATP_MODE else "no translation"
    if name in ("sepc", "mepc", "stvec", "mtvec"):
        return f"<{label}>" if (label := session.name(value)) else ""
    if name in ("sscratch", "pcbb"):
        return session.inspector.describe(value) if value else ""
    return csrs.decoded(name, value, session.machine.mode)


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
        processes = [each for each in members if each.state != FREE]
        listed = ", ".join(f"{each.pid} ({each.name})" for each in processes[:MOST]) or "empty"
        if len(members) > len(processes):
            listed = f"{len(members)} PCBs"
        more = f" and {len(processes) - MOST} more" if len(processes) > MOST else ""
        yield f"{name:24} {listed}{more}"


def page_table(session: Session, text: str) -> Iterator[str]:
    """info pagetable [PID]."""
    process = process_of(session, text)
    table = session.inspector.page_table(process)
    yield f"page table of process {process.pid} ({process.name}), root at {table.root:#010x}"
    for entry in table.entries:
        if isinstance(entry, Page):
            yield _page(entry, "")
            continue
        yield f"{entry.address:#010x} -> table at {entry.table:#010x}"
        yield from (_page(page, "  ") for page in entry.pages)
    yield from table.trouble


def _page(page: Page, indent: str) -> str:
    others = ", ".join(f"process {pid}" for pid, _ in page.users) if len(page.users) > 1 else ""
    shared = f"  shared by {others}" if others else ""
    cow = "  copied when written" if page.cow else ""
    size = "" if page.size == PAGE_SIZE else f"  {page.size >> 20} MiB"
    return f"{indent}{page.address:#010x} -> {page.physical:#010x} {page.permissions}{size}{shared}{cow}"


def memory(session: Session, text: str) -> Iterator[str]:
    """info mem [PID]."""
    process = process_of(session, text)
    yield f"memory of process {process.pid} ({process.name})"
    yield "START      END        RIGHTS  PAGES SHARED  COW  WHAT"
    for each in session.inspector.memory_map(process):
        yield (
            f"{each.start:#010x} {each.end:#010x} {each.permissions or '-':7} {each.resident:5} {each.shared:6} "
            f"{each.cow:4}  {each.name}"
        )


def files(session: Session, text: str) -> Iterator[str]:
    """info files [PID]."""
    process = process_of(session, text)
    found = session.inspector.open_files(process)
    yield f"open files of process {process.pid} ({process.name})" + ("" if found else ": none")
    for each in found:
        what = each.trouble or (f"{each.inode.path or each.inode.kind}" if each.inode else "no inode")
        closing = ", closed by exec" if each.close_on_exec else ""
        yield (
            f"{each.descriptor:3}  {what}  {each.flags}, offset {each.offset}, "
            f"{each.references} descriptor{'s' * (each.references != 1)}{closing}"
        )


def register_windows(session: Session, text: str) -> Iterator[str]:
    """info windows."""
    found = session.inspector.windows()
    if found is None:
        raise Refused(
            f"a machine in {session.machine.mode} mode has no register windows; `--mode window` makes one that has"
        )
    yield f"{found.nwin} windows, policy {found.policy}: cwp {found.cwp}, wim {found.wim:#x}"
    for each in found.windows:
        owner = "nobody" if each.owner is None else f"process {each.owner}"
        forbidden = "  not to be entered" if each.forbidden else ""
        here = "*" if each.number == found.cwp else " "
        yield f"{here}{each.number:3}  {owner:12} {each.role}{forbidden}"
        for title, registers in (("in, local", each.registers), ("out", each.outs)):
            words = [f"{name} {word:#x}" for name, word in registers.items() if word]
            if words:
                yield f"       {title}: {'  '.join(words)}"


SUBJECTS = (
    Command("processes", ("ps",), "", "processes", processes),
    Command("pcb", (), "[PID]", "a process control block, field by field", pcb),
    Command("queues", ("q",), "", "the kernel's queues", queues),
    Command("pagetable", ("pt", "page-table"), "[PID]", "page table, with permissions and sharing", page_table),
    Command("mem", ("proc", "memory", "map"), "[PID]", "memory map", memory),
    Command("files", (), "[PID]", "open files", files),
    Command("windows", ("win",), "", "register windows", register_windows),
)
ROWS = (
    Command("ps", (), "", "processes", processes),
    Command("pcb", (), "[PID]", "a process control block, field by field", pcb),
)
