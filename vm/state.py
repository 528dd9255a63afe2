"""CPU state as one numpy structured record -> the byte offset of every field.

Everything that the executors touch besides guest RAM lives in this one record, so that the plain-Python
reference and the generated code can take turns on the same machine. Offsets come from the dtype and are
typed nowhere else. Registers: x[0..31]; x[SINK] receives the writes to x0; those behind it are for instructions that
are sequences of micro-ops, to hand values from one to the next.
"""

import numpy as np

from vm.arch import NWIN_MOST

SINK = 32  # decoded records send writes of x0 here
WINDOWS, WINDOW_WORDS = NWIN_MOST, 16
DTLB_ENTRIES = 1024  # per bank; 256 entries clash on large strides
ITLB_ENTRIES = 256
BANK_M, BANK_U, BANK_S, BANK_S_SUM = range(4)  # software TLB banks: one an access right to data
DTLB_BANKS, ITLB_BANKS = 4, 3  # instruction side: machine, user, supervisor
TLB_LOG = 512  # fills that are remembered, so that emptying a TLB costs no more than what was filled
TLB_INVALID = 0xFFFF_FFFF  # a tag that no access can have

# Data side: read and write tags are the page's virtual address; addend + address = host address.
DTLB = np.dtype([("rtag", "u4"), ("wtag", "u4"), ("addend", "u8")])
# Instruction side: tag, index of the RAM page, host address of the page's decoded records.
ITLB = np.dtype([("tag", "u4"), ("page", "u4"), ("base", "u8")])

# Why generated code returned to its caller (field `reason`).
EXIT_LIMIT, EXIT_DEVICE, EXIT_IDLE, EXIT_WATCH, EXIT_TRAP, EXIT_LOG, EXIT_STOPPED, EXIT_POINT = range(8)
# Field `io_ready`: how the device access that caused EXIT_DEVICE ended.
IO_NONE, IO_DONE, IO_ERROR = range(3)

_CSR_FIELDS = (
    "mstatus mtvec medeleg mideleg mie mip mscratch mepc mcause mtval mcounteren mcountinhibit menvcfg menvcfgh "
    "stvec sscratch sepc scause stval scounteren senvcfg satp"
).split()

STATE = np.dtype(
    [
        ("x", "u4", 64),
        ("pc", "u4"),  # of the next instruction, whenever generated code is not running
        ("priv", "u4"),
        ("data_priv", "u4"),  # privilege of loads and stores: differs from priv under MPRV
        ("pcd", "u4"),  # generated code only: pc = (record address >> layout.record_shift) + pcd
        ("reason", "u4"),
        ("reservation", "u4"),  # physical address of the LR reservation
        ("reserved", "u4"),  # 1 while the reservation stands
        *[(name, "u4") for name in _CSR_FIELDS],
        ("pmpcfg", "u4", 16),
        ("pmpaddr", "u4", 64),
        ("nwin", "u4"),  # windows that there are; 0 where there are none
        ("cwp", "u4"),
        ("wim", "u4"),
        ("windows", "u4", WINDOWS * WINDOW_WORDS),  # local and in registers of the windows that are not current
        ("mhartid", "u4"),
        ("lines", "u4"),  # interrupt lines that devices hold up now, as bits of mip
        *[(name, "u4") for name in "usp ksp msp pcbb".split()],  # cisc mode: stacks of other privileges, PCB
        ("stopped", "u4"),  # 1: a trap of machine mode could not be taken, the hart does nothing any more
        # -- sequences: lowering's notes (see lowering.py); places in the pool of records of sequences
        ("code", "u4", 24),  # the instruction's bytes
        *[("low_" + name, "u4", 4) for name in "kind value base offset number".split()],
        ("low_delta", "u4", 16),
        ("low_last", "u4"),  # register that the last micro-op writes
        ("low_start", "u4"),  # where in the pool the sequence starts
        ("pool_next", "u4"),  # where in the pool the next record goes
        # -- device access in flight
        ("io_ready", "u4"),
        ("io_write", "u4"),
        ("io_size", "u4"),
        ("io_address", "u4"),
        ("io_value", "u4"),
        ("woken", "u4"),  # 1: the wfi at pc has been waiting, and goes on now, before any interrupt is taken
        ("wfi_exits", "u4"),  # 1: a wfi that must wait leaves to the caller instead of skipping time
        ("trace_traps", "u4"),  # 1: leave with EXIT_TRAP after each trap
        ("trap_cause", "u4"),
        ("trap_pc", "u4"),
        ("trap_value", "u4"),
        ("trap_from", "u4"),  # privilege before the last trap
        ("trap_seen", "u4"),  # 1: a trap was taken and has not been reported yet
        ("watch_first", "u4"),  # the watched bytes: first RAM offset, and the one behind the last
        ("watch_end", "u4"),
        ("watch_hit", "u4"),  # 1: a store reached a watched byte and has not been reported yet
        ("watch_offset", "u4"),  # where in RAM, and how many bytes
        ("watch_size", "u4"),
        ("next_slot", "u4"),  # slots of decoded records handed out so far
        ("slot_limit", "u4"),
        # -- time: clock = instructions started + clocks skipped by wfi
        ("clock", "u8"),
        ("skipped", "u8"),
        ("exceptions", "u8"),  # started instructions that did not retire: they trapped, or have another round to do
        ("limit", "u8"),  # run until clock - skipped reaches this
        ("due", "u8"),  # clock of the next event
        ("wake", "u8"),  # clock of the timer that a wfi waits for; all ones for none
        ("mtime_offset", "u8"),
        ("mtimecmp", "u8"),
        ("stimecmp", "u8"),
        ("mcycle_base", "u8"),  # mcycle = base + clock, or base alone while inhibited
        ("minstret_base", "u8"),
        ("exception_counts", "u8", 32),
        ("interrupt_counts", "u8", 16),
        # -- host addresses, set by the machine once
        ("ram_host", "u8"),
        ("ram_size", "u8"),
        ("records_host", "u8"),
        ("page_slot_host", "u8"),
        ("pool_host", "u8"),
        ("home", "u8"),  # record of the instruction whose sequence is being run
        ("part", "u8"),  # record in the pool to go on with after a device access, or 0
        ("slot_page_host", "u8"),
        ("slot_writes_host", "u8"),
        ("dtlb_host", "u8"),  # the data TLB bank in force
        ("itlb_host", "u8"),
        ("state_host", "u8"),
        ("itlb_fills", "u4"),  # since it was last emptied; TLB_LOG + 1 for more than the log holds
        ("dtlb_fills", "u4"),
        ("itlb_log", "u4", TLB_LOG),  # byte offsets in this record of the entries that were filled
        ("dtlb_log", "u4", TLB_LOG),
        ("itlb", ITLB, (ITLB_BANKS, ITLB_ENTRIES)),
        ("dtlb", DTLB, (DTLB_BANKS, DTLB_ENTRIES)),
        ("meter_host", "u8"),  # the record of the build that counts; 0 in the others
        # -- of the build that observes: its record, and tables of 32 bits an entry; 0 in the others
        ("observer_host", "u8"),
        ("dirty_host", "u8"),
        ("virtual_marks_host", "u8"),
        ("physical_marks_host", "u8"),
    ],
    align=True,
)


def _layout() -> dict[str, tuple[int, int]]:
    """-> {field: (byte offset, element size in bits)}"""
    out = {}
    for name in STATE.names or ():
        dtype, offset = STATE.fields[name][:2]  # type: ignore[index]
        out[name] = (offset, dtype.base.itemsize * 8)
    return out


LAYOUT = _layout()


def place(name: str) -> int:
    """Scalar field -> its index in the record seen as an array of elements of its own width."""
    offset, bits = LAYOUT[name]
    return offset * 8 // bits
