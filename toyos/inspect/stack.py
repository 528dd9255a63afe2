"""Who called whom: from where the hart is, or a process stopped, down to the program's first procedure.

Kernel frames come first, then, across the trap, those of the process, with the registers that its trap has saved. The
chain is followed by the code of the procedures alone (code.py); where it breaks, the last frame's note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect import window_traps, windows
from toyos.inspect.code import Code
from toyos.inspect.copying import being_copied, reader
from toyos.inspect.effects import IN_REGISTER, LOST, State
from toyos.inspect.memory import WORD
from vm.aout import Line
from vm.isa.codec import CISC
from vm.isa.registers import NUMBERS, numbers

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process

KERNEL, USER = "kernel", "user"
MOST = 200  # frames that are shown of a level
# Procedures of the kernel that nobody calls: they are reached by traps and jumps.
ROOTS = frozenset(
    "_start supervisor double_trap trap_entry trap_entry_call trap_entry_interrupt trap_save trap idle resume"
    " resume_registers windows_enter windows_make_room kernel_fault kernel_fault_report".split()
)
ROOT_FILES = (window_traps.OVERFLOW_FILE, window_traps.TRAP_FILE)  # they use no stack at all
FAULT_ROOTS = ("kernel_fault", "kernel_fault_report")
TRAP_ENTRIES = ("trap_entry", "trap_entry_call", "trap_entry_interrupt", "trap_save")


class Frame(NamedTuple):
    """A procedure that has begun and not ended. pc: in the first frame of a level the next instruction, in others where
    the call returns to; sp: its stack pointer; line: of the instruction, or of the call; process: whose, None for none;
    level: "kernel" or "user"; note: why the chain ends here, "" where it goes on or has come to its natural end."""

    pc: int
    sp: int
    symbol: str
    line: Line | None
    process: Process | None
    level: str
    note: str = ""


class _At(NamedTuple):
    """What must be known of a frame to find its caller. link: register ra; ins: registers isp and ira; registers: all
    of them, as far as they are known."""

    pc: int
    sp: int
    link: int
    ins: tuple[int, int] = (0, 0)
    registers: Mapping[str, int] = MappingProxyType({})


Read = Callable[[int], int | None]


def backtrace(inspector: Inspector, process: Process | None) -> list[Frame]:
    """A process, or None for where the hart is -> its frames, the innermost first."""
    current = inspector.current()
    if process is not None and (current is None or process.pcb != current.pcb):
        return _of_user(inspector, process, _saved(process))
    if not inspector.in_kernel:
        return _of_user(inspector, current, _live(inspector))
    frames = list(_of_kernel(inspector))
    kernel_root = inspector.layout.values["kernel_root"]
    if current is not None and current.space_root not in (0, kernel_root):
        copied = being_copied(inspector, [frame.symbol.partition("+")[0] for frame in frames])
        frames += _of_user(inspector, current, _trapped(inspector, current), copied)
    return frames


# ---- registers -------------------------------------------------------------------------------------------------------
def _live(inspector: Inspector) -> _At:
    """-> what the hart has in its registers."""
    x = inspector.machine.x
    known = {name: int(x[number]) for name, number in numbers(inspector.machine.mode).items()}
    return _at({**known, "pc": inspector.machine.pc})


def _own(inspector: Inspector) -> dict[str, int]:
    """-> sp, ra, isp and ira of the window that the process was in when it trapped."""
    window = window_traps.top(inspector)
    words, outs = windows.words(inspector, window), windows.outs_of(inspector, window)
    return {"sp": outs[0], "ra": outs[1], "isp": words[windows.ISP], "ira": words[windows.IRA]}


def _saved(process: Process) -> _At:
    """-> what the PCB has of a process that does not run."""
    return _at(process.registers)


def _at(registers: Mapping[str, int]) -> _At:
    """Registers by name, pc among them -> what must be known of a frame."""
    pc, sp, link, isp, ira = (registers.get(name, 0) for name in ("pc", "sp", "ra", "isp", "ira"))
    return _At(pc, sp, link, (isp, ira), registers)


def _trapped(inspector: Inspector, process: Process) -> _At:
    """-> what a process had when it trapped: from its PCB, or, in the first instructions of the trap, from where these
    have not yet taken it."""
    machine, saved = inspector.machine, _saved(process)
    place = inspector.symbols.kernel.nearest(machine.pc)
    if windows.has_windows(inspector) and int(machine.x[NUMBERS["sp"]]) < inspector.layout.values["KERNEL_BASE"]:
        moved = window_traps.registers(inspector, process, _own(inspector))
        if moved is not None:
            return _at(moved)
    if place is None or place[0] not in TRAP_ENTRIES:
        return saved
    if machine.mode == CISC:
        return saved._replace(pc=machine.csr("sepc"), sp=machine.csr("usp"))
    live = _live(inspector)
    pc = machine.csr("sepc")
    scratch = machine.csr("sscratch")
    if windows.has_windows(inspector):
        stack = live.sp >= inspector.layout.values["KERNEL_BASE"]  # all has been saved
        return (saved if stack else live)._replace(pc=pc)
    if scratch == process.pcb:  # nothing has been done yet
        return live._replace(pc=pc)
    return live._replace(pc=pc, sp=scratch or _about_to_store(inspector, live) or saved.sp)


def _about_to_store(inspector: Inspector, live: _At) -> int:
    """-> what the next instruction will store as sp into the PCB that sp names, 0 when it does something else."""
    decoded = inspector.code(inspector.symbols.kernel).decoded(live.pc)
    operands, offset = decoded.operands, inspector.layout.registers["sp"]
    if decoded.row is None or decoded.row.name != "sw" or operands["rs1"] != NUMBERS["sp"] or operands["imm"] != offset:
        return 0
    return int(inspector.machine.x[operands["rs2"]])


# ---- levels ----------------------------------------------------------------------------------------------------------
def _of_kernel(inspector: Inspector) -> Iterator[Frame]:
    code = inspector.code(inspector.symbols.kernel)
    at = _live(inspector)
    if windows.has_windows(inspector) and window_traps.top(inspector) != int(inspector.machine.core.state["cwp"]):
        own = _own(inspector)
        at = at._replace(sp=own["sp"], link=own["ra"])

    def read(address: int) -> int | None:
        return inspector.memory.word(address) if inspector.memory.holds(address) else None

    chain = _Chain(inspector, code, None, KERNEL, read)
    frames = list(chain.frames(at))
    yield from frames
    if frames and frames[-1].symbol.partition("+")[0] in FAULT_ROOTS:
        offsets = inspector.layout.registers
        state = inspector.layout.values["kernel_fault_state"]
        names = ("pc", "sp", "ra")
        pc, sp, link = (inspector.memory.word(state + offsets[name]) if name in offsets else 0 for name in names)
        if pc == inspector.machine.csr("sepc"):  # or else it has not been stored yet
            yield from chain.frames(_At(pc, sp, link))


def _of_user(
    inspector: Inspector, process: Process | None, at: _At, copied: tuple[int, int] | None = None
) -> list[Frame]:
    """A process and its registers -> its frames. copied: a frame of it that is being filled, and from which one."""
    if process is None or process.space_root in (0, inspector.layout.values["kernel_root"]):
        return []
    table = inspector.symbols.program(process.program) if process.program else None
    if table is None or not table.places:
        symbol = inspector.symbols.name(at.pc, process)
        return [
            Frame(at.pc, at.sp, symbol, None, process, USER, f"{process.name}: its program's symbols are not known")
        ]
    callers = windows.callers(inspector, process) if windows.has_windows(inspector) else ()
    chain = _Chain(
        inspector, inspector.code(table), process, USER, reader(inspector, process.space_root, copied), callers
    )
    return list(chain.frames(at))


class _Chain:
    """The frames of one level. windows: numbers of those of the callers that are in the file, the nearest first."""

    def __init__(
        self,
        inspector: Inspector,
        code: Code,
        process: Process | None,
        level: str,
        read: Read,
        callers: Iterable[int] = (),
    ) -> None:
        self.inspector, self.code, self.process, self.level, self.read = inspector, code, process, level, read
        self.callers = iter(callers)

    def frames(self, at: _At) -> Iterator[Frame]:
        """Registers of the innermost frame -> all frames."""
        for number in range(MOST):
            found = self._caller(at, called=number > 0)
            note = found if isinstance(found, str) else ""
            if number == MOST - 1 and not isinstance(found, str):
                note = f"more than {MOST} frames: the others are left out"
            yield self._frame(at, number > 0, note)
            if isinstance(found, str) or note:
                return
            at = found

    def _frame(self, at: _At, called: bool, note: str) -> Frame:
        # What a call returns to may be behind the procedure's end: the call itself never is.
        place = at.pc - 1 if called else at.pc
        # The procedure's own name counts, not that of a label in it.
        start = self.code.start_of(place)
        inside = start is not None and self.code.state(at.pc, start) is not None
        nearest = self.code.table.nearest(start if inside and start is not None else place)
        symbol = ""
        if nearest is not None:
            distance = at.pc - self.code.table.places[nearest[0]]
            symbol = f"{nearest[0]}+{distance:#x}" if distance else nearest[0]
        line = self.code.table.line(place)
        return Frame(at.pc, at.sp, symbol, line, self.process, self.level, note)

    def _caller(self, at: _At, called: bool) -> _At | str:
        """A frame -> its caller's registers; or why there is none, "" when there need not be one."""
        code = self.code
        place = at.pc - 1 if called else at.pc
        start = code.start_of(place)
        if start is None:
            return f"{at.pc:#010x} is not in the text of {code.table.title}"
        if start == code.table.object.entry or self._is_root(place):
            return ""
        state = code.state(at.pc, start)
        if state is None:
            return f"no way leads from the beginning of {code.table.nearest(start)[0]} to here"  # type: ignore[index]
        found = self._cisc(at, state, start) if code.mode == CISC else self._risc(at, state)
        if isinstance(found, str):
            return found
        if not code.behind_call(found.pc):
            return f"it would return to {found.pc:#010x}, which is behind no call"
        return found if found.sp >= at.sp else f"its caller's sp would be {found.sp:#010x}, below its own"

    def _is_root(self, place: int) -> bool:
        nearest, line = self.code.table.nearest(place), self.code.table.line(place)
        if self.level != KERNEL or nearest is None:
            return False
        return nearest[0] in ROOTS or (line is not None and line.file.rpartition("/")[2] in ROOT_FILES)

    def _cisc(self, at: _At, state: State, start: int) -> _At | str:
        if state.depth is None:
            return "what it has done to sp cannot be told from its code"
        sp = at.sp + state.depth & 0xFFFF_FFFF
        if isinstance(state.link, str):
            if state.link not in at.registers:
                return "it has not kept its return address"
            return _At(at.registers[state.link], sp + WORD, 0)
        if start in self.code.entered_by_calls:
            mask = self.read(sp)
            if mask is None:
                return f"the mask of calls should be at {sp:#010x}, where nothing is mapped"
            sp += WORD + WORD * (mask & 0xFF).bit_count()
        link = self.read(sp + state.link & 0xFFFF_FFFF)
        if link is None:
            return f"its return address should be at {sp + state.link:#010x}, where nothing is mapped"
        return _At(link, sp + WORD, 0)

    def _risc(self, at: _At, state: State) -> _At | str:
        if state.windowed:
            isp, link = at.ins
            words = self._window_below(isp)
            if words is None:
                at_place = f"{isp - windows.WINDOW_BYTES & 0xFFFF_FFFF:#010x}"
                return f"its caller's window should be at {at_place}, where nothing is mapped"
            return _At(link, isp, link, (words[windows.ISP], words[windows.IRA]))
        if state.link == LOST:
            return "it has not kept its return address"
        if state.depth is None:
            return "what it has done to sp cannot be told from its code"
        sp = at.sp + state.depth & 0xFFFF_FFFF
        if state.link == IN_REGISTER:
            return _At(at.link, sp, at.link, at.ins)
        slot = sp + int(state.link) & 0xFFFF_FFFF
        kept = self.read(slot)
        if kept is None:
            return f"its return address should be at {slot:#010x}, where nothing is mapped"
        return _At(kept, sp, kept, at.ins)

    def _window_below(self, isp: int) -> list[int] | None:
        """sp of a caller -> the 16 words of its window: in the file, or spilled below that sp."""
        number = next(self.callers, None)
        if number is not None:
            return windows.words(self.inspector, number)
        at = isp - windows.WINDOW_BYTES
        words = [self.read(at + offset) for offset in range(0, windows.WINDOW_BYTES, WORD)]
        return [word for word in words if word is not None] if None not in words else None
