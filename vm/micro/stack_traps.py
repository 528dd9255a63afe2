"""How cisc mode enters and leaves a trap: a stack of the new privilege takes psw and pc, a table in memory has the pc.

The CSRs of the RISC modes are written too (scause, stval, sepc, sstatus), and xtvec names the table: a word an
exception at 4 * cause, a word an interrupt at 4 * (32 + number). Coming from user mode, sp is kept in usp and becomes
ksp; rei gives it back. Machine mode has msp, exchanged with sp in the same way. A supervisor's trap whose stack or
table cannot be reached becomes a double trap of machine mode (cause 16, as in the ratified Ssdbltrp); where machine
mode's fails too, the hart stops.

After the VAX (VAX Architecture Reference Manual, Digital Press 1987, chapter "Exceptions and interrupts"), whose
SCB, KSP and PCBB these are.
"""

from __future__ import annotations

from vm.arch import (
    CAUSE_DOUBLE_TRAP,
    INTERRUPT_FLAG,
    PAGE_MASK,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    SSTATUS_MASK,
)
from vm.isa.csr_table import table
from vm.micro.access import known_word
from vm.micro.context import routine
from vm.micro.csr import Csr, plain
from vm.micro.layout import WORD_BYTES
from vm.micro.paging import READ, WRITE, in_ram, resolve, set_banks
from vm.micro.slots import stored
from vm.micro.templates import SP
from vm.micro.traps import machine_status

RESERVED_PRIV = 2
FRAME_BYTES = 2 * WORD_BYTES  # pc, and psw above it
FIRST_INTERRUPT = 32  # in the table


_TABLE = table("cisc")
ROWS: tuple[Csr, ...] = (
    *(plain(_TABLE[name]) for name in ("usp", "ksp", "pcbb", "msp", "sepc", "mepc")),
    Csr(_TABLE["misa"]),
)


def _reaches(m, va, size, access):
    """Address, a few bytes -> 1 when all of them are RAM that can be read or written, else 0."""
    good = m.word(1)
    for end in (va, va + (size - 1)):
        found = resolve[access](m, end)
        present, _ = in_ram(m, found.low())
        good = good & m.bit(found.high() == 0) & m.bit(present)
    return good


@routine(32, 32, 32)
def push_frame(m, low, pc, psw):
    """Stores pc, and psw above it, where `_reaches` has been. The pages are looked up before the first store: it may
    change their own entries."""
    first, last = (in_ram(m, resolve[WRITE](m, low + k).low())[1] for k in (0, FRAME_BYTES - 1))
    for k in range(FRAME_BYTES):
        inside = ((low + k) & ~PAGE_MASK) == (low & ~PAGE_MASK)
        offset = m.select(inside, first + k, last - (FRAME_BYTES - 1 - k))
        word, place = (pc, k) if k < WORD_BYTES else (psw, k - WORD_BYTES)
        m.ram_set(offset, 1, word >> 8 * place)
        stored(m, offset)


@routine(32, 32, 32, 32, 32, returns=32)
def _enter(m, sp, pc, psw, vector, cause):
    """Stack pointer, what is to be pushed, table -> 1 with the new pc and sp in force, or 0 and nothing is changed."""
    first = m.select((cause & INTERRUPT_FLAG) != 0, m.word(FIRST_INTERRUPT), m.word(0))
    place = first + (cause & (FIRST_INTERRUPT - 1))
    entry = (vector & ~3) + place * WORD_BYTES
    low = sp - FRAME_BYTES
    if (_reaches(m, low, FRAME_BYTES, WRITE) & _reaches(m, entry, WORD_BYTES, READ)) == 0:
        return m.word(0)
    m.s.pc = known_word(m, entry)
    push_frame(m, low, pc, psw)
    m.put("x", SP, low)
    return m.word(1)


@routine(32, 32, 32, 32)
def enter_handler(m, pc, cause, source, vector):
    """Takes the place of traps.enter_handler."""
    sp, priv = m.get("x", SP), m.s.priv
    if priv == PRIV_S:
        if source == PRIV_U:
            m.s.usp = sp
            sp = m.s.ksp
        if _enter(m, sp, pc, m.s.mstatus & SSTATUS_MASK, vector, cause) != 0:
            return
        m.s.mcause, m.s.mepc, m.s.mtval = CAUSE_DOUBLE_TRAP, pc, sp
        m.s.trap_cause = CAUSE_DOUBLE_TRAP
        m.put("exception_counts", CAUSE_DOUBLE_TRAP, m.get("exception_counts", CAUSE_DOUBLE_TRAP) + 1)
        m.s.mstatus = machine_status(m.s.mstatus, m.word(PRIV_S))
        m.s.priv = m.word(PRIV_M)
        set_banks(m)
        _machine(m, sp, pc, m.word(CAUSE_DOUBLE_TRAP), m.word(PRIV_S))
    else:
        _machine(m, sp, pc, cause, source)


@routine(32, 32, 32, 32)
def _machine(m, sp, pc, cause, source):
    """The trap is machine mode's."""
    old = sp
    if source != PRIV_M:
        sp, m.s.msp = m.s.msp, old
    if _enter(m, sp, pc, m.s.mstatus, m.s.mtvec, cause) == 0:
        m.s.stopped = m.word(1)
        m.s.pc = pc


def leave_stack(i, priv, sp) -> None:
    """rei in privilege `priv`, which has popped its frame and set the new privilege: which stack is in force now."""
    now = i.s.priv
    if (priv == PRIV_S) & (now == PRIV_U):
        i.s.ksp = sp
        sp = i.s.usp
    elif (priv == PRIV_M) & (now != PRIV_M):
        sp, i.s.msp = i.s.msp, sp
    i.put("x", SP, sp)
