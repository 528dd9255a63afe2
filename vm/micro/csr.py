"""Control and status registers: one row a CSR -> the read and write routines of every executor.

Source: Volume II, chapters 2 to 4; Sstc. A row names the register, where its bits live, which of them software may
change (WARL: the others keep their value), who may touch it beyond what its number says, and what a write sets off.
Whatever has no row does not exist and traps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vm.arch import (
    COUNTER_CY,
    COUNTER_IR,
    COUNTER_TM,
    CSR,
    CSR_OF_MODE,
    ENVCFG_FIOM,
    IALIGN,
    MENVCFGH_STCE,
    MIP_MEIP,
    MIP_MSIP,
    MIP_MTIP,
    MIP_SEIP,
    MIP_SSIP,
    MIP_STIP,
    MISA_RV32IMASUX,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPP_SHIFT,
    MSTATUS_MPRV,
    MSTATUS_MXR,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TSR,
    MSTATUS_TVM,
    MSTATUS_TW,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    SATP_MODE,
    SATP_PPN,
    SSTATUS_MASK,
)
from vm.micro.context import routine
from vm.micro.paging import flush_tlbs, set_banks
from vm.micro.traps import pending, sstc, ticks

_ALL = 0xFFFF_FFFF
_MSTATUS_WRITABLE = (
    MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_MPP | MSTATUS_MPRV | MSTATUS_SUM
    | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR
)  # fmt: skip
_INTERRUPTS_S = MIP_SSIP | MIP_STIP | MIP_SEIP
_INTERRUPTS = _INTERRUPTS_S | MIP_MSIP | MIP_MTIP | MIP_MEIP
EXCEPTIONS_DELEGABLE = 0xB3FF  # causes 0-9, 12, 13, 15: all but the call from M-mode
_PMPCFG_RESERVED = 0x6060_6060
_NUMBERS = {name: number for names in (CSR, *CSR_OF_MODE.values()) for name, number in names.items()}

DONE, EVENT, ILLEGAL = range(3)  # what csr_write returns; EVENT: interrupts or translations may have changed


@dataclass(frozen=True)
class Csr:
    """A row. read(m) -> word; write(m, v) acts; `field` with `mask` is the plain case of both."""

    name: str
    field: str = ""
    mask: int = 0
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any, Any], None] | None = None
    allowed: Callable[[Any], Any] | None = None  # condition beyond the number's privilege bits
    event: bool = False
    for_update: Callable[[Any], Any] | None = None  # what csrrs and csrrc combine with, where it differs from read

    @property
    def number(self) -> int:
        return _NUMBERS[self.name]

    def get(self, m):
        if self.read:
            return self.read(m)
        return getattr(m.s, self.field) if self.field else m.word(0)

    def set(self, m, value) -> None:
        if self.write:
            self.write(m, value)
        elif self.field and self.mask:
            old = getattr(m.s, self.field)
            setattr(m.s, self.field, old & (~self.mask & _ALL) | value & self.mask)


# ---- status and interrupts -----------------------------------------------------------------------------
def _write_mstatus(m, value) -> None:
    old = m.s.mstatus
    # MPP is WARL: 2 is no privilege level, and leaves it as it was.
    reserved = ((value >> MSTATUS_MPP_SHIFT) & 3) == 2
    value = m.select(reserved, value & ~MSTATUS_MPP | old & MSTATUS_MPP, value)
    m.s.mstatus = old & (~_MSTATUS_WRITABLE & _ALL) | value & _MSTATUS_WRITABLE
    set_banks(m)
    if ((old ^ value) & MSTATUS_MXR) != 0:
        m.empty_tlb("dtlb")  # cached read rights depend on it


def _write_sstatus(m, value) -> None:
    _write_mstatus(m, m.s.mstatus & (~SSTATUS_MASK & _ALL) | value & SSTATUS_MASK)


def _mip_for_update(m):
    return pending(m) & (~MIP_SEIP & _ALL) | m.s.mip & MIP_SEIP  # section 3.1.9: not the external line


def _write_mip(m, value) -> None:
    writable = m.select(sstc(m), m.word(MIP_SSIP | MIP_SEIP), m.word(_INTERRUPTS_S))
    m.s.mip = m.s.mip & ~writable | value & writable


def _write_sie(m, value) -> None:
    mask = m.s.mideleg
    m.s.mie = m.s.mie & ~mask | value & mask


def _write_sip(m, value) -> None:
    mask = m.s.mideleg & MIP_SSIP
    m.s.mip = m.s.mip & ~mask | value & mask


def _write_satp(m, value) -> None:
    m.s.satp = value & (SATP_MODE | SATP_PPN)  # no ASID bits
    flush_tlbs(m)


def _satp_allowed(m):
    return (m.s.priv != PRIV_S) | ((m.s.mstatus & MSTATUS_TVM) == 0)


# ---- counters --------------------------------------------------------------------------------------------
def _elapsed(m, bit):
    """-> 64 bits: clocks (CY), or instructions retired before this one (IR)."""
    return m.s.clock if bit == COUNTER_CY else m.s.clock - m.s.skipped - m.s.exceptions


def _counter(m, bit):
    """-> the 64-bit counter: its base, and what went by since unless mcountinhibit holds it."""
    base = m.s.mcycle_base if bit == COUNTER_CY else m.s.minstret_base
    running = (m.s.mcountinhibit & bit) == 0
    return base + m.select(running, _elapsed(m, bit), m.wide(0))


def _set_counter(m, bit, value) -> None:
    """Section 3.1.10: the written value is what the next instruction reads; the write itself is not counted."""
    running = (m.s.mcountinhibit & bit) == 0
    base = value - m.select(running, _elapsed(m, bit) + 1, m.wide(0))
    if bit == COUNTER_CY:
        m.s.mcycle_base = base
    else:
        m.s.minstret_base = base


def _low_writer(bit):
    return lambda m, v: _set_counter(m, bit, (_counter(m, bit) >> 32 << 32) | v.u64())


def _high_writer(bit):
    return lambda m, v: _set_counter(m, bit, _counter(m, bit).low().u64() | v.u64() << 32)


def _write_mcountinhibit(m, value) -> None:
    held, cycles, retired = m.s.mcountinhibit, _counter(m, COUNTER_CY), _counter(m, COUNTER_IR)
    m.s.mcountinhibit = value & (COUNTER_CY | COUNTER_IR)
    # The write counts in what was not held before it.
    _set_counter(m, COUNTER_CY, cycles + m.bit((held & COUNTER_CY) == 0).u64())
    _set_counter(m, COUNTER_IR, retired + m.bit((held & COUNTER_IR) == 0).u64())


def _readable(bit):
    """Counters below M-mode need mcounteren, in U-mode scounteren as well (section 3.1.11, 4.1.5)."""

    def allowed(m):
        priv = m.s.priv
        from_s = (m.s.mcounteren & bit) != 0
        from_u = (m.s.scounteren & bit) != 0
        return (priv == PRIV_M) | (from_s & ((priv == PRIV_S) | from_u))

    return allowed


def _counter_rows(name: str, bit: int, value: Callable[[Any], Any]) -> tuple[Csr, ...]:
    low, high = (lambda m: value(m).low()), (lambda m: value(m).high())
    return Csr(name, read=low, allowed=_readable(bit)), Csr(name + "h", read=high, allowed=_readable(bit))


def _machine_counter_rows(name: str, bit: int) -> tuple[Csr, ...]:
    return (
        Csr(name, read=lambda m: _counter(m, bit).low(), write=_low_writer(bit)),
        Csr(name + "h", read=lambda m: _counter(m, bit).high(), write=_high_writer(bit)),
    )


# ---- Sstc ------------------------------------------------------------------------------------------------
def _stimecmp_allowed(m):
    return (m.s.priv == PRIV_M) | (sstc(m) & ((m.s.mcounteren & COUNTER_TM) != 0))


def _write_stimecmp(m, value) -> None:
    m.s.stimecmp = (m.s.stimecmp >> 32 << 32) | value.u64()


def _write_stimecmph(m, value) -> None:
    m.s.stimecmp = m.s.stimecmp.low().u64() | value.u64() << 32


# ---- the table ---------------------------------------------------------------------------------------------
def _pmp_row(name: str, index: int, reserved: int = 0) -> Csr:
    """PMP registers hold what is written and restrict nothing: see docs/machine.md."""

    def read(m):
        return m.get(name, index)

    def write(m, value):
        m.put(name, index, value & (~reserved & _ALL))

    return Csr(f"{name}{index}", read=read, write=write)


def _plain(name: str, mask: int = _ALL, event: bool = False) -> Csr:
    return Csr(name, field=name, mask=mask, event=event)


ROWS: tuple[Csr, ...] = (
    *_counter_rows("cycle", COUNTER_CY, lambda m: _counter(m, COUNTER_CY)),
    *_counter_rows("time", COUNTER_TM, ticks),
    *_counter_rows("instret", COUNTER_IR, lambda m: _counter(m, COUNTER_IR)),
    # supervisor
    Csr("sstatus", read=lambda m: m.s.mstatus & SSTATUS_MASK, write=_write_sstatus, event=True),
    Csr("sie", read=lambda m: m.s.mie & m.s.mideleg, write=_write_sie, event=True),
    Csr("sip", read=lambda m: pending(m) & m.s.mideleg, write=_write_sip, event=True),
    _plain("stvec", ~2 & _ALL),
    _plain("scounteren", COUNTER_CY | COUNTER_TM | COUNTER_IR),
    _plain("senvcfg", ENVCFG_FIOM),
    _plain("sscratch"),
    _plain("sepc", -IALIGN & _ALL),
    _plain("scause"),
    _plain("stval"),
    Csr("stimecmp", read=lambda m: m.s.stimecmp.low(), write=_write_stimecmp, allowed=_stimecmp_allowed, event=True),
    Csr("stimecmph", read=lambda m: m.s.stimecmp.high(), write=_write_stimecmph, allowed=_stimecmp_allowed, event=True),
    Csr("satp", field="satp", write=_write_satp, allowed=_satp_allowed, event=True),
    # machine
    *(Csr(name) for name in ("mvendorid", "marchid", "mimpid", "mconfigptr", "mstatush")),
    Csr("mhartid", field="mhartid"),
    Csr("mstatus", field="mstatus", write=_write_mstatus, event=True),
    Csr("misa", read=lambda m: m.word(MISA_RV32IMASUX)),
    _plain("medeleg", EXCEPTIONS_DELEGABLE),
    _plain("mideleg", _INTERRUPTS_S, event=True),
    _plain("mie", _INTERRUPTS, event=True),
    Csr("mip", read=pending, write=_write_mip, for_update=_mip_for_update, event=True),
    _plain("mtvec", ~2 & _ALL),
    _plain("mcounteren", COUNTER_CY | COUNTER_TM | COUNTER_IR),
    Csr("mcountinhibit", field="mcountinhibit", write=_write_mcountinhibit),
    _plain("menvcfg", ENVCFG_FIOM),
    _plain("menvcfgh", MENVCFGH_STCE, event=True),
    _plain("mscratch"),
    _plain("mepc", -IALIGN & _ALL),
    _plain("mcause"),
    _plain("mtval"),
    *_machine_counter_rows("mcycle", COUNTER_CY),
    *_machine_counter_rows("minstret", COUNTER_IR),
    *(_pmp_row("pmpcfg", n, _PMPCFG_RESERVED) for n in range(16)),
    *(_pmp_row("pmpaddr", n) for n in range(64)),
    # debug triggers (Debug specification, section 5.7): a tdata1 of zero says that there is none
    *(Csr(name) for name in ("tselect", "tdata1", "tdata2", "tdata3")),
    # hardware performance counters: read-only zero, as section 3.1.10 allows
    *(Csr(f"{name}{n}{half}") for n in range(3, 32) for name, half in
      (("mhpmevent", ""), ("mhpmcounter", ""), ("mhpmcounter", "h"))),
)  # fmt: skip


def _find(m, number):
    """CSR number -> its row, or None when it does not exist or may not be touched from this privilege level."""
    rows = m.target.csr_rows
    case = m.switch(number, tuple(rows))
    if case is None:
        return None
    row = rows[case]
    lowest = case >> 8 & 3
    if lowest != PRIV_U and m.s.priv < lowest:
        return None
    if row.allowed and not row.allowed(m):
        return None
    return row


def is_read_only(number):
    """CSR number -> condition: its two top bits say that nobody may write it (section 2.1)."""
    return (number & 0xC00) == 0xC00


@routine(32, 32, returns=64)
def csr_read(m, number, updating):
    """-> the value; or 1 in the high word when the access is illegal. `updating`: csrrs or csrrc will write it back."""
    row = _find(m, number)
    if row is None:
        return m.wide(ILLEGAL << 32)
    if row.for_update and updating != 0:
        return row.for_update(m).u64()
    return row.get(m).u64()


@routine(32, returns=32)
def csr_writable(m, number):
    """-> 1 when csr_write would not be illegal, else 0."""
    return m.word(0 if is_read_only(number) or _find(m, number) is None else 1)


@routine(32, 32, returns=32)
def csr_write(m, number, value):
    """-> DONE, EVENT or ILLEGAL."""
    row = None if is_read_only(number) else _find(m, number)
    if row is None:
        return m.word(ILLEGAL)
    row.set(m, value)
    return m.word(EVENT if row.event else DONE)
