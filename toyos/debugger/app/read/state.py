"""The hart and memory -> registers, register windows, stack and bytes, compared with the last stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toyos.debugger.app.view import Frame, Memory, Register, Window
from toyos.debugger.scope import register_names
from toyos.debugger.session import Session
from toyos.inspect.windows import CALLER, PLACE
from vm.arch import WORD
from vm.isa import registers as names_of_registers
from vm.machine import MachineError
from vm.translation import Untranslated, current_root, read_virtual

SYSTEM = {
    "risc": ("sstatus", "sepc", "scause", "stval", "sscratch", "satp", "stvec", "sie", "sip"),
    "window": ("cwp", "wim", "sstatus", "sepc", "scause", "stval", "sscratch", "satp", "stvec", "sie", "sip"),
    "cisc": ("sstatus", "scause", "stval", "usp", "ksp", "pcbb", "satp", "stvec", "sie", "sip"),
}
SYMBOLIC = ("sepc", "stvec", "sscratch", "pcbb")  # whose value is an address with a name
HELD = (CALLER, PLACE)  # roles of windows that hold registers which somebody will want again
WORDS = 48  # of the stack that are shown
BYTES, PIECE = 512, 16  # of memory that are shown; that are read in one go


def registers(session: Session, values: Mapping[tuple[object, ...], Any]) -> list[Register]:
    """-> the general registers, pc, and those of the system. values: of the last stop."""
    machine = session.machine
    numbers = names_of_registers.numbers(machine.mode)
    shown = [(name, int(machine.x[numbers[name]]), False, "") for name in register_names(machine.mode)]
    shown.append(("pc", machine.pc, False, ""))
    for name in SYSTEM[machine.mode]:
        try:
            value = machine.csr(name)
        except MachineError:
            continue
        shown.append((name, value, True, _note(session, name, value)))
    return [Register(name, value, values.get(("register", name)), system, note) for name, value, system, note in shown]


def _note(session: Session, name: str, value: int) -> str:
    if name == "scause":
        return session.kernel.cause_names.get(value, "")
    return session.name(value) if name in SYMBOLIC and value else ""


def windows(session: Session) -> list[Window]:
    """-> the register windows; none in the modes without."""
    file = session.inspector.windows()
    if file is None:
        return []
    return [Window(each.number, each.number == file.cwp, each.role in HELD, each.owner) for each in file.windows]


def stack(session: Session) -> list[Frame]:
    """-> the calls that have not returned, the innermost first, through the trap into the process."""
    frames = []
    for level, frame in enumerate(session.inspector.backtrace()):
        place = f"{frame.line.file.rpartition('/')[2]}:{frame.line.line}" if frame.line else ""
        frames.append(Frame(level, frame.pc, frame.sp, frame.symbol, place, frame.level, frame.note))
    return frames


def stack_pointer(session: Session) -> int:
    return int(session.machine.x[names_of_registers.NUMBERS["sp"]])


def words(session: Session, address: int) -> list[tuple[int, int, str]]:
    """Address of a stack -> its words from there, with the symbols that they point to."""
    content = _readable(session, address & -WORD, WORDS * WORD)
    found = []
    for at in range(0, len(content) - len(content) % WORD, WORD):
        piece = content[at : at + WORD]
        if None in piece:
            break
        value = int.from_bytes(bytes(byte or 0 for byte in piece), "little")
        found.append(((address & -WORD) + at, value, session.name(value)))
    return found


def memory(session: Session, chosen: int | None, values: Mapping[tuple[object, ...], Any]) -> Memory:
    """Address -> the bytes from there on; None: those at the stack pointer. values: of the last stop."""
    address = stack_pointer(session) if chosen is None else chosen
    what = "the stack pointer's" if chosen is None else session.name(chosen)
    first = address & -PIECE
    data = _readable(session, first, min(BYTES, (1 << 32) - first))
    labels = {}
    for at in range(first, first + len(data), WORD):
        name = session.name(at)
        if name and "+" not in name:
            labels[at] = name
    other = frozenset(
        first + i for i, byte in enumerate(data) if byte is not None and values.get(("memory", first + i), byte) != byte
    )
    return Memory(first, data, labels, other, what)


def _readable(session: Session, address: int, size: int) -> Sequence[int | None]:
    """Virtual address -> bytes, None for those where nothing is mapped."""
    root = current_root(session.machine)
    found: list[int | None] = []
    while len(found) < size:
        at = address + len(found)
        here = min(size - len(found), PIECE - at % PIECE)
        try:
            found += read_virtual(session.machine, at & 0xFFFF_FFFF, here, root)
        except Untranslated:
            found += [None] * here
    return found
