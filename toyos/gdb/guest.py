"""The toy operating system, as gdb sees it: kernel and program with their source, processes as standing threads.

A process that is on the hart shows up twice while the hart is in the kernel: the hart itself, and the process as the
kernel has saved it, so that gdb's `thread` and `backtrace` show the user's side of a system call, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toyos.build import KERNEL_ADDRESS
from toyos.gdb.choice import Choice
from toyos.gdb.monitor import Monitor
from toyos.inspect import InspectError, Inspector, Process
from toyos.symbols import Table
from vm.arch import PRIV_NAMES
from vm.gdb_guest import Command, Thread
from vm.gdb_target import PC
from vm.isa import registers
from vm.observe import Accept
from vm.timetravel import Timeline

FIRST_THREAD = 1000  # pid 0's; so that the others are easy to tell: 1003 is pid 3
ZERO = 0  # register that no PCB keeps


class ToyosGuest:
    """The Guest (vm/gdb_guest.py) of a machine that runs our kernel. Raises InspectError for no question that gdb asks:
    where memory holds no sense yet, there are no processes."""

    def __init__(self, timeline: Timeline, inspector: Inspector, program: str = "") -> None:
        """program: guest path of the user's own program, which gdb shows together with the kernel."""
        self._timeline, self._inspector, self._program = timeline, inspector, program
        name = program.rpartition("/")[2]
        self._choice = Choice(inspector, program)
        self._monitor = Monitor(timeline, inspector, self._choice)
        self.executable = "/kernel" + (f"+{name}" if name else "")

    # ---- files -------------------------------------------------------------------------------------------------------
    def file(self, path: str) -> bytes | None:
        """Path -> an ELF: kernel and program for `executable`, else the program at that path in the guest."""
        from toyos.gdb import symbols  # needs tables of the instruction set, and is asked for once
        from toyos.gdb.frames import Kernel

        kernel, own = self._inspector.symbols.kernel, self._inspector.symbols.program
        tables: list[Table | None]
        if path == self.executable:
            tables = [kernel, own(self._program) if self._program else None]
        elif path.lstrip("/") in self._inspector.symbols.programs:
            tables = [own(path.lstrip("/"))]
        else:
            return None
        found = [table for table in tables if table is not None]
        if not found:
            return None
        layout = self._inspector.layout
        swapped = "tp" if self._timeline.machine.nwin else "sp"
        values = layout.values
        about = Kernel(values["trap_entry"], values["trap"], values["current"], layout.registers, swapped)
        return symbols.programs(found, about if found[0] is kernel else None)

    # ---- processes ---------------------------------------------------------------------------------------------------
    def _processes(self) -> list[Process]:
        try:
            return self._inspector.processes()
        except InspectError:
            return []

    def _current(self) -> Process | None:
        try:
            return self._inspector.current()
        except InspectError:
            return None

    def hart(self) -> str:
        privilege = PRIV_NAMES[int(self._timeline.machine.core.state["priv"])]
        current = self._current()
        return f"{privilege}, pid {current.pid} {current.name}" if current else privilege

    def threads(self) -> Sequence[Thread]:
        """Those of another program than the one that gdb knows would be shown with that one's names and lines."""
        current = None if self._inspector.in_kernel else self._current()
        shown = [each for each in self._processes() if current is None or each.pcb != current.pcb]
        return [self._thread(each) for each in shown if not self._program or each.program == self._program]

    def _thread(self, process: Process) -> Thread:
        where = self._inspector.symbols.name(process.registers["pc"], process)
        text = f"{process.state}{f', {where}' if where else ''}"
        name, root = f"pid {process.pid} {process.name}", process.space_root or None
        return Thread(FIRST_THREAD + process.pid, name, text, self._registers(process), root)

    def _registers(self, process: Process) -> Mapping[int, int]:
        """-> what the PCB keeps, by gdb's numbers. Registers that the kernel's variant does not save stay unknown."""
        numbers = {**registers.numbers(self._timeline.machine.mode), "pc": PC}
        saved = {numbers[name]: value for name, value in process.registers.items() if name in numbers}
        return {ZERO: 0, **saved}

    def processes(self) -> Sequence[Mapping[str, str]]:
        return [
            {
                "pid": str(each.pid), "ppid": str(each.ppid), "state": each.state, "name": each.name,
                "pages": str(each.pages), "queue": self._inspector.queue_name(each.queue) if each.queue else "",
            }
            for each in self._processes()
        ]  # fmt: skip

    def accept(self, address: int) -> Accept | None:
        """Addresses below the kernel's mean something else in every process."""
        return self._choice.accepts if address < KERNEL_ADDRESS and not self._choice.everybody else None

    def commands(self) -> Mapping[str, Command]:
        return self._monitor.commands()
