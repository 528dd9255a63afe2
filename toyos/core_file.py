"""A process -> a core file, and back: a machine that holds nothing but that process, to be looked at.

write_core(inspector, process, "core", signal=11)
machine, inspector = open_core("core")       # inspector.backtrace(), .memory_map(inspector.current()), ...

The file has the notes that Linux writes for a RISC-V process of 32 bits, so that gdb shows it; cores of cisc mode have
their own registers in them, under a machine number of their own. What only we understand, system, PCB and the program
with its symbols, is in notes of our own.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toyos.constants import signal_of
from toyos.core_elf import EXECUTE, PAGE, READ, WORD, WRITE, CoreError, Note, Segment, read, write
from toyos.inspect import Inspector, Process, windows
from toyos.inspect.regions import ARGUMENTS
from toyos.inspect.space import Page
from toyos.symbols import NAME_ROOM
from vm.isa import registers

if TYPE_CHECKING:
    from toyos.boot import Computer
    from vm.machine import Machine
    from vm.observe import Observer
    from vm.stops import Stop

EM_RISCV, EM_CISC = 243, 0xC15C  # the second is ours: nobody has a number for this machine
MACHINES = {"risc": EM_RISCV, "window": EM_RISCV, "cisc": EM_CISC}
LINUX, OURS = "CORE", "TOYOS"  # who has defined a note
NT_PRSTATUS, NT_PRPSINFO = 1, 3
NT_SYSTEM, NT_PROGRAM = 0x746F_7901, 0x746F_7902  # ours; gdb takes smaller numbers for its own, whoever's they are
FORMAT = 1  # of the note NT_SYSTEM
# elf_prstatus of Linux: siginfo, signal, masks, pid, ppid, group, session, four times; then registers, fpvalid.
STATUS_HEAD = struct.Struct("<3I H2x 2I 4I 8I")
# elf_prpsinfo of Linux: state, its letter, zombie, nice, flags, uid, gid, pid, ppid, group, session, name, arguments.
INFO = struct.Struct("<4B I 2I 4I 16s 80s")
CISC_REGISTERS = ("a0", "a1", "a2", "a3", "t0", "t1", "s0", "s1", "sp", "pc", "psw")
ARGUMENTS_MOST = 64  # words that are looked for


class Core(NamedTuple):
    """What a core file says. choice: mode, variant and parameters of the system; fields: bytes of the PCB's fields by
    name; registers: by name; program: guest path of the program, symbols: its a.out with them, b"" when not known."""

    choice: tuple[str, str, Mapping[str, int]]
    pid: int
    signal: int
    name: str
    fields: Mapping[str, bytes]
    registers: Mapping[str, int]
    program: str
    symbols: bytes
    segments: list[Segment]


# ---- writing ---------------------------------------------------------------------------------------------------------
def core_of(inspector: Inspector, process: Process, signal: int = 0) -> bytes:
    """A process, and the signal that ends it -> its core file. Raises InspectError for one without an address space."""
    from vm import aout

    values = inspector.registers(process)
    words = [values[name] for name in _register_names(inspector.machine.mode)]
    table = inspector.symbols.program(process.program) if process.program else None
    rows = inspector.layout.rows
    system = {
        "format": FORMAT, "choice": list(inspector.parts.choice), "signal": signal, "program": process.program,
        "fields": {row.name: process.content[row.offset : row.offset + row.size].hex() for row in rows},
    }  # fmt: skip
    notes = [
        Note(LINUX, NT_PRSTATUS, _status(process, signal, words)),
        Note(LINUX, NT_PRPSINFO, _info(inspector, process)),
        Note(OURS, NT_SYSTEM, json.dumps(system).encode()),
    ]
    if table is not None:
        notes.append(Note(OURS, NT_PROGRAM, aout.write(table.object)))
    return write(MACHINES[inspector.machine.mode], notes, _segments(inspector, process))


def _register_names(mode: str) -> tuple[str, ...]:
    """Mode -> the registers of a process in the order of the note: pc and x1 to x31 as Linux has them, or cisc's."""
    return CISC_REGISTERS if MACHINES[mode] == EM_CISC else ("pc", *registers.names(mode)[1:])


def write_core(inspector: Inspector, process: Process, path: str | Path, signal: int = 0) -> None:
    """The same, into a file. Raises OSError, too."""
    Path(path).write_bytes(core_of(inspector, process, signal))


def _status(process: Process, signal: int, words: list[int]) -> bytes:
    head = STATUS_HEAD.pack(signal, 0, 0, signal, 0, 0, process.pid, process.ppid, process.pid, 0, *[0] * 8)
    return head + struct.pack(f"<{len(words)}I", *words) + bytes(4)


def _info(inspector: Inspector, process: Process) -> bytes:
    uid, gid = process.word("P_UID"), process.word("P_GID")
    name = process.name.encode()
    text = b" ".join(_arguments(inspector, process)) or name
    return INFO.pack(0, ord("R"), 0, 0, 0, uid, gid, process.pid, process.ppid, process.pid, 0, name[:15], text[:79])


def _arguments(inspector: Inspector, process: Process) -> list[bytes]:
    """-> the words that the program was started with, as far as they are still on its stack."""
    region = next((each for each in inspector.memory_map(process) if each.name == ARGUMENTS), None)
    count = inspector.memory.user(process.space_root).word(region.start) if region else 0
    found: list[bytes] = []
    for number in range(min(count or 0, ARGUMENTS_MOST)):
        at = inspector.memory.user(process.space_root).word(region.start + WORD * (1 + number)) if region else None
        text = inspector.memory.user(process.space_root).text(at) if at else None
        found += [text.encode()] if text is not None else []
    return found


def _segments(inspector: Inspector, process: Process) -> list[Segment]:
    """-> the process's pages with the windows of its callers where they would be spilled; neighbours in one piece."""
    pages = inspector.page_table(process).pages
    memory = {page.address: bytearray(inspector.machine.read(page.physical, page.size)) for page in pages}
    flags = {page.address: _flags(page) for page in pages}
    for address, content in _unspilled(inspector, process):
        for at, byte in enumerate(content, address):
            page = at & -PAGE
            memory.setdefault(page, bytearray(PAGE))[at - page] = byte
            flags.setdefault(page, READ | WRITE)
    found: list[Segment] = []
    for address in sorted(memory):
        last = found[-1] if found else None
        if last and last.address + len(last.content) == address and last.flags == flags[address]:
            found[-1] = last._replace(content=last.content + bytes(memory[address]))
        else:
            found.append(Segment(address, bytes(memory[address]), flags[address]))
    return found


def _flags(page: Page) -> int:
    letters = page.permissions
    writable = "w" in letters or page.cow
    return READ * ("r" in letters) | WRITE * writable | EXECUTE * ("x" in letters)


def _unspilled(inspector: Inspector, process: Process) -> list[tuple[int, bytes]]:
    """-> address and content of each window of a caller that is in the register file alone."""
    if not windows.has_windows(inspector):
        return []
    found, sp = [], inspector.registers(process)["isp"]
    for number in windows.callers(inspector, process):
        words = windows.words(inspector, number)
        found.append((sp - windows.WINDOW_BYTES & 0xFFFF_FFFF, struct.pack(f"<{len(words)}I", *words)))
        sp = words[windows.ISP]
    return found


# ---- reading ---------------------------------------------------------------------------------------------------------
def read_core(content: bytes, name: str = "<bytes>") -> Core:
    """Bytes of a core file -> what it says. Raises CoreError."""
    machine, notes, segments = read(content, name)
    own = {note.kind: note.content for note in notes if note.name == OURS}
    if NT_SYSTEM not in own or machine not in MACHINES.values():
        raise CoreError(f"{name}: the core file of another system; expected one that toyos has written")
    try:
        system: dict[str, Any] = json.loads(own[NT_SYSTEM])
        if system["format"] != FORMAT:
            raise CoreError(f"{name}: format {system['format']} of another version; this one reads format {FORMAT}")
        mode, variant, parameters = system["choice"]
        fields = {str(field): bytes.fromhex(text) for field, text in system["fields"].items()}
        status = next(note.content for note in notes if (note.name, note.kind) == (LINUX, NT_PRSTATUS))
        names = _register_names(mode)
        words = struct.unpack_from(f"<{len(names)}I", status, STATUS_HEAD.size)
        return Core(
            (str(mode), str(variant), {str(key): int(value) for key, value in parameters.items()}),
            int.from_bytes(fields["P_PID"], "little"), int(system["signal"]),
            fields["P_NAME"].partition(b"\0")[0].decode("utf-8", "replace"), fields,
            dict(zip(names, words, strict=True)), str(system["program"]), own.get(NT_PROGRAM, b""), segments,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, struct.error) as fault:
        raise CoreError(f"{name}: its notes are damaged ({type(fault).__name__}: {fault})") from None


def open_core(path: str | Path) -> tuple[Machine, Inspector]:
    """A core file -> an observed machine in which the process stands where it ended, alone; and its Inspector. The
    machine is not to be run. Raises CoreError, OSError."""
    from toyos.core_machine import revive

    return revive(read_core(Path(path).read_bytes(), str(path)), str(path))


# ---- when a program dies ---------------------------------------------------------------------------------------------
def dump_on_fatal(
    computer: Computer,
    path: str | Path,
    own: Mapping[str, bytes] | None = None,
    name: str | None = None,
    observer: Observer | None = None,
    written: Callable[[Process, int], object] | None = None,
) -> Callable[[int | None], Stop]:
    """An observed computer -> what runs it, for Computer.run and Console.run: the first process (called `name`, if that
    is said) that a signal ends leaves its core in the file.

    own: as for Inspector. observer: that of somebody else who runs the computer, and then need not use the result.
    written: told of the process and the signal. What runs raises OSError when the file cannot be written.
    """
    from vm.observe import Observer
    from vm.points import CodePoint
    from vm.stops import Stop

    inspector = Inspector(computer.machine, computer.parts, own)
    watching = observer or Observer(computer.machine)
    x, numbers = computer.machine.x, registers.numbers(computer.machine.mode)
    done = False

    def end(_: object) -> bool:
        """The kernel is about to end a process: a0 is its PCB, a1 its status. -> never a reason to stop."""
        nonlocal done
        process, signal = inspector.at(int(x[numbers["a0"]])), signal_of(int(x[numbers["a1"]]))
        if not done and signal and process is not None and (name is None or process.name == name[:NAME_ROOM]):
            done = True
            write_core(inspector, process, path, signal)
            if written is not None:
                written(process, signal)
        return False

    def run(max_instructions: int | None = None) -> Stop:
        outcome = watching.run(max_instructions)
        return Stop(outcome.reason, outcome.status)

    watching.add(CodePoint(inspector.layout.values["process_end"]), end)
    return run
