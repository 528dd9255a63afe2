"""A machine and the system that it has booted -> its kernel's structures, read from memory by symbols.

inspector = Inspector(computer.machine, computer.parts)
for process in inspector.processes():
    print(process.pid, process.state, process.name)

The kernel gives no help and notices nothing. Whatever is in memory, every question has an answer or an InspectError.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from toyos.build import System
from toyos.inspect import queues as queues_
from toyos.inspect import space
from toyos.inspect.code import Code
from toyos.inspect.files import OpenFile, open_files, path_of
from toyos.inspect.frames import Frames, all_frames
from toyos.inspect.layout import Layout
from toyos.inspect.memory import Memory
from toyos.inspect.process import Process
from toyos.inspect.queues import Queue
from toyos.inspect.regions import Region, memory_map
from toyos.inspect.space import PageTable
from toyos.inspect.stack import Frame, backtrace
from toyos.inspect.windows import WindowFile, window_file
from toyos.symbols import Symbols, Table
from vm.aout import Object
from vm.arch import PRIV_U
from vm.isa import registers
from vm.machine import Machine

FREE = "Free"


class Inspector:
    """own: guest path -> the user's program with symbols (boot.own_program strips the guest's copy)."""

    def __init__(self, machine: Machine, parts: System, own: Mapping[str, Object | bytes] | None = None) -> None:
        self.machine, self.parts = machine, parts
        self.memory = Memory(machine)
        self.symbols = Symbols(parts, own)
        self._code: dict[str, Code] = {}

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.symbols.kernel, self.parts.choice)

    # ---- the hart ----------------------------------------------------------------------------------------------------
    @property
    def in_kernel(self) -> bool:
        """-> whether the hart is in the kernel, or in machine mode before it, and not in a process."""
        return int(self.machine.core.state["priv"]) != PRIV_U

    # ---- processes ---------------------------------------------------------------------------------------------------
    def variable(self, name: str) -> int:
        """Symbol of the kernel's -> the word there. Raises SymbolError."""
        return self.memory.word(self.symbols.kernel.values[name], name)

    @cached_property
    def _pool(self) -> tuple[int, int]:
        """-> where the PCBs are: the first address and the one behind the last."""
        values = self.layout.values
        return values["pcb_pool"], values["pcb_pool_end"]

    def pool(self) -> list[Process]:
        """-> all PCBs, also those that are free."""
        start, end = self._pool
        content, size = self.memory.read(start, end - start, "the pool of PCBs"), self.layout.size
        return [Process(self, start + at, content[at : at + size]) for at in range(0, end - start, size)]

    def processes(self) -> list[Process]:
        """-> all processes, zombies too, by pid. Empty before the kernel has made the first."""
        used = [each for each in self.pool() if each.state != FREE]
        return sorted(used, key=lambda each: each.pid)

    def process(self, pid: int) -> Process | None:
        """pid -> that process, or None."""
        return next((each for each in self.processes() if each.pid == pid), None)

    def at(self, pcb: int) -> Process | None:
        """Address -> the PCB there, None where no PCB begins."""
        start, end = self._pool
        size = self.layout.size
        if not start <= pcb < end or (pcb - start) % size:
            return None
        return Process(self, pcb, self.memory.read(pcb, size, "a PCB"))

    def current(self) -> Process | None:
        """-> the process that the kernel calls the current one, None before there is one."""
        found = self.at(self.variable("current"))
        return found if found and found.state != FREE else None

    def registers(self, process: Process) -> Mapping[str, int]:
        """A process -> its registers by name, pc among them: in the hart while that runs it, else in its PCB."""
        current = self.current()
        if self.in_kernel or current is None or current.pcb != process.pcb:
            return process.registers
        x, numbers = self.machine.x, registers.numbers(self.machine.mode)
        live = {name: int(x[numbers[name]]) for name in process.registers if name in numbers}
        return {**process.registers, **live, "pc": self.machine.pc}

    def describe(self, pcb: int) -> str:
        """A word that should be 0 or a PCB -> a text that says whose it is."""
        found = self.at(pcb) if pcb else None
        if found is None:
            return "none" if not pcb else f"{pcb:#010x}, which is no PCB"
        return f"pid {found.pid} ({found.name})" if found.state != FREE else f"free PCB {pcb:#010x}"

    def program_of(self, process: Process) -> str:
        """A process -> guest path of its program: of those with its name, the one whose text is in its memory."""
        found = self.symbols.candidates(process.name) if process.name else []
        for path in found if len(found) > 1 else ():
            table = self.symbols.program(path)
            text = table.object.text if table else b""
            if table and self.memory.user(process.space_root).read(table.start, len(text)) == text:
                return path
        return found[0] if found else ""

    # ---- memory ------------------------------------------------------------------------------------------------------
    def page_table(self, of: Process | int, kernel: bool = False) -> PageTable:
        """A process, or the physical address of a root table -> the tree. kernel: with the kernel's half. Raises
        InspectError when there is none."""
        return space.page_table(self, of if isinstance(of, int) else of.space_root, kernel)

    def memory_map(self, process: Process) -> list[Region]:
        """A process -> its regions, by address. Raises InspectError when it has no address space."""
        return memory_map(self, process)

    def references(self, frame: int) -> int:
        """Physical address of a frame -> how often the kernel says it is used; 0 for one that it does not count."""
        return space.references(self, frame)

    def frames(self) -> Frames:
        """-> what every frame of RAM is for. Raises InspectError before the kernel has counted them."""
        return all_frames(self)

    # ---- stacks and windows ------------------------------------------------------------------------------------------
    def code(self, table: Table) -> Code:
        """A program's symbols -> its procedures."""
        if table.title not in self._code:
            self._code[table.title] = Code(table)
        return self._code[table.title]

    def backtrace(self, process: Process | None = None) -> list[Frame]:
        """-> who called whom, the innermost first, across the trap into the process; of None: where the hart is."""
        return backtrace(self, process)

    def windows(self) -> WindowFile | None:
        """-> all register windows; None on a machine without any."""
        return window_file(self)

    # ---- queues and files --------------------------------------------------------------------------------------------
    def queue_list(self) -> list[Queue]:
        """-> all queues of PCBs, with what each is for and whether its links are in order."""
        return queues_.all_queues(self)

    def queues(self) -> dict[str, list[Process]]:
        """-> name of a queue -> who is on it, from head to tail."""
        return {queue.name: queue.processes for queue in self.queue_list()}

    def queue_name(self, address: int) -> str:
        """Address of a queue -> its name."""
        return queues_.name_of(self, address)

    def open_files(self, process: Process) -> list[OpenFile]:
        """A process -> its open files, by descriptor."""
        return open_files(self, process)

    def path_of(self, inode: int) -> str:
        """Address of an inode -> its path."""
        return path_of(self, inode)
