"""The kernel's variables and PCBs, as the recorder looks at them while the machine stands still."""

from __future__ import annotations

from collections.abc import Mapping

from toyos.inspect.memory import UserMemory, text_of
from toyos.inspect.queues import KNOWN
from toyos.kernel_points import FIELD_PREFIX, KernelPoints
from vm.arch import WORD
from vm.isa import registers
from vm.machine import Machine, MachineError
from vm.points import CHANGE, DataPoint

SLEEP_PREFIX = "sleep: "
CHILDREN = "children"  # the queue in a PCB on which its process waits for its children
PATH_ROOM = 256  # bytes of a path in the kernel
_ARGUMENTS = tuple(registers.NUMBERS[name] for name in ("a0", "a1"))


class Guest:
    """machine: with the kernel loaded; symbols: the kernel's. Reads memory where the kernel sees it: its RAM is mapped
    at its physical addresses. What is not in RAM reads as 0, or as no text."""

    def __init__(self, machine: Machine, symbols: Mapping[str, int]) -> None:
        self.machine, self.symbols = machine, symbols
        self._kernel = KernelPoints(machine, symbols)

    @property
    def now(self) -> tuple[int, int]:
        """-> instructions started, clocks."""
        return self.machine.started, int(self.machine.core.state["clock"])

    def argument(self, number: int) -> int:
        """-> a0 or a1 of the procedure at whose beginning the machine stands."""
        return int(self.machine.x[_ARGUMENTS[number]])

    def word(self, address: int) -> int:
        return self._kernel.word(address)

    def variable(self, name: str) -> int:
        """Symbol of a word -> its value."""
        return self.word(self.symbols[name])

    def text(self, address: int, room: int = PATH_ROOM) -> str:
        try:
            content = self.machine.read(address, room)
        except MachineError:
            return ""
        return text_of(content)

    # ---- PCBs --------------------------------------------------------------------------------------------------------
    @property
    def current(self) -> int:
        """-> the PCB of the Running process; 0 before there is one."""
        return self.variable("current")

    def field(self, pcb: int, name: str) -> int:
        """PCB and a field's name, without P_ -> its first word."""
        return self.word(pcb + self.symbols[FIELD_PREFIX + name])

    def pid(self, pcb: int) -> int | None:
        """-> the process's pid, None for no PCB."""
        return self.field(pcb, "PID") if pcb else None

    def name(self, pcb: int) -> str:
        return self.text(pcb + self.symbols["P_NAME"], self.symbols["NAME_SIZE"])

    def state(self, pcb: int) -> str:
        """-> the state's name."""
        number = self.field(pcb, "STATE")
        return self._kernel.state_names.get(number, f"state {number}")

    def memory(self, pcb: int) -> UserMemory:
        """-> the process's own memory."""
        return UserMemory(self.machine, self.word(pcb + self.symbols["P_SPACE"] + self.symbols["SPACE_ROOT"]))

    def state_point(self, pcb: int) -> DataPoint:
        """-> where the state changes."""
        return self.change_of(pcb + self.symbols["P_STATE"])

    def change_of(self, address: int) -> DataPoint:
        """Address of a word -> where it changes."""
        return DataPoint(address, WORD, CHANGE, physical=True)

    # ---- queues ------------------------------------------------------------------------------------------------------
    def queue_name(self, queue: int) -> str:
        """Address of a queue -> its name: of the known ones as toyos.inspect calls them, else that of its symbol."""
        if self.symbols["pcb_pool"] <= queue < self.symbols["pcb_pool_end"]:
            return CHILDREN
        for symbol, (title, _) in KNOWN.items():
            if self.symbols.get(symbol) == queue:
                return title.removeprefix(SLEEP_PREFIX)
        return next((name for name, value in self.symbols.items() if value == queue), f"{queue:#x}")
