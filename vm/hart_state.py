"""Which fields of the CPU state (vm.state.STATE) are the state of the hart, and which are the executor's own business.

Every field is in exactly one of these lists. A snapshot holds those of the first; what the second names is worked out
anew from devices, image and page tables; the third is empty, or of no meaning, between two instructions.
"""

from __future__ import annotations

from vm.state import LAYOUT, SINK, STATE

KEPT = (
    "x pc priv data_priv reservation reserved "
    "mstatus mtvec medeleg mideleg mie mip mscratch mepc mcause mtval mcounteren mcountinhibit menvcfg menvcfgh "
    "stvec sscratch sepc scause stval scounteren senvcfg satp pmpcfg pmpaddr "
    "cwp wim windows mhartid usp ksp msp pcbb stopped woken "
    "clock skipped exceptions stimecmp mcycle_base minstret_base exception_counts interrupt_counts"
).split()
DERIVED = (
    "nwin lines mtime_offset mtimecmp watch_first watch_end slot_limit next_slot ram_size "
    "dtlb_host itlb_host itlb_fills dtlb_fills itlb_log dtlb_log itlb dtlb"
).split()
PASSING = (
    "pcd reason code low_kind low_value low_base low_offset low_number low_delta low_last low_start pool_next "
    "io_ready io_write io_size io_address io_value wfi_exits "
    "trace_traps trap_cause trap_pc trap_value trap_from trap_seen watch_hit watch_offset watch_size limit due wake "
    "ram_host records_host page_slot_host pool_host home part slot_page_host slot_writes_host state_host meter_host "
    "observer_host dirty_host virtual_marks_host physical_marks_host"
).split()
# What must say "nothing" where a run begins.
CLEARED = ("io_ready", "trap_seen", "watch_hit", "part", "pool_next")


def _extents() -> tuple[slice, ...]:
    """-> the bytes of the record that KEPT names, neighbours joined."""
    joined: list[tuple[int, int]] = []
    for start, name in sorted((LAYOUT[name][0], name) for name in KEPT):
        # Registers behind x[31] are the executor's.
        size = SINK * 4 if name == "x" else STATE[name].itemsize
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, LAYOUT[name][0] + size))
    return tuple(slice(start, end) for start, end in joined)


EXTENTS = _extents()
SIZE = sum(extent.stop - extent.start for extent in EXTENTS)  # bytes
