"""What the tests of cisc mode's engine share: a Case is a machine's beginning, for the simulator and for the engine."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from tests.cisc.hart import Page, page_count
from tests.cisc.simulator import Simulator
from tests.engine.rig import FIELDS
from vm.arch import (
    MSTATUS_MPP,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PTE_A,
    PTE_D,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
)
from vm.isa.specifiers import REGISTERS
from vm.micro.core import Core
from vm.state import EXIT_DEVICE, EXIT_LIMIT, EXIT_STOPPED, IO_ERROR, SINK

RAM_SIZE = 1 << 16
PAGES = page_count(RAM_SIZE)
ROOT, LEAVES = PAGES - 2, PAGES - 1  # pages of RAM with the page tables
FIRST_FRAME = RAM_BASE >> PAGE_SHIFT
REGION = 0x0040_0000  # the four megabytes of virtual addresses that can be mapped
_NOTES = {"code", "pool_next", "home", "part"}  # of generated code, not the architecture's
_BITS = {"r": PTE_R, "w": PTE_W, "x": PTE_X, "u": PTE_U}


@dataclass
class Case:
    """The beginning. x: by number in a specifier; pages: virtual page -> where it is, None for bare addresses."""

    ram: bytearray = field(default_factory=lambda: bytearray(RAM_SIZE))
    x: list[int] = field(default_factory=lambda: [0] * len(REGISTERS))
    pc: int = RAM_BASE
    priv: int = PRIV_M
    mstatus: int = MSTATUS_MPP
    csrs: dict[str, int] = field(default_factory=dict)
    pages: dict[int, Page] | None = None

    def write_tables(self) -> None:
        """Puts the page tables into RAM."""
        if self.pages is not None:
            for page in (ROOT, LEAVES):
                self.ram[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = bytes(PAGE_SIZE)
            struct.pack_into(
                "<I", self.ram, ROOT * PAGE_SIZE + 4 * (REGION >> 22), FIRST_FRAME + LEAVES << PTE_PPN_SHIFT | PTE_V
            )
            for number, mapped in self.pages.items():
                struct.pack_into("<I", self.ram, leaf(number) - RAM_BASE, entry(mapped))

    def simulator(self) -> Simulator:
        return Simulator(
            bytearray(self.ram), self.pc, list(self.x), self.priv, self.mstatus, dict(self.csrs), self.pages
        )

    def put_into(self, core: Core) -> None:
        """Case -> the hart stands at its beginning."""
        core.reset(self.pc)
        core.ram[:] = np.frombuffer(bytes(self.ram), np.uint8)
        core.state["satp"] = SATP_MODE | FIRST_FRAME + ROOT if self.pages is not None else 0
        self.stand_in(core)

    def stand_in(self, core: Core) -> None:
        """Registers, privilege and CSRs of the case -> the hart's."""
        state = core.state
        state["pc"], state["stopped"] = self.pc, 0
        for number, value in zip(REGISTERS, self.x, strict=True):
            state["x"][number] = value
        for name, value in self.csrs.items():
            state[name] = value
        state["mstatus"], state["priv"] = self.mstatus, self.priv
        settle(core)


def entry(page: Page) -> int:
    """Page -> the page-table entry."""
    bits = sum(_BITS[letter] for letter in page.rights)
    return page.frame << PTE_PPN_SHIFT | bits | PTE_V | PTE_A | PTE_D


def leaf(number: int) -> int:
    """Virtual page -> RAM address of its page-table entry."""
    return RAM_BASE + LEAVES * PAGE_SIZE + 4 * (number & 0x3FF)


def settle(core: Core) -> None:
    """Privilege or mstatus were changed from outside: the TLB banks follow."""
    from vm.micro.paging import set_banks

    context = core.context()
    set_banks(context)
    context.empty_tlb("dtlb")  # rights depend on MXR


@cache
def core(executor: str) -> Core:
    """-> a hart to use again and again."""
    return Core(RAM_SIZE, executor, "cisc")


def run(hart: Core, count: int) -> int:
    """Runs so many instructions; all devices fail -> why the executor left at last."""
    state = hart.state
    state["limit"] = int(state["clock"]) - int(state["skipped"]) + count
    while True:
        hart.run()
        if state["reason"] != EXIT_DEVICE:
            return int(state["reason"])
        state["io_ready"] = IO_ERROR


def seen(hart: Core, simulator: Simulator) -> dict[str, tuple[object, object]]:
    """-> what differs between a hart and the simulator: name -> (the hart's, the simulator's)."""
    state = hart.state
    pairs = {f"x{k}": (int(state["x"][n]), simulator.x[k]) for k, n in enumerate(REGISTERS)}
    pairs |= {name: (int(state[name]), getattr(simulator, name)) for name in ("pc", "priv", "mstatus")}
    pairs |= {name: (int(state[name]), value) for name, value in simulator.csrs.items()}
    pairs |= {
        "started": (int(state["clock"]), simulator.started),
        "unretired": (int(state["exceptions"]), simulator.unretired),
        "stopped": (bool(state["stopped"]), simulator.stopped),
    }  # fmt: skip
    if simulator.stopped:
        pairs = {name: pair for name, pair in pairs.items() if name not in ("x8", "msp", "started")}
    found: dict[str, tuple[object, object]] = {
        name: (show(one), show(other)) for name, (one, other) in pairs.items() if one != other
    }
    theirs = np.frombuffer(bytes(simulator.ram), np.uint8)
    for offset in np.nonzero(hart.ram != theirs)[0][:8]:
        found[f"ram+{offset:#x}"] = (hex(hart.ram[offset]), hex(theirs[offset]))
    return found


def differences(a: Core, b: Core) -> dict[str, tuple[object, object]]:
    """Two harts -> where their architectural states differ: name -> (a's, b's)."""
    found: dict[str, tuple[object, object]] = {}
    for name in FIELDS:
        if name in _NOTES or name.startswith(("low_", "dtlb_", "itlb_")):
            continue
        one, two = np.atleast_1d(a.state[name]), np.atleast_1d(b.state[name])
        if name == "x":
            one, two = one[:SINK], two[:SINK]
        for k in np.nonzero(one != two)[0]:
            found[f"{name}[{k}]"] = (hex(one[k]), hex(two[k]))
    for offset in np.nonzero(a.ram != b.ram)[0][:8]:
        found[f"ram+{offset:#x}"] = (hex(a.ram[offset]), hex(b.ram[offset]))
    return found


def show(value: object) -> object:
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Comparison:
    """A case in the simulator and in each executor."""

    def __init__(self, case: Case, executors: tuple[str, ...] = ("native", "reference")) -> None:
        self.case, self.names = case, executors
        self.harts = [core(name) for name in executors]
        case.write_tables()
        for hart in self.harts:
            case.put_into(hart)
        self.simulator = case.simulator()
        self.tables_changed()

    def tables_changed(self) -> None:
        """The page tables were changed from outside."""
        self._tables = bytes(self.simulator.ram[ROOT * PAGE_SIZE :])

    def lost(self) -> bool:
        """Whether the simulator does not know how to go on: its pages are not in RAM, and it has no interrupts."""
        simulator = self.simulator
        return simulator.lost or (simulator.pages is not None and simulator.ram[ROOT * PAGE_SIZE :] != self._tables)

    def poke(self, offset: int, data: bytes) -> None:
        """These bytes are in RAM now."""
        end = offset + len(data)
        self.simulator.ram[offset:end] = data
        for hart in self.harts:
            hart.ram[offset:end] = np.frombuffer(data, np.uint8)
            hart.written_from_outside(offset, len(data))

    def crowd(self, slots: int, left: int) -> None:
        """The engine has room for so many slots of decoded code from now on, and for so many more micro-ops."""
        for hart in self.harts:
            hart.state["slot_limit"] = slots
            pool = hart.target.layout.pool
            hart.state["pool_next"] = max(int(hart.state["pool_next"]), pool - left)

    def move(self, code: bytes) -> None:
        """Somebody stands in the world as the case says, and this code where the pc points, if there is RAM."""
        case, simulator = self.case, self.simulator
        simulator.x, simulator.pc, simulator.priv = list(case.x), case.pc, case.priv
        simulator.mstatus, simulator.stopped = case.mstatus, False
        simulator.csrs |= case.csrs
        for k, byte in enumerate(code):
            offset = simulator.offset(case.pc + k)
            if offset is not None:
                self.poke(offset, bytes([byte]))
        for hart in self.harts:
            case.stand_in(hart)

    def step(self, count: int) -> str:
        """So many instructions -> what differs then, or ""."""
        simulator = self.simulator
        before = simulator.pc
        for _ in range(count):
            simulator.step()
        if self.lost():
            return ""
        for name, hart in zip(self.names, self.harts, strict=True):
            reason = run(hart, count)
            found = seen(hart, simulator)
            if found or reason != (EXIT_STOPPED if simulator.stopped else EXIT_LIMIT):
                return f"{name} after {simulator.started} (from {before:#x}), reason {reason}: {found}"
        if len(self.harts) > 1 and (found := differences(*self.harts)):
            return f"{' and '.join(self.names)} after {simulator.started}: {found}"
        return ""
