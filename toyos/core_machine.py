"""A core file's process -> a machine in which it stands where it ended, alone, for a debugger to look at.

The kernel lies in RAM but was never started; its structures hold this one process and nothing else, so that all that
reads them works as ever.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from toyos.core_elf import EXECUTE, PAGE, READ, WORD, WRITE, CoreError, Segment
from toyos.inspect import Inspector
from vm.arch import (
    LEVEL_BITS,
    PAGE_SHIFT,
    PRIV_U,
    PTE_A,
    PTE_D,
    PTE_G,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    SATP_MODE,
)
from vm.isa import registers

if TYPE_CHECKING:
    from toyos.core_file import Core
    from vm.machine import Machine

RAM_LEAST = 8 << 20  # bytes: the kernel, tables and room
MEGAPAGE_SHIFT = PAGE_SHIFT + LEVEL_BITS
FRAME_SHIFT = PAGE_SHIFT - PTE_PPN_SHIFT  # from the address of a frame to its place in an entry
KERNEL_PAGE = PTE_V | PTE_R | PTE_W | PTE_X | PTE_G | PTE_A | PTE_D
PROCESS_PAGE = PTE_V | PTE_U | PTE_A
RIGHTS = ((READ, PTE_R), (WRITE, PTE_W | PTE_D), (EXECUTE, PTE_X))
# Fields of the PCB that say nothing any more when the process is alone.
ALONE = (
    "P_PARENT", "P_CHILD", "P_SIBLING", "P_NEXT", "P_PREV", "P_QUEUE", "P_CHILDREN_QUEUE", "P_FILES", "P_CLOEXEC",
    "P_CWD", "P_BARRIER", "P_WINDOW", "P_CALLERS", "P_PART", "P_SPACE",
)  # fmt: skip


def revive(core: Core, name: str) -> tuple[Machine, Inspector]:
    """A core and the name of its file -> an observed machine that is not to be run, and its Inspector. Raises
    CoreError."""
    from toyos import build
    from toyos.variants import Choice, ChoiceError, check_mode
    from vm import Machine, MachineError, aout

    mode, variant, parameters = core.choice
    try:
        check_mode(mode)
        parts = build.system_of(Choice(mode, variant, parameters))
        size = sum(len(segment.content) + 2 * PAGE for segment in core.segments)
        machine = Machine(mode, (RAM_LEAST + size) & -PAGE, nwin=parts.choice.windows, observed=True)
        machine.load(parts.kernel, "the kernel")
        own = {core.program: aout.read(core.symbols, core.program)} if core.symbols else {}
        inspector = Inspector(machine, parts, own)
        _Reviver(inspector, core).revive()
    except (ChoiceError, MachineError, aout.AoutError, CoreError, KeyError, ValueError) as fault:
        raise CoreError(f"{name}: it does not fit this version of the system ({fault})") from None
    return machine, inspector


class _Reviver:
    """Fills RAM and registers. Frames are taken from behind the kernel."""

    def __init__(self, inspector: Inspector, core: Core) -> None:
        self.inspector, self.core, self.machine = inspector, core, inspector.machine
        self.layout, self.values = inspector.layout, inspector.layout.values
        self.next = self.values["_end"] + PAGE - 1 & -PAGE

    def revive(self) -> None:
        root = self._frame()
        pages = sum(self._map(root, segment) for segment in self.core.segments)
        start = self.values["KERNEL_BASE"]
        for address in range(start, start + self.machine.ram_size, 1 << MEGAPAGE_SHIFT):
            self._word(root + WORD * (address >> MEGAPAGE_SHIFT), address >> FRAME_SHIFT | KERNEL_PAGE)
        pcb = self.values["pcb_pool"]
        for row in self.layout.rows:
            content = b"" if row.name in ALONE else self.core.fields.get(row.name, b"")[: row.size]
            self.machine.write(pcb + row.offset, content.ljust(row.size, b"\0"))
        self.machine.write(pcb + self.layout.by_name["P_SPACE"].offset, struct.pack("<2I", root, pages))
        self._word(pcb + self.layout.by_name["P_STATE"].offset, self.values["STATE_RUNNING"])
        self._word(self.values["current"], pcb)
        state, numbers = self.machine.core.state, registers.numbers(self.machine.mode)
        for name, value in self.core.registers.items():
            if name in numbers:
                self.machine.x[numbers[name]] = value
        self.machine.pc = self.core.registers["pc"]
        state["priv"] = state["data_priv"] = PRIV_U
        state["satp"] = SATP_MODE | root >> PAGE_SHIFT

    def _frame(self) -> int:
        """-> a frame of zeros that nobody has."""
        self.next += PAGE
        return self.next - PAGE

    def _word(self, address: int, value: int) -> None:
        self.machine.write(address, struct.pack("<I", value))

    def _map(self, root: int, segment: Segment) -> int:
        """-> how many pages the segment has, which are mapped now. Raises CoreError."""
        rights = PROCESS_PAGE | sum(bits for flag, bits in RIGHTS if segment.flags & flag)
        for at in range(0, len(segment.content), PAGE):
            address = segment.address + at
            if address >= self.values["KERNEL_BASE"]:
                raise CoreError(f"a segment at {address:#010x} lies in the kernel's half of the address space")
            entry = root + WORD * (address >> MEGAPAGE_SHIFT)
            table = self.inspector.memory.word(entry) >> PTE_PPN_SHIFT << PAGE_SHIFT
            if not table:
                table = self._frame()
                self._word(entry, table >> FRAME_SHIFT | PTE_V)
            frame = self._frame()
            self.machine.write(frame, segment.content[at : at + PAGE])
            index = address >> PAGE_SHIFT & (1 << LEVEL_BITS) - 1
            self._word(table + WORD * index, frame >> FRAME_SHIFT | rights)
        return len(segment.content) // PAGE
