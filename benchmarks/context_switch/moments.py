"""The kernel's moments: symbols that divide the time between a trap and the return from it into lines of the bill.

Nothing in the kernel is there for measuring; these are names that it has anyway.
"""

from __future__ import annotations

from typing import NamedTuple

TRAP_ENTRY = "trap entry"  # by the hart
STATE_SAVE = "state save"
KERNEL_WORK = "kernel work"
SCHEDULER = "scheduler"
PAGE_TABLE = "page table"
STATE_RESTORE = "state restore"
TRAP_EXIT = "trap exit"
WINDOW_SPILL = "window spill"
WINDOW_FILL = "window fill"
TLB_REFILL = "TLB refill"
CACHE_REFILL = "cache refill"
IDLE = "idle"
USER = "user"
# The bill's lines, in the order in which they come.
LINES = (
    TRAP_ENTRY, STATE_SAVE, KERNEL_WORK, SCHEDULER, PAGE_TABLE, STATE_RESTORE, TRAP_EXIT, WINDOW_SPILL, WINDOW_FILL,
    TLB_REFILL, CACHE_REFILL,
)  # fmt: skip
ALL_LINES = (*LINES, IDLE)

BEGIN, END = "sys_getuid", "sys_geteuid"  # the system calls that a workload marks its measured part with
LAP = "at_work"  # in workloads/ring.s: once a lap, in every process
CALL = "at_call"  # in the workloads of benchmarks/calls: once a call
IN_PROGRAMS = (LAP, CALL)
RETURN = "return"  # how the names of the kernel's instructions begin that return from a trap


class Moment(NamedTuple):
    """symbol: where it is. line: what the time from here on belongs to. kind: if not "", what a trap that gets here is
    about. within: if not "", the moment counts only between this one and the end of the trap. optional: not every
    kernel has it."""

    symbol: str
    line: str
    kind: str = ""
    within: str = ""
    optional: bool = False


SYSTEM_CALL, FAULT, CLOCK, DEVICE = "system call", "page fault", "clock", "device"
GETPID, YIELD = "getpid", "yield"
OVERFLOW, UNDERFLOW = "window overflow", "window underflow"
MOMENTS = (
    Moment("trap_entry", STATE_SAVE),
    Moment("trap_entry_call", STATE_SAVE, optional=True),
    Moment("trap_entry_interrupt", STATE_SAVE, optional=True),
    Moment("trap", KERNEL_WORK),
    Moment("system_call", KERNEL_WORK, SYSTEM_CALL),
    Moment("sys_getpid", KERNEL_WORK, GETPID),
    Moment("sys_sched_yield", KERNEL_WORK, YIELD),
    Moment("process_fault", KERNEL_WORK, FAULT),
    Moment("clock_interrupt", KERNEL_WORK, CLOCK),
    Moment("external_interrupt", KERNEL_WORK, DEVICE),
    Moment("space_page", PAGE_TABLE, within="process_fault"),
    Moment("dispatch", SCHEDULER),
    Moment("mmu_load", PAGE_TABLE),
    Moment("timer_arm", SCHEDULER),
    Moment("resume", STATE_RESTORE),
    Moment("windows_enter", WINDOW_SPILL, optional=True),  # for another process; some policies spill here
    Moment("resume_registers", STATE_RESTORE, optional=True),
    Moment("window_overflow", WINDOW_SPILL, OVERFLOW, optional=True),
    Moment("underflow_access", WINDOW_FILL, UNDERFLOW, optional=True),
    Moment("idle", IDLE),
    Moment(BEGIN, KERNEL_WORK, "begin"),
    Moment(END, KERNEL_WORK, "end"),
)
# Trips that are about nothing but windows: all of such a trip is on one line.
OF_WINDOWS = {OVERFLOW: WINDOW_SPILL, UNDERFLOW: WINDOW_FILL}
# Counters that make a line of their own, wherever they are counted.
REFILLS = {
    "tlb_misses": TLB_REFILL, "walk_reads": TLB_REFILL,
    "fetch_misses": CACHE_REFILL, "read_misses": CACHE_REFILL, "write_misses": CACHE_REFILL,
}  # fmt: skip
