"""What the accounting build counts, said once on words, for the reference executor and for generated code.

Both executors run these functions in builds of their own: `started` in front of every instruction, `moved` behind one
that has reached RAM or a device, AFTER behind the routines that it names. Besides the vocabulary of context.py they
use

    m.cell(NAME, k), m.cell_set(NAME, k, v)     64 bits of the meter's arrays: "meter", "counts", "log"
    m.touch(unit, first, last, allocate)        looks these bytes up -> lines << 32 | misses
    m.forget(unit, block), m.forget_all(unit)   drops one entry, or all

What is to be known of an instruction is one word: see meter_kinds.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vm.arch import (
    INTERRUPT_FLAG,
    LEVEL_BITS,
    MSTATUS_MIE,
    MSTATUS_SIE,
    PAGE_SHIFT,
    PRIV_M,
    PRIV_U,
    PTE_BYTES_LOG,
    PTE_R,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
    SATP_PPN,
)
from vm.micro.context import routine
from vm.micro.layout import WORD_BYTES
from vm.micro.meter_kinds import CLASS_MASK, FENCES, LOADS, READS_RS1, READS_RS2, length_of
from vm.micro.meter_layout import (
    CAUSES,
    CELL,
    CLASS_SHIFT,
    COUNT_MASK,
    COUNTER_CELLS,
    DATA,
    FETCH,
    LINES,
    MARK_SHIFT,
    NOTHING,
    PAGES,
    ROW_CELLS,
    ROW_COUNTERS,
    ROW_WORDS,
    UNIT,
    USER_SPAN,
    WORDS,
)
from vm.micro.paging import fence_is_refused

ROUND = 1 << 32  # tells the address of a block instruction from none


# ---- counting ------------------------------------------------------------------------------------------------------
def tally(m, counter: str, amount=1, index=0) -> None:
    """Adds to a counter; index: which one, of those that are many."""
    place = index + CELL[counter]
    m.cell_set("meter", place, m.cell("meter", place) + amount)


def get(m, field: str):
    """Field of the meter's record -> its value."""
    return m.cell("meter", CELL[field])


def put(m, field: str, value) -> None:
    """Sets a field of the meter's record."""
    m.cell_set("meter", CELL[field], value)


def place_of(m, pc):
    """Address of an instruction -> its cell in the histogram, before the shift by the instructions' alignment."""
    size = m.s.ram_size.low()
    offset = pc - RAM_BASE
    elsewhere = m.select(pc < USER_SPAN, size + pc, size + USER_SPAN)
    return m.select(offset < size, offset, elsewhere)


def moment_at(m, place):
    """Cell of the histogram -> the number of the moment that is marked there, 0 for none."""
    return m.cell("counts", place.u64()) >> MARK_SHIFT


def is_full(m):
    """-> condition: the log has no room for another row."""
    return get(m, "log_used") == get(m, "log_limit")


def snapshot(m, moment, clock) -> None:
    """Appends a row to the log: the moment's number, the time, and all counters as they are before the instruction."""
    row = get(m, "log_used") * ROW_CELLS
    m.cell_set("log", row, moment)
    m.cell_set("log", row + 1, clock)
    m.cell_set("log", row + 2, m.s.satp.u64())
    for k in range(WORDS):
        m.cell_set("log", row + (ROW_WORDS + k), m.ram(m.cell("meter", CELL["words"] + k).low(), 4).u64())
    for k in range(COUNTER_CELLS):
        m.cell_set("log", row + (ROW_COUNTERS + k), m.cell("meter", k))
    put(m, "log_used", get(m, "log_used") + 1)


def _masked(m):
    """-> 1 when interrupts are off at the level that is running, else 0."""
    priv = m.s.priv
    enabled = m.select(priv == PRIV_M, m.word(MSTATUS_MIE), m.word(MSTATUS_SIE))
    return m.bit((priv != PRIV_U) & ((m.s.mstatus & enabled) == 0)).u64()


def started(m, info, place, micro_ops, rs1_index, rs2_index, rd_index) -> None:
    """In front of an instruction: its kind, its cell in the histogram, how many micro-ops count with it, its registers
    by number."""
    cost = info & CLASS_MASK
    known = m.cell("counts", place.u64())
    kept = (known >> MARK_SHIFT << MARK_SHIFT) | (known & COUNT_MASK) + 1
    m.cell_set("counts", place.u64(), kept | cost.u64() << CLASS_SHIFT)
    tally(m, "classes", index=cost.u64())
    tally(m, "micro_ops", micro_ops)
    tally(m, "fetched_bytes", length_of(info).u64())
    tally(m, "levels", index=m.s.priv.u64())
    tally(m, "masked", _masked(m))
    loaded = get(m, "loaded").low()
    uses = ((info & READS_RS1) != 0) & (rs1_index == loaded) | ((info & READS_RS2) != 0) & (rs2_index == loaded)
    tally(m, "load_use", m.bit(uses).u64())
    put(m, "loaded", m.select((info & LOADS) != 0, rd_index, m.word(NOTHING)).u64())


def looked_up(m, info, pc, offset, rs1_index, rs1) -> None:
    """The same, for caches and TLB: its address, its offset in RAM, number and value of its first register."""
    last = length_of(info) - 1
    translate_fetch(m, pc, pc + last)
    fetched(m, offset, offset + last)
    fenced(m, info, rs1_index, rs1)


def will_go_on(m, pc) -> None:
    """The block instruction at pc has another round to do."""
    put(m, "again", pc.u64() | ROUND)


def another_round(m, pc):
    """-> 1 when what begins at pc is another round of the same block instruction, which is counted here; else 0."""
    again = m.bit(get(m, "again") == (pc.u64() | ROUND)).u64()
    tally(m, "rounds", again)
    put(m, "again", 0)
    return again


def withdrawn(m, info, place) -> None:
    """An instruction that `started` has counted goes to sleep, and will be started anew; what it has looked up it will
    look up again."""
    cost = (info & CLASS_MASK).u64()
    for counter, amount, index in (
        ("classes", 1, cost),
        ("micro_ops", 1, 0),
        ("fetched_bytes", length_of(info).u64(), 0),
        ("levels", 1, m.s.priv.u64()),
        ("masked", _masked(m), 0),
    ):
        tally(m, counter, m.wide(0) - amount, index)
    m.cell_set("counts", place.u64(), m.cell("counts", place.u64()) - 1)


# ---- caches and TLB ----------------------------------------------------------------------------------------
def present(m, unit: int):
    """-> condition: this unit is simulated."""
    return m.cell("meter", CELL["units"] + unit * (UNIT.itemsize // 8) + 1) != 0


def _look_up(m, unit: int, first, last, allocate, name: str) -> None:
    found = m.touch(unit, first, last, allocate)
    tally(m, f"{name}_lines", found >> 32)
    tally(m, f"{name}_misses", found & NOTHING)


def _translate(m, first, last, priv) -> None:
    """Looks a virtual address up in the TLB; a miss reads the page table, once a level."""
    satp = m.s.satp
    if (priv == PRIV_M) | ((satp & SATP_MODE) == 0):
        return
    if not present(m, PAGES):
        return
    if get(m, "translation") != satp.u64():
        m.forget_all(PAGES)
        put(m, "translation", satp.u64())
    found = m.touch(PAGES, first, last, m.word(1))
    tally(m, "tlb_lookups", found >> 32)
    misses = found & NOTHING
    if misses != 0:
        tally(m, "tlb_misses", misses)
        number = first >> (PAGE_SHIFT + LEVEL_BITS)
        entry = ((satp & SATP_PPN) << PAGE_SHIFT) + (number << PTE_BYTES_LOG) - RAM_BASE
        inside = entry < m.s.ram_size.low()
        superpage = (m.ram(m.select(inside, entry, m.word(0)), 4) & (PTE_R | PTE_X)) != 0
        tally(m, "walk_reads", misses * m.select(superpage & inside, m.wide(1), m.wide(2)))


@routine(32, 32)
def translate_fetch(m, first, last):
    """The TLB's part in fetching these bytes, by virtual address."""
    _translate(m, first, last, m.s.priv)


@routine(32, 32)
def translate_data(m, first, last):
    """The TLB's part in a load or store of these bytes, by virtual address."""
    _translate(m, first, last, m.s.data_priv)


@routine(32, 32, name="cache_fetched")
def fetched(m, first, last):
    """The instruction cache's part, by offset in RAM."""
    if present(m, FETCH):
        _look_up(m, FETCH, first, last, m.word(1), "fetch")


@routine(32, 32, name="cache_read")
def read(m, first, last):
    """The data cache's part in a load from these bytes of RAM."""
    if present(m, DATA):
        _look_up(m, DATA, first, last, m.word(1), "read")


@routine(32, 32, name="cache_written")
def written(m, first, last):
    """The data cache's part in a store to these bytes of RAM; stores are written through."""
    if present(m, DATA):
        _look_up(m, DATA, first, last, get(m, "write_allocates").low(), "write")


@routine(32, 32, 32)
def fenced(m, info, rs1_index, va):
    """sfence.vma: forgets one page's translation, or with x0 all. Where it is refused it traps instead."""
    if (info & FENCES) == 0:
        return
    if not present(m, PAGES):
        return
    if fence_is_refused(m):
        return
    if rs1_index == 0:
        m.forget_all(PAGES)
    else:
        m.forget(PAGES, va >> PAGE_SHIFT)


def moved(m, write: bool, times: int, size: int) -> None:
    """So many loads or stores were made, of so many bytes together."""
    tally(m, "stores" if write else "loads", times)
    tally(m, "written_bytes" if write else "read_bytes", size)


def word_moved(m, write: bool, va, first, last) -> None:
    """Microcode has moved a word in RAM: its virtual address, the offsets of its first and last byte."""
    moved(m, write, 1, WORD_BYTES)
    if get(m, "simulated") != 0:
        translate_data(m, va, va + (WORD_BYTES - 1))
        (written if write else read)(m, first, last)


# ---- traps -------------------------------------------------------------------------------------------------
def _trapped(m) -> None:
    number = m.s.trap_cause & (CAUSES - 1)
    interrupt = m.bit((m.s.trap_cause & INTERRUPT_FLAG) != 0)
    tally(m, "exceptions", (interrupt ^ 1).u64(), number.u64())
    tally(m, "interrupts", interrupt.u64(), (number & (LINES - 1)).u64())
    put(m, "loaded", NOTHING)
    put(m, "again", 0)


def _returned(m) -> None:
    tally(m, "returns")


# Routine -> what is counted when it has run.
AFTER: dict[str, Callable[[Any], None]] = {
    "take_exception": _trapped,
    "_take_interrupt": _trapped,
    "return_m": _returned,
    "return_s": _returned,
}
