"""The numbers that the document's sentences speak of, by name, read off the tables."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.calls.programs import CHAIN_DEPTH
from benchmarks.context_switch.costs import load
from benchmarks.context_switch.experiments import LARGE
from benchmarks.context_switch.moments import (
    CACHE_REFILL,
    PAGE_TABLE,
    SCHEDULER,
    STATE_RESTORE,
    STATE_SAVE,
    TLB_REFILL,
    TRAP_ENTRY,
    TRAP_EXIT,
    WINDOW_FILL,
    WINDOW_SPILL,
)
from benchmarks.context_switch.published import ANDERSON, QUICKTHREADS, XV6_SWTCH
from benchmarks.context_switch.settings import REGISTERS_A_WINDOW, setting
from benchmarks.context_switch.switchbill import DEPTH, TOTAL
from benchmarks.sheet import Sheet, Value, shown

RISC, XDUMP = "risc soft", "risc xdump"
FLUSH, LAZY, PARTITION = "window flush 8", "window lazy 8", "window partition 8/2"
MICROCODE, PUSHED, SOFT = "cisc svpctx", "cisc pushr", "cisc soft"
STATE = (STATE_SAVE, STATE_RESTORE)
WINDOW = (WINDOW_SPILL, WINDOW_FILL)
REFILLS = (TLB_REFILL, CACHE_REFILL)


class _Tables:
    """Tables by name, and numbers in them."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self.sheets = sheets

    def at(self, sheet: str, row: Value, column: str) -> float:
        """-> a cell."""
        value = self.sheets[sheet].row(row)[column]
        assert isinstance(value, int | float), (sheet, row, column, value)
        return value

    def bill(self, unit: str, setting: str, *lines: str, kind: str = "voluntary") -> float:
        """-> the sum of some lines of the bill, in a unit; without lines, the whole."""
        return sum(self.at(f"bill-{kind}-{unit}", line, setting) for line in lines or (TOTAL,))

    def ends(self, sheet: str, column: str) -> tuple[float, float]:
        """-> first and last number of a column."""
        values = [value for value in self.sheets[sheet].column(column) if isinstance(value, int | float)]
        return values[0], values[-1]


def facts(sheets: Mapping[str, Sheet]) -> dict[str, str]:
    """Tables by name -> numbers by name, as they are printed."""
    tables = _Tables(sheets)
    parts = (_primitives, _bills, _windows, _threads, _flat, _calls)
    numbers = _parameters()
    for part in parts:
        numbers |= part(tables)
    return {name: shown(value) for name, value in numbers.items()}


def _parameters() -> dict[str, float]:
    """-> what the measurements were made with, and what they are compared with."""
    windows = setting("window", "partition")
    assert LARGE.dcache is not None
    switches = dict(zip(ANDERSON.columns, ANDERSON.rows["context switch"], strict=True))
    return {
        "depth": DEPTH,
        "windows": windows.windows,
        "part_windows": windows.windows // windows.parts,
        "miss": load("neutral").penalties["read_miss"].value,
        "large_cache": LARGE.dcache.size >> 10,
        "chain_depth": CHAIN_DEPTH,
        "published_cvax": float(switches["CVAX"]),
        "published_r3000": float(switches["R2/3000"]),
        "published_sparc": float(switches["SPARC"]),
        "published_swtch": float(XV6_SWTCH.rows["swtch"][0]),
    }


def _primitives(t: _Tables) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, label in (("risc", RISC), ("xdump", XDUMP), ("flush", FLUSH), ("cisc", MICROCODE)):
        call = t.at("primitives-instructions", label, "null call")
        switch = t.at("primitives-instructions", label, "voluntary switch")
        found |= {f"{name}_call": call, f"{name}_switch": switch, f"{name}_switch_over_call": switch / call}
        process, thread = (
            t.at("primitives-cycles-neutral", label, column) for column in ("voluntary switch", "switch, one space")
        )
        found |= {f"{name}_switch_cycles": process, f"{name}_thread_cycles": thread}
        found[f"{name}_thread_part"] = 100 * thread / process
    found["risc_trap"] = t.at("primitives-instructions", RISC, "trap")
    found["risc_pte"] = t.at("primitives-instructions", RISC, "PTE change")
    return found


def _bills(t: _Tables) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, label in (("risc", RISC), ("xdump", XDUMP), ("micro", MICROCODE), ("pushr", PUSHED), ("soft", SOFT)):
        found[f"{name}_state_instructions"] = t.bill("instructions", label, *STATE)
        found[f"{name}_state_words"] = t.bill("words-moved", label, *STATE)
        found[f"{name}_state_cycles"] = t.bill("cycles-neutral", label, *STATE)
        found[f"{name}_state_fetched"] = t.bill("bytes-fetched", label, *STATE)
        found[f"{name}_total_cycles"] = t.bill("cycles-neutral", label)
    for model in ("cvax", "i486"):
        for name, label in (("micro", MICROCODE), ("pushr", PUSHED), ("soft", SOFT)):
            found[f"{name}_state_{model}"] = t.bill(f"cycles-{model}", label, *STATE)
    found["i486_hardware"] = t.bill("cycles-i486", PUSHED, TRAP_ENTRY, TRAP_EXIT)
    total = t.bill("cycles-neutral", RISC)
    found["risc_scheduler_part"] = 100 * t.bill("cycles-neutral", RISC, SCHEDULER) / total
    found["risc_refill_part"] = 100 * t.bill("cycles-neutral", RISC, *REFILLS) / total
    found["risc_state_part"] = 100 * t.bill("cycles-neutral", RISC, *STATE) / total
    cisc = t.bill("cycles-neutral", PUSHED, *STATE)
    found["state_difference_part"] = 100 * (t.bill("cycles-neutral", RISC, *STATE) - cisc) / total
    found["risc_page_table"] = t.bill("instructions", RISC, PAGE_TABLE)
    for name, label in (("flush", FLUSH), ("lazy", LAZY), ("partition", PARTITION)):
        found[f"{name}_bill"] = t.bill("cycles-neutral", label)
        found[f"{name}_spill"] = t.bill("cycles-neutral", label, WINDOW_SPILL)
        found[f"{name}_window_words"] = t.bill("words-moved", label, *WINDOW)
        found[f"{name}_fill_words"] = t.bill("words-moved", label, WINDOW_FILL)
        found[f"{name}_spill_words"] = t.bill("words-moved", label, WINDOW_SPILL)
        found[f"{name}_leon"] = t.bill("cycles-leon", label)
    found["risc_leon"], found["risc_bill"] = t.bill("cycles-leon", RISC), total
    found["flush_state_words"] = t.bill("words-moved", FLUSH, *STATE, *WINDOW)
    found["flush_over_risc_words"] = found["flush_state_words"] / t.bill("words-moved", RISC, *STATE)
    found["flush_over_risc"] = found["flush_bill"] / total
    found["voluntary_words"] = t.bill("words-moved", RISC, *STATE)
    more = t.bill("words-moved", SOFT, *STATE) - t.bill("words-moved", SOFT, *STATE, kind="preemptive")
    found["cisc_more_words"] = more
    found["preemptive_words"] = t.bill("words-moved", RISC, *STATE, kind="preemptive")
    return found


def _windows(t: _Tables) -> dict[str, float]:
    found: dict[str, float] = {"window_registers": REGISTERS_A_WINDOW}
    for name, label in (("flush", FLUSH), ("lazy", LAZY), ("partition", PARTITION), ("risc", RISC)):
        found[f"{name}_shallow"], found[f"{name}_deep"] = t.ends("sweep-depth-words-moved", label)
    step = t.at("sweep-depth-words-moved", 2, FLUSH) - t.at("sweep-depth-words-moved", 0, FLUSH)
    found["flush_words_a_window"] = step / 2
    for name in ("flush", "lazy", "partition"):
        found[f"{name}_32"] = t.at("sweep-windows-cycles", 32, f"window {name}")
        found[f"{name}_8"] = t.at("sweep-windows-cycles", 8, f"window {name}")
    for name, label in (("flush", "window flush 32"), ("lazy", "window lazy 32"), ("part", "window partition 32/4")):
        for processes in (4, 6):
            found[f"{name}_{processes}_processes"] = t.at("sweep-processes-cycles", processes, label)
    found["flush_turn"] = round(t.at("balance-turn", FLUSH, "calls"))
    found["lazy_turn"] = round(t.at("balance-turn", LAZY, "calls"))
    most = t.ends("balance", "calls")[1]
    found["balance_most"] = most
    for name, label in (("flush", FLUSH), ("partition", PARTITION)):
        for place, calls in (("none", 0), ("most", most)):
            found[f"{name}_{place}_calls"] = t.at("balance", calls, label) / t.at("balance", calls, RISC)
    found["flush_masked_least"], found["flush_masked_most"] = t.ends("masked", FLUSH)
    found["risc_masked"] = t.ends("masked", RISC)[0]
    found["cisc_masked"] = t.ends("masked", MICROCODE)[0]
    return found


def _threads(t: _Tables) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, label in (("risc", RISC), ("flush", FLUSH), ("cisc", MICROCODE)):
        found[f"{name}_own_instructions"] = t.at("threads", label, "instructions, depth 4")
        found[f"{name}_own_words"] = t.at("threads", label, "words moved, depth 4")
    times = {row[:2]: row[-1] for row in t.sheets["threads-time"].rows}
    for model, label in (("r3000", RISC), ("leon", FLUSH), ("cvax", MICROCODE)):
        found[f"own_{model}"] = float(times[label, model] or 0)
    published = dict(zip(QUICKTHREADS.columns, QUICKTHREADS.rows["switch"], strict=True))
    found |= {"keppel_r3000": float(published["R3000"]), "keppel_sparc": float(published["SPARC 4/65"])}
    found["keppel_vax"] = float(published["VAX 3500"])
    return found


def _flat(t: _Tables) -> dict[str, float]:
    ring = {
        (int(row[1] or 0), size): float(value or 0)
        for row in t.sheets["ring"].rows
        if row[0] == RISC
        for size, value in zip((0, 16, 32, 64), row[2:], strict=True)
    }
    return {
        "ring_none_few": ring[2, 0],
        "ring_none_many": ring[8, 0],
        "ring_16_few": ring[2, 16],
        "ring_16_many": ring[8, 16],
        "ring_32_few": ring[2, 32],
        "ring_32_more": ring[4, 32],
    }


def _calls(t: _Tables) -> dict[str, float]:
    found: dict[str, float] = {}
    columns = (("risc", RISC), ("window", FLUSH), ("cisc", MICROCODE))
    for program in ("leaf", "fib", "chain"):
        for name, column in columns:
            found[f"{program}_{name}"] = t.at("calls-cycles-neutral", program, column)
            found[f"{program}_{name}_words"] = t.at("calls-words-moved", program, column)
            found[f"{program}_{name}_instructions"] = t.at("calls-instructions", program, column)
    for mode in ("risc", "window", "cisc"):
        found[f"size_{mode}"] = t.at("calls-size", "together", mode)
    for windows in (4, 8, 16):
        for program in ("fib", "session", "chain"):
            found[f"overflow_{program}_{windows}"] = t.at("overflow-windows", windows, program)
    for program in ("fib", "tak"):
        for name, column in (("whole", FLUSH), ("parts", PARTITION)):
            found[f"overflow_{program}_{name}"] = t.at("overflow-parts", program, column)
    found["size_cisc_part"] = 100 * found["size_cisc"] / found["size_risc"]
    return found
