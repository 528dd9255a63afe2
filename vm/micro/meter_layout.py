"""What the accounting build counts, as numpy dtypes: counters, a row of the log, the record that generated code uses.

Everything is made of unsigned 64-bit cells, so that a field is an index: `CELL["loads"]` is the place of the counter
of loads in the meter's record, and differences of rows are differences of arrays of cells.
"""

from __future__ import annotations

import numpy as np

from vm.arch import PAGE_SIZE
from vm.isa import cisc
from vm.isa.row import COSTS as RISC_COSTS

CLASSES = tuple(dict.fromkeys((*RISC_COSTS, *cisc.COSTS)))
CAUSES, LINES, LEVELS = 32, 16, 4
WORDS = 8  # words of RAM that a row of the log can hold
FETCH, DATA, PAGES = range(3)  # the simulated units: caches of the two sides, and the TLB
UNITS = 3

COUNTERS = np.dtype(
    [
        ("classes", "u8", len(CLASSES)),  # instructions started, by cost class
        ("levels", "u8", LEVELS),  # the same, by privilege: user, supervisor, -, machine
        ("masked", "u8"),  # the same, in supervisor or machine mode with interrupts off at that level
        ("micro_ops", "u8"),
        ("rounds", "u8"),  # of block instructions, beyond the first
        ("fetched_bytes", "u8"),
        ("loads", "u8"),
        ("stores", "u8"),
        ("read_bytes", "u8"),
        ("written_bytes", "u8"),
        ("taken", "u8"),  # conditional branches that were taken
        ("load_use", "u8"),  # instructions that read what the instruction just before them has loaded
        ("exceptions", "u8", CAUSES),
        ("interrupts", "u8", LINES),
        ("returns", "u8"),  # from traps
        # -- simulated
        ("fetch_lines", "u8"),
        ("fetch_misses", "u8"),
        ("read_lines", "u8"),
        ("read_misses", "u8"),
        ("write_lines", "u8"),
        ("write_misses", "u8"),
        ("tlb_lookups", "u8"),
        ("tlb_misses", "u8"),
        ("walk_reads", "u8"),  # entries of page tables read for them
    ]
)
COUNTER_CELLS = COUNTERS.itemsize // 8

UNIT = np.dtype([("tags_host", "u8"), ("sets", "u8"), ("ways", "u8"), ("shift", "u8")])  # sets 0: not simulated

METER = np.dtype(
    [
        ("counters", COUNTERS),  # first, so that a counter's place is the same in a row's `counters`
        ("units", UNIT, UNITS),
        ("simulated", "u8"),  # 1 when any unit is
        ("write_allocates", "u8"),
        ("translation", "u8"),  # satp that the TLB's entries belong to
        ("again", "u8"),  # address of the block instruction that has another round to do, and metering.ROUND
        ("crossing", "u8"),  # of an instruction that reaches into the next page: bytes
        ("crossing_at", "u8"),  # offset in RAM
        ("loaded", "u8"),  # register that the last instruction loaded; NOTHING for none
        ("counts_host", "u8"),
        ("log_host", "u8"),
        ("log_used", "u8"),  # rows
        ("log_limit", "u8"),
        ("words", "u8", WORDS),  # offsets in RAM
    ]
)
# Bytes that no access reaches over. Where first and last byte are further apart, they lie in two pages whose frames are
# not neighbours, and only their own lines count.
SPAN = 256
NOTHING = 0xFFFF_FFFF  # no register has this number, no block this tag

# A row of the log in cells: moment, clock, satp, WORDS words, the counters.
ROW_WORDS, ROW_COUNTERS = 3, 3 + WORDS
ROW_CELLS = ROW_COUNTERS + COUNTER_CELLS

# The histogram: a cell for every place where an instruction may start. RAM comes first, by offset; then the addresses
# below USER_SPAN, where programs live; then one cell for all others. A cell holds the number of the moment that is
# marked there (0: none), the class of the last instruction, and the count.
USER_SPAN = 1 << 22
ELSEWHERE = PAGE_SIZE
MARK_SHIFT, CLASS_SHIFT = 56, 48
COUNT_MASK = (1 << CLASS_SHIFT) - 1
MARKS = (1 << 64 - MARK_SHIFT) - 1  # moments that can be told apart


def _cells(dtype: np.dtype, base: int = 0) -> dict[str, int]:
    """-> {field, at any depth: its first cell}"""
    out: dict[str, int] = {}
    for name in dtype.names or ():
        field, offset = dtype.fields[name][:2]
        out[name] = base + offset // 8
        if field.names:
            out |= _cells(field, out[name])
    return out


CELL = _cells(METER)
