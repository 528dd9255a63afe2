"""RAM size and mode -> one hart with its memory: the numpy arrays that every executor works on.

state     one record of vm.state.STATE
ram       bytes of guest RAM
records   decoded instructions, a slot a page (see layout.py and slots.py)
tables    page_slot, slot_page, slot_writes
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from vm.arch import MSTATUS_MPP_SHIFT, PAGE_SHIFT, PAGE_SIZE, PRIV_M, RAM_BASE
from vm.isa.sets import DEFAULT_ISA
from vm.micro.arrays import cleared
from vm.micro.layout import NO_OP, RECORD, SLOTS
from vm.micro.slots import SLOT_MASK, WATCHED
from vm.micro.target import target
from vm.state import LAYOUT, STATE

if TYPE_CHECKING:
    from vm.marks import Marks
    from vm.meter import Meter
    from vm.micro.reference import Reference

NEVER = (1 << 64) - 1  # a timer that is not set


class Core:
    """A hart and its RAM (a multiple of 4 KiB, in bytes). `run` is the executor's: it goes on until state.reason."""

    def __init__(
        self, ram_size: int, executor: str = "native", mode: str = "risc", meter: Meter | None = None, nwin: int = 0,
        observed: bool = False, real_time: bool = False, isa: str = DEFAULT_ISA,
    ) -> None:  # fmt: skip
        if ram_size <= 0 or ram_size % PAGE_SIZE:
            raise ValueError(f"RAM must be a positive multiple of {PAGE_SIZE} bytes, not {ram_size}")
        plain = target(mode, isa)
        self.target = plain if meter is None else plain.accounting()
        if observed:
            self.target = plain.observing()
        if real_time:
            self.target = self.target.real_time()
        self.meter = meter
        self.state_array = np.zeros(1, STATE)
        self.state = self.state_array[0]
        # The same record as 32-bit and as 64-bit elements (vm.state.place): a tenth of the time of a numpy field.
        raw = memoryview(self.state_array).cast("B")  # type: ignore[arg-type]
        self.words, self.longs = raw.cast("I"), raw.cast("Q")
        self.ram = cleared(ram_size, np.uint8)
        # The same; slices of some bytes take a tenth of an array's time.
        self.bytes = memoryview(self.ram)  # type: ignore[arg-type]
        self.records = cleared((SLOTS, self.target.layout.slot_records), RECORD)
        self.tables = {
            "page_slot": np.zeros(ram_size >> PAGE_SHIFT, np.uint32),
            "slot_page": np.zeros(SLOTS, np.uint32),
            "slot_writes": np.zeros(SLOTS, np.uint32),
        }
        self.page_slots = memoryview(self.tables["page_slot"])  # type: ignore[arg-type]
        self.marks: Marks | None = None
        if observed:
            from vm.marks import Marks

            self.marks = Marks(self)
            self.tables |= self.marks.tables
            self.state["observer_host"] = self.marks.record.ctypes.data
        self.undecoded = self.page_end = 0  # host addresses of the two handlers that undecoded slots hold
        if meter is not None:
            self.state["meter_host"] = meter.attach(self)
        run = self._executor(executor)
        self.run = run if meter is None else meter.counting(run)
        state = self.state
        state["nwin"] = nwin
        state["state_host"] = self.state_array.ctypes.data
        state["ram_host"], state["ram_size"] = self.ram.ctypes.data, ram_size
        state["records_host"], state["slot_limit"] = self.records.ctypes.data, SLOTS
        self.pool = cleared(self.target.layout.pool, RECORD)
        state["pool_host"] = self.pool.ctypes.data
        for name, table in self.tables.items():
            state[name + "_host"] = table.ctypes.data
        self.reset(RAM_BASE)

    def _executor(self, name: str) -> Callable[[], None]:
        if name == "native":
            from vm.micro.compile import interpreter

            code = interpreter(self.target)
            self.undecoded, self.page_end = code.undecoded, code.page_end
            address = self.state_array.ctypes.data
            return lambda: code.run(address)
        if name == "reference":
            return self.context().run
        raise ValueError(f"there is no executor {name!r}; expected 'native' or 'reference'")

    def context(self) -> Reference:
        """-> the machine context of the semantics (vm/micro/context.py) that computes on this hart in plain Python."""
        made: Reference = self.target.reference_class(self)
        return made

    def reset(self, pc: int) -> None:
        """The state after power-on: M-mode, bare addresses, counters at zero. RAM is left as it is."""
        state = self.state
        for name in STATE.names or ():
            if not name.endswith("_host") and name not in ("ram_size", "slot_limit", "nwin"):
                state[name] = np.zeros((), STATE[name])
        state["pc"], state["priv"], state["data_priv"] = pc, PRIV_M, PRIV_M
        state["mstatus"] = PRIV_M << MSTATUS_MPP_SHIFT
        state["mtimecmp"] = state["stimecmp"] = NEVER
        state["wim"] = 1 << int(state["nwin"]) >> 1  # one window less than there are can be entered from window 0
        for name in ("itlb", "dtlb"):
            self.state_array.view(np.uint8)[slice(*_extent(name))] = 0xFF
            state[name + "_host"] = int(state["state_host"]) + LAYOUT[name][0]  # M-mode's bank is the first
        self.forget_slots()
        if self.meter is not None:
            self.meter.restart()
        if self.marks is not None:
            self.marks.restart()

    def forget_slots(self) -> None:
        """Drops all decoded code; watched pages stay watched."""
        self.tables["page_slot"] &= np.uint32(WATCHED)
        self.state["next_slot"] = 0

    def init_slot(self, slot: int) -> None:
        """Every record of the slot will be decoded when it is reached."""
        behind = self.target.layout.records_per_page
        self.undecode(slot, 0, behind)
        ends = slice(behind, behind + self.target.layout.ends)
        self.records["fn"][slot, ends] = self.page_end
        self.records["op"][slot, ends] = NO_OP

    def undecode(self, slot: int | slice, first: int, end: int) -> None:
        """These records of the slot, or of several, will be decoded when they are reached."""
        self.records["fn"][slot, first:end] = self.undecoded
        self.records["op"][slot, first:end] = NO_OP

    def written_from_outside(self, offset: int, size: int) -> None:
        """RAM was changed by a loader or a device: decoded code there is stale."""
        if size <= 0:
            return
        if self.marks is not None:
            self.marks.tables["dirty"][offset >> PAGE_SHIFT : (offset + size - 1 >> PAGE_SHIFT) + 1] = 1
        pages = self.page_slots[offset >> PAGE_SHIFT : (offset + size - 1 >> PAGE_SHIFT) + 1]
        for slot in pages.tolist():
            if slot & SLOT_MASK:
                self.init_slot(slot & SLOT_MASK)

    def watch(self, offset: int, size: int) -> None:
        """Every store to these bytes of RAM makes the executor leave with EXIT_WATCH."""
        self.state["watch_first"], self.state["watch_end"] = offset, offset + size
        self.tables["page_slot"][offset >> PAGE_SHIFT : (offset + size - 1 >> PAGE_SHIFT) + 1] |= np.uint32(WATCHED)
        self.state_array.view(np.uint8)[slice(*_extent("dtlb"))] = 0xFF


def _extent(name: str) -> tuple[int, int]:
    """Field of the state record -> its first byte and the one behind its last."""
    start = LAYOUT[name][0]
    return start, start + STATE[name].itemsize
