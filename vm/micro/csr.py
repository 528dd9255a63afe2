"""Control and status registers: one row a CSR -> the read and write routines of every executor.

Source: Volume II, chapters 2 to 4; Sstc. What the registers are, which bits software may change and who may touch them
says vm/isa/csr_table.py; a row here says where the bits live and what a write sets off. Whatever has no row does not
exist and traps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vm.arch import (
    COUNTER_CY,
    COUNTER_IR,
    MIP_SEIP,
    MIP_SSIP,
    MIP_STIP,
    MSTATUS_MXR,
    PRIV_U,
    SSTATUS_MASK,
)
from vm.isa.csr_table import LEGAL, Gate, Register, table
from vm.micro.context import routine
from vm.micro.paging import flush_tlbs, set_banks
from vm.micro.traps import pending, sstc, ticks
from vm.state import LAYOUT

_ALL = 0xFFFF_FFFF
_TABLE = table()

DONE, EVENT, ILLEGAL = range(3)  # what csr_write returns; EVENT: interrupts or translations may have changed


@dataclass(frozen=True)
class Csr:
    """A row. read(m) -> word; write(m, v) acts; `field` with the table's writable bits is the plain case of both."""

    register: Register
    field: str = ""
    read: Callable[[Any], Any] | None = None
    write: Callable[[Any, Any], None] | None = None
    event: bool = False
    for_update: Callable[[Any], Any] | None = None  # what csrrs and csrrc combine with, where it differs from read

    @property
    def name(self) -> str:
        return self.register.name

    @property
    def number(self) -> int:
        return self.register.number

    def get(self, m):
        if self.read:
            return self.read(m)
        return getattr(m.s, self.field) if self.field else m.word(0)

    def set(self, m, value) -> None:
        if self.write:
            self.write(m, value)
        elif self.field and self.register.writable:
            old, mask = getattr(m.s, self.field), self.register.writable
            setattr(m.s, self.field, old & (~mask & _ALL) | value & mask)


def _row(name: str, field: str = "", **how: Any) -> Csr:
    return Csr(_TABLE[name], field, **how)


def plain(register: Register, event: bool = False) -> Csr:
    """Row of the table -> one whose bits live in the field of the state record that has its name."""
    return Csr(register, register.name, event=event)


def _legal(m, register: Register, old, value):
    """-> the value, but with the old one's fields where it has what is not legal (WARL)."""
    for field in register.fields:
        if field.rule == LEGAL:
            found = (value & field.mask) >> field.lsb
            known = False
            for each in field.legal:
                known = (found == each) | known
            value = m.select(known, value, value & (~field.mask & _ALL) | old & field.mask)
    return value


# ---- status and interrupts -----------------------------------------------------------------------------
def _write_mstatus(m, value) -> None:
    old, register = m.s.mstatus, _TABLE["mstatus"]
    value = _legal(m, register, old, value)
    m.s.mstatus = old & (~register.writable & _ALL) | value & register.writable
    set_banks(m)
    if ((old ^ value) & MSTATUS_MXR) != 0:
        m.empty_tlb("dtlb")  # cached read rights depend on it


def _write_sstatus(m, value) -> None:
    _write_mstatus(m, m.s.mstatus & (~SSTATUS_MASK & _ALL) | value & SSTATUS_MASK)


def _mip_for_update(m):
    return pending(m) & (~MIP_SEIP & _ALL) | m.s.mip & MIP_SEIP  # section 3.1.9: not the external line


def _write_mip(m, value) -> None:
    bits = _TABLE["mip"].writable
    writable = m.select(sstc(m), m.word(bits & ~MIP_STIP), m.word(bits))
    m.s.mip = m.s.mip & ~writable | value & writable


def _write_sie(m, value) -> None:
    mask = m.s.mideleg
    m.s.mie = m.s.mie & ~mask | value & mask


def _write_sip(m, value) -> None:
    mask = m.s.mideleg & MIP_SSIP  # the others are read-only in sip
    m.s.mip = m.s.mip & ~mask | value & mask


def _write_satp(m, value) -> None:
    m.s.satp = value & _TABLE["satp"].writable
    flush_tlbs(m)


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
    m.s.mcountinhibit = value & _TABLE["mcountinhibit"].writable
    # The write counts in what was not held before it.
    _set_counter(m, COUNTER_CY, cycles + m.bit((held & COUNTER_CY) == 0).u64())
    _set_counter(m, COUNTER_IR, retired + m.bit((held & COUNTER_IR) == 0).u64())


def _counter_rows(name: str, value: Callable[[Any], Any]) -> tuple[Csr, ...]:
    return _row(name, read=lambda m: value(m).low()), _row(name + "h", read=lambda m: value(m).high())


def _machine_counter_rows(name: str, bit: int) -> tuple[Csr, ...]:
    return (
        _row(name, read=lambda m: _counter(m, bit).low(), write=_low_writer(bit)),
        _row(name + "h", read=lambda m: _counter(m, bit).high(), write=_high_writer(bit)),
    )


# ---- Sstc ------------------------------------------------------------------------------------------------
def _write_stimecmp(m, value) -> None:
    m.s.stimecmp = (m.s.stimecmp >> 32 << 32) | value.u64()


def _write_stimecmph(m, value) -> None:
    m.s.stimecmp = m.s.stimecmp.low().u64() | value.u64() << 32


# ---- the rows ----------------------------------------------------------------------------------------------
def _pmp_row(name: str, index: int) -> Csr:
    """PMP registers hold what is written and restrict nothing: see docs/machine.md."""
    register = _TABLE[f"{name}{index}"]

    def read(m):
        return m.get(name, index)

    def write(m, value):
        m.put(name, index, value & register.writable)

    return Csr(register, read=read, write=write)


def _with_effect() -> tuple[Csr, ...]:
    """-> the rows of what is more than bits that are held, or whose change may let an interrupt in."""
    return (
        *_counter_rows("cycle", lambda m: _counter(m, COUNTER_CY)),
        *_counter_rows("time", ticks),
        *_counter_rows("instret", lambda m: _counter(m, COUNTER_IR)),
        # supervisor
        _row("sstatus", read=lambda m: m.s.mstatus & SSTATUS_MASK, write=_write_sstatus, event=True),
        _row("sie", read=lambda m: m.s.mie & m.s.mideleg, write=_write_sie, event=True),
        _row("sip", read=lambda m: pending(m) & m.s.mideleg, write=_write_sip, event=True),
        _row("stimecmp", read=lambda m: m.s.stimecmp.low(), write=_write_stimecmp, event=True),
        _row("stimecmph", read=lambda m: m.s.stimecmp.high(), write=_write_stimecmph, event=True),
        _row("satp", "satp", write=_write_satp, event=True),
        # machine
        _row("mstatus", "mstatus", write=_write_mstatus, event=True),
        _row("mip", read=pending, write=_write_mip, for_update=_mip_for_update, event=True),
        _row("mcountinhibit", "mcountinhibit", write=_write_mcountinhibit),
        *(plain(_TABLE[name], event=True) for name in ("mideleg", "mie", "menvcfgh")),
        *_machine_counter_rows("mcycle", COUNTER_CY),
        *_machine_counter_rows("minstret", COUNTER_IR),
        *(_pmp_row("pmpcfg", n) for n in range(16)),
        *(_pmp_row("pmpaddr", n) for n in range(64)),
    )


def _rows() -> tuple[Csr, ...]:
    """-> a row for every one of the table: those above, those that live in the state record, and the constant ones."""
    found = {row.name: row for row in _with_effect()}
    for register in _TABLE.values():
        if register.name not in found:
            found[register.name] = plain(register) if register.name in LAYOUT else constant(register)
    return tuple(found[name] for name in _TABLE)


def constant(register: Register) -> Csr:
    return Csr(register, read=lambda m: m.word(register.reset))


ROWS = _rows()


def _opened(m, gates: tuple[Gate, ...]):
    """-> condition: all gates let the privilege in force pass."""
    opened = True
    for gate in gates:
        bit = getattr(m.s, gate.csr) & gate.mask
        passes = (m.s.priv >= gate.below) | ((bit != 0) if gate.wanted else (bit == 0))
        opened = passes & opened
    return opened


def _find(m, number):
    """CSR number -> its row, or None when it does not exist or may not be touched from this privilege level."""
    rows = m.target.csr_rows
    case = m.switch(number, tuple(rows))
    if case is None:
        return None
    row = rows[case]
    lowest = row.register.lowest
    if lowest != PRIV_U and m.s.priv < lowest:
        return None
    if row.register.gates and not _opened(m, row.register.gates):
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
