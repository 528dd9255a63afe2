"""While the kernel moves a process's windows: which is the process's own, and what its registers are.

The handlers of overflow and underflow (arch/window/window_trap.s, VARIANT/overflow.s) use no kernel stack and leave
most registers where they are; so what the process had must be told from how far they have come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from toyos.inspect.memory import WORD
from vm.arch import CSR_OF_MODE, PAGE_SIZE
from vm.isa.codec import Decoded
from vm.isa.registers import NUMBERS, WINDOW_NUMBERS

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process

OVERFLOW_FILE, TRAP_FILE = "overflow.s", "window_trap.s"
SPILL, SPILL_WINDOW = "windows_spill", "spill_kernel_window"  # the kernel goes through windows; where it notes its own
UNDERFLOW, UNDERFLOW_END, UNDERFLOW_FAULT = "window_underflow", "underflow_misaligned", "underflow_fault"
REFUSED, FAULT, PAGE_FAULT = "overflow_refused", "overflow_fault", "page_fault"
NESTED = ("trap_entry", "kernel_fault")  # the handlers' own page faults begin here
T2, SP, ISP = NUMBERS["t2"], NUMBERS["sp"], WINDOW_NUMBERS["isp"]
CWP = CSR_OF_MODE["window"]["cwp"]


def place(inspector: Inspector) -> int:
    """-> where in the kernel the hart is; while a handler's page fault is being looked into, where in the handler."""
    machine, kernel = inspector.machine, inspector.symbols.kernel
    nearest = kernel.nearest(machine.pc)
    interrupted = machine.csr("sepc") if nearest and nearest[0] in NESTED else 0
    return interrupted if kernel.start <= interrupted < kernel.text_end else machine.pc


def file_of(inspector: Inspector, pc: int) -> str:
    """An instruction of the kernel -> name of its source, "" for an address outside the kernel's text."""
    line = inspector.symbols.kernel.line(pc) if inspector.in_kernel else None
    return line.file.rpartition("/")[2] if line else ""


def top(inspector: Inspector) -> int:
    """-> the window that the process has which the hart is in or has left for the kernel; cwp itself, but where the
    kernel goes through others' windows."""
    machine, places = inspector.machine, inspector.symbols.kernel.places
    cwp, pc = int(machine.core.state["cwp"]), place(inspector)
    noted = cwp
    nearest = inspector.symbols.kernel.nearest(pc) if inspector.in_kernel else None
    name = nearest[0] if nearest else ""
    if name == SPILL:
        if pc > _first(inspector, places[SPILL], _moves):
            noted = inspector.variable(SPILL_WINDOW)
    elif name in (REFUSED, FAULT):
        if pc <= _first(inspector, places[FAULT], _moves):
            noted = int(machine.x[T2])
    elif file_of(inspector, pc) == OVERFLOW_FILE and pc <= _first(inspector, places["window_overflow"], _done):
        noted = int(machine.x[T2])
    return noted if noted < machine.nwin else cwp


def registers(inspector: Inspector, process: Process, live: Mapping[str, int]) -> Mapping[str, int] | None:
    """A process whose windows the kernel is moving, and what is in the hart's registers -> pc, sp, ra, isp, ira of the
    process; None where the hart is in no such handler."""
    machine, places, pc = inspector.machine, inspector.symbols.kernel.places, place(inspector)
    file = file_of(inspector, pc)
    if file not in (OVERFLOW_FILE, TRAP_FILE) or UNDERFLOW not in places:
        return None
    sepc = machine.csr("sepc") if pc == machine.pc else process.registers["pc"]
    if file == OVERFLOW_FILE:
        # A part's windows are all on the stack, and its lowest gets the registers of the new procedure: the process is
        # where it was before its wsave, but with the caller's window on the stack.
        if "P_PART" in inspector.layout.values and pc > _first(inspector, places["window_overflow"], _done):
            return _with_window_on_stack(inspector, process, process.registers)
        return {**live, "pc": sepc}
    if places[UNDERFLOW] <= pc < places[UNDERFLOW_END]:
        # From here on the process is behind its wret, in its caller, whose window is still on the stack.
        if pc > _first(inspector, places[UNDERFLOW], _returns):
            back = machine.csr("sepc") if pc == machine.pc else live["ra"]
            return _with_window_on_stack(inspector, process, {**live, "pc": back})
        begun = pc > places[UNDERFLOW] + WORD
        return {**live, "pc": process.registers["pc"] if begun else sepc}
    if pc >= places[UNDERFLOW_END]:
        saved = {**live, "pc": process.registers["pc"]}
        if places[UNDERFLOW_FAULT] <= pc < places[PAGE_FAULT]:
            saved |= {"isp": live["sp"], "ira": live["ra"]}
        return saved
    return {**live, "pc": sepc}


def _with_window_on_stack(inspector: Inspector, process: Process, known: Mapping[str, int]) -> Mapping[str, int]:
    from toyos.inspect import windows

    at = known["sp"] - windows.WINDOW_BYTES
    ins = {}
    for name, index in (("isp", windows.ISP), ("ira", windows.IRA)):
        word = inspector.memory.user(process.space_root).word(at + index * WORD & 0xFFFF_FFFF)
        ins[name] = word or 0
    return {**known, **ins}


def _first(inspector: Inspector, start: int, wanted: Callable[[Decoded], bool]) -> int:
    """-> address of the first instruction from `start` on that is wanted; a page behind when there is none."""
    code = inspector.code(inspector.symbols.kernel)
    places = range(start, start + PAGE_SIZE, WORD)
    return next(
        (at for at in places if (found := code.decoded(at)).row is not None and wanted(found)), start + PAGE_SIZE
    )


def _moves(decoded: Decoded) -> bool:
    """Instruction -> whether it makes another window the current one."""
    return decoded.operands.get("csr") == CWP and decoded.row.name == "csrrw"


def _done(decoded: Decoded) -> bool:
    """The same -> whether it ends the time for which t2 names the process's window: t2 gets another value, or the
    lowest window of a part becomes the process's."""
    return decoded.row.name == "lw" and decoded.operands["rd"] in (T2, ISP)


def _returns(decoded: Decoded) -> bool:
    """The same -> whether it is `mv sp, isp`."""
    return decoded.row.name == "addi" and (decoded.operands["rd"], decoded.operands["rs1"]) == (SP, ISP)
