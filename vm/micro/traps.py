"""Traps, interrupts, returns and the clock. Source: Volume II, sections 3.1.6 to 3.1.9, 3.3.2, 4.1; Sstc.

Time is virtual: the clock counts instructions that were started, plus what wfi skipped; mtime follows it. `due` is the
clock at which something must be looked at again: a timer's deadline, or the end of the run.
"""

from vm.arch import (
    INTERRUPT_FLAG,
    IRQ_PRIORITY,
    MENVCFGH_STCE,
    MIP_MTIP,
    MIP_STIP,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPP_SHIFT,
    MSTATUS_MPRV,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    PRIV_M,
    PRIV_S,
)
from vm.micro.context import routine
from vm.micro.paging import set_banks

_SPP_SHIFT, _SIE_TO_SPIE, _MIE_TO_MPIE = 8, 4, 4  # distances between the bits named above
_FAR = 1 << 63  # a timer further off than this many clocks is as good as never: they would not fit 64 bits


def ticks(m):
    """-> mtime, 64 bits."""
    return m.s.clock.udiv(m.target.clocks_per_tick) + m.s.mtime_offset


def sstc(m):
    """-> condition: stimecmp is the supervisor's timer."""
    return (m.s.menvcfgh & MENVCFGH_STCE) != 0


@routine(returns=32)
def pending(m):
    """-> mip as software reads it: written bits, the devices' lines, and the two timers."""
    now = ticks(m)
    mip = m.s.mip | m.s.lines
    mip = mip | m.select(now >= m.s.mtimecmp, m.word(MIP_MTIP), m.word(0))
    timer = m.select(now >= m.s.stimecmp, m.word(MIP_STIP), m.word(0))
    return m.select(sstc(m), mip & ~MIP_STIP | timer, mip)


def _sooner(m, due, compare, wanted):
    """Clock of the nearest event, a timer's compare register -> the nearest event with that timer."""
    distance, rate = compare - ticks(m), m.target.clocks_per_tick
    at = (m.s.clock.udiv(rate) + distance) * rate
    ahead = wanted & (compare > ticks(m)) & (distance < _FAR // rate) & (at < due)
    return m.select(ahead, at, due)


@routine(32, 32, 32, 32)
def enter_handler(m, pc, cause, source, vector):
    """The last part of a trap at pc, taken from privilege `source`: xtvec -> the new pc. All else is done, the new
    privilege is in force."""
    base = vector & ~3
    vectored = ((vector & 1) != 0) & ((cause & INTERRUPT_FLAG) != 0)
    m.s.pc = m.select(vectored, base + ((cause & 31) << 2), base)


def machine_status(status, source):
    """mstatus before a trap that machine mode takes, and the privilege it comes from -> mstatus in its handler."""
    status = status & ~(MSTATUS_MPIE | MSTATUS_MPP) | (status & MSTATUS_MIE) << _MIE_TO_MPIE
    return status & ~MSTATUS_MIE | source << MSTATUS_MPP_SHIFT


def _deliver(m, pc, cause, value, is_interrupt: bool) -> None:
    """Saves pc, cause and value, raises the privilege, enters the handler. Section 3.1.7 to 3.1.16."""
    source = m.s.priv
    number = cause & 31
    delegated = ((m.s.mideleg if is_interrupt else m.s.medeleg) >> number) & 1
    m.s.reserved = m.word(0)
    m.s.trap_cause, m.s.trap_pc, m.s.trap_value, m.s.trap_from = cause, pc, value, source
    m.s.trap_seen = m.word(1)
    counts = "interrupt_counts" if is_interrupt else "exception_counts"
    m.put(counts, number, m.get(counts, number) + 1)
    status = m.s.mstatus
    if (source != PRIV_M) & (delegated != 0):
        m.s.scause, m.s.sepc, m.s.stval = cause, pc, value
        status = status & ~(MSTATUS_SPIE | MSTATUS_SPP) | (status & MSTATUS_SIE) << _SIE_TO_SPIE
        m.s.mstatus = status & ~MSTATUS_SIE | (source & 1) << _SPP_SHIFT
        m.s.priv = m.word(PRIV_S)
        vector = m.s.stvec
    else:
        m.s.mcause, m.s.mepc, m.s.mtval = cause, pc, value
        m.s.mstatus = machine_status(status, source)
        m.s.priv = m.word(PRIV_M)
        vector = m.s.mtvec
    set_banks(m)
    enter_handler(m, pc, cause, source, vector)


@routine(32, 32, 32)
def take_exception(m, pc, cause, value):
    """An instruction at pc trapped."""
    m.s.exceptions = m.s.exceptions + 1
    _deliver(m, pc, cause, value, is_interrupt=False)


@routine(32)
def _take_interrupt(m, candidates):
    """Pending, enabled interrupts of one level -> enters the handler of the one with the highest priority."""
    number = m.word(0)
    for irq in reversed(IRQ_PRIORITY):
        number = m.select((candidates & (1 << irq)) != 0, m.word(irq), number)
    _deliver(m, m.s.pc, number | INTERRUPT_FLAG, m.word(0), is_interrupt=True)


@routine()
def prepare(m):
    """Between two instructions: takes a pending interrupt if one is enabled, then sets `due`."""
    ready = pending(m) & m.s.mie
    if ready != 0:
        priv, status = m.s.priv, m.s.mstatus
        to_m, to_s = ready & ~m.s.mideleg, ready & m.s.mideleg
        m_open = (priv != PRIV_M) | ((status & MSTATUS_MIE) != 0)
        s_open = (priv < PRIV_S) | ((priv == PRIV_S) & ((status & MSTATUS_SIE) != 0))
        if m_open & (to_m != 0):
            _take_interrupt(m, to_m)
        elif s_open & (to_s != 0):
            _take_interrupt(m, to_s)
    due = m.s.limit + m.s.skipped
    due = _sooner(m, due, m.s.mtimecmp, True)
    m.s.due = _sooner(m, due, m.s.stimecmp, sstc(m))


@routine(returns=32)
def sleep(m):
    """wfi: skips to the next timer that could wake the hart -> 1, or 0 when only the outside world can."""
    never = m.wide((1 << 64) - 1)
    wake = _sooner(m, never, m.s.mtimecmp, (m.s.mie & MIP_MTIP) != 0)
    wake = _sooner(m, wake, m.s.stimecmp, ((m.s.mie & MIP_STIP) != 0) & sstc(m))
    m.s.wake = wake
    if (wake == never) | (m.s.wfi_exits != 0):
        return m.word(0)
    # The wfi itself takes one clock, so that the timer is due at the next instruction.
    step = wake - m.s.clock - 1
    m.s.skipped = m.s.skipped + step
    m.s.clock = m.s.clock + step
    return m.word(1)


@routine()
def return_m(m):
    """mret: section 3.1.6.1."""
    status = m.s.mstatus
    previous = (status >> MSTATUS_MPP_SHIFT) & 3
    status = status & ~(MSTATUS_MIE | MSTATUS_MPP) | (status & MSTATUS_MPIE) >> _MIE_TO_MPIE | MSTATUS_MPIE
    m.s.mstatus = m.select(previous == PRIV_M, status, status & ~MSTATUS_MPRV)
    m.s.priv, m.s.pc, m.s.reserved = previous, m.s.mepc, m.word(0)
    set_banks(m)


@routine()
def return_s(m):
    """sret: section 3.1.6.1."""
    status = m.s.mstatus
    previous = (status >> _SPP_SHIFT) & 1
    status = status & ~(MSTATUS_SIE | MSTATUS_SPP) | (status & MSTATUS_SPIE) >> _SIE_TO_SPIE | MSTATUS_SPIE
    m.s.mstatus = status & ~MSTATUS_MPRV
    m.s.priv, m.s.pc, m.s.reserved = previous, m.s.sepc, m.word(0)
    set_banks(m)
