"""A hart of cisc mode without its instructions, for the simulator: memory, CSRs, what traps do.

An instruction works on a copy of the registers, a list of stores, and a list of changes of CSRs; all three are made at
its end, or forgotten at a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.cisc.arithmetic import WORD
from vm.arch import (
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPRV,
    MSTATUS_MXR,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TSR,
    MSTATUS_TVM,
    MSTATUS_TW,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
    SSTATUS_MASK,
)
from vm.isa.csrs import numbers

CSR = numbers("cisc")
A0, A1, A2, A3, SP = 0, 1, 2, 3, 8  # numbers in a specifier
SAVED = 8  # registers that a mask, and the PCB, has
SIZES = {"b": 1, "h": 2, "l": 4}
R, W, X = "r", "w", "x"
PAGE_FAULTS, ACCESS_FAULTS = {R: 13, W: 15, X: 12}, {R: 5, W: 7, X: 1}
ILLEGAL, BREAKPOINT, CALL, DOUBLE = 2, 3, 8, 16
STATUS_BITS = MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_MPP
STATUS_BITS |= MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TSR  # that tests with this simulator let change
UNKNOWN = MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW
WHOLE_CSRS = "mscratch mepc mcause mtval sscratch sepc scause stval usp ksp msp pcbb".split()
READ_ONLY_ZERO = (CSR["mhartid"],)


class Fault(Exception):
    """An exception of the guest: cause, and what xtval gets."""

    def __init__(self, cause: int, value: int) -> None:
        super().__init__(cause, value)
        self.cause, self.value = cause, value


class Page(NamedTuple):
    """Where a virtual page is: number of a physical page, and some of "rwxu"."""

    frame: int
    rights: str


@dataclass
class Hart:
    """Memory, CSRs and traps. x: registers by their numbers in specifiers. pages: None for bare addresses."""

    ram: bytearray
    pc: int = RAM_BASE
    x: list[int] = field(default_factory=lambda: [0] * 9)
    priv: int = PRIV_M
    mstatus: int = MSTATUS_MPP
    csrs: dict[str, int] = field(default_factory=dict)
    pages: dict[int, Page] | None = None
    stopped: bool = False
    lost: bool = False  # in what the simulator does not know: interrupts, some bits of mstatus
    started: int = 0
    unretired: int = 0  # that trapped, or have another round to do

    def __post_init__(self) -> None:
        for name in (*WHOLE_CSRS, "mtvec", "stvec", "medeleg"):
            self.csrs.setdefault(name, 0)
        self._begin()

    def _begin(self) -> None:
        self.r, self.at = list(self.x), self.pc
        self.illegal = Fault(ILLEGAL, 0)  # to raise where it turns out to be none; the opcode is put there
        self.stores: dict[int, int] = {}  # offset in RAM -> byte
        self.changes: list[Callable[[], None]] = []  # of CSRs

    # ---- memory ------------------------------------------------------------------------------------------------------
    def _translate(self, va: int, access: str) -> int:
        """Address of a byte -> its offset in RAM."""
        if self.pages is not None and self.priv != PRIV_M:
            page = self.pages.get(va >> PAGE_SHIFT)
            if page is None or not self._permitted(page.rights, access):
                raise Fault(PAGE_FAULTS[access], va)
        offset = self.offset(va)
        if offset is None:
            raise Fault(ACCESS_FAULTS[access], va)
        return offset

    def offset(self, va: int) -> int | None:
        """Address, rights aside -> offset in RAM, or None for what is not there."""
        physical = va
        if self.pages is not None and self.priv != PRIV_M:
            page = self.pages.get(va >> PAGE_SHIFT)
            if page is None:
                return None
            physical = page.frame << PAGE_SHIFT | va & PAGE_MASK
        return physical - RAM_BASE if 0 <= physical - RAM_BASE < len(self.ram) else None

    def _permitted(self, rights: str, access: str) -> bool:
        users = "u" in rights
        if self.priv == PRIV_U and not users:
            return False
        if self.priv == PRIV_S and users and (access == X or not self.mstatus & MSTATUS_SUM):
            return False
        return access in rights or (access == R and "x" in rights and bool(self.mstatus & MSTATUS_MXR))

    def _span(self, va: int, size: int, access: str) -> list[int]:
        """Where the bytes are. A fault names the first byte that cannot be reached."""
        return [self._translate((va + k) & WORD, access) for k in range(size)]

    def load(self, va: int, size: int = 4) -> int:
        found = [self.stores.get(at, self.ram[at]) for at in self._span(va, size, R)]
        return int.from_bytes(bytes(found), "little")

    def store(self, va: int, value: int, size: int = 4) -> None:
        for k, at in enumerate(self._span(va, size, W)):
            self.stores[at] = value >> 8 * k & 0xFF

    def _push(self, value: int) -> None:
        self.r[SP] = (self.r[SP] - 4) & WORD
        self.store(self.r[SP], value)

    def _pop(self) -> int:
        value = self.load(self.r[SP])
        self.r[SP] = (self.r[SP] + 4) & WORD
        return value

    def _make_stores(self) -> None:
        for at, byte in self.stores.items():
            self.ram[at] = byte
        self.stores = {}

    # ---- CSRs --------------------------------------------------------------------------------------------------------
    def _read_csr(self, number: int) -> int:
        name = next((name for name, n in CSR.items() if n == number), "")
        if self.priv < number >> 8 & 3:
            raise self.illegal
        if number in READ_ONLY_ZERO:
            return 0
        if name == "mstatus":
            return self.mstatus
        if name == "sstatus":
            return self.mstatus & SSTATUS_MASK
        if name not in self.csrs:
            raise self.illegal
        return self.csrs[name]

    def _write_csr(self, number: int, value: int) -> None:
        self._read_csr(number)
        if number & 0xC00 == 0xC00:
            raise self.illegal
        name = next(name for name, n in CSR.items() if n == number)
        if name in ("mstatus", "sstatus"):
            mask = STATUS_BITS & (SSTATUS_MASK if name == "sstatus" else WORD)
            self.lost |= bool(value & (UNKNOWN if name == "mstatus" else 0))
            if value & MSTATUS_MPP == 2 << 11:
                mask &= ~MSTATUS_MPP
            self.changes.append(lambda: setattr(self, "mstatus", self.mstatus & ~mask | value & mask))
        else:
            legal = {"mtvec": ~2 & WORD, "stvec": ~2 & WORD, "medeleg": 0xB3FF}.get(name, WORD)
            self.changes.append(lambda: self.csrs.__setitem__(name, value & legal))

    # ---- traps -------------------------------------------------------------------------------------------------------
    def _trap(self, cause: int, value: int) -> None:
        source, pc = self.priv, self.pc
        if source != PRIV_M and self.csrs["medeleg"] >> cause & 1:
            self.csrs |= {"scause": cause, "sepc": pc, "stval": value}
            status = self.mstatus & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE)
            status |= MSTATUS_SPIE if self.mstatus & MSTATUS_SIE else 0
            self.mstatus = status | (MSTATUS_SPP if source == PRIV_S else 0)
            self.priv = PRIV_S
            sp = self.x[SP]
            if source == PRIV_U:
                self.csrs["usp"], sp = sp, self.csrs["ksp"]
            if self._enter(sp, self.csrs["stvec"], cause, self.mstatus & SSTATUS_MASK):
                return
            source, cause, value = PRIV_S, DOUBLE, sp
            self.x[SP] = sp
        self.csrs |= {"mcause": cause, "mepc": pc, "mtval": value}
        status = self.mstatus & ~(MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE)
        status |= MSTATUS_MPIE if self.mstatus & MSTATUS_MIE else 0
        self.mstatus = status | source << 11
        self.priv = PRIV_M
        sp = self.x[SP]
        if source != PRIV_M:
            self.csrs["msp"], sp = sp, self.csrs["msp"]
        self.stopped = not self._enter(sp, self.csrs["mtvec"], cause, self.mstatus)

    def _enter(self, sp: int, vector: int, cause: int, psw: int) -> bool:
        """Pushes psw and pc, takes the new pc from the table -> whether that was possible; if not, nothing changes."""
        self.r[SP] = sp
        try:
            # The entry is what it was before the pushes.
            handler = self.load(((vector & ~3) + 4 * cause) & WORD)
            self._push(psw)
            self._push(self.pc)
        except Fault:
            self._begin()
            return False
        self._make_stores()
        self.x[SP], self.pc = self.r[SP], handler
        return True


def page_count(size: int) -> int:
    """Bytes -> pages."""
    return -(-size // PAGE_SIZE)
