"""Register windows: whose each is, what it holds, which may not be entered; under the three policies of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect.memory import WORD
from toyos.inspect.window_traps import top
from vm.isa.registers import NUMBERS, WINDOW_NUMBERS
from vm.state import WINDOW_WORDS

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process

# Words of a window in the file and in memory: local, then in registers (docs/machine.md, section "Register windows").
NAMES = (*(f"l{n}" for n in range(8)), "isp", "ira", *(f"i{n}" for n in range(6)))
ISP, IRA = NAMES.index("isp"), NAMES.index("ira")
OUT_NAMES = ("sp", "ra", *(f"a{n}" for n in range(6)))  # in the order of the in registers that they become
WINDOW_BYTES = WINDOW_WORDS * WORD
CURRENT, CALLER, PLACE, PART, EMPTY = "current", "caller", "place", "part", "free"
MEANING = {
    CURRENT: "the window that the hart is in",
    CALLER: "a caller's registers, not on its stack yet",
    PLACE: "where its process will go on; the registers are in its PCB",
    PART: "in the part of its process, without contents",
    EMPTY: "nobody's",
}


class Window(NamedTuple):
    """number: in the ring; owner: pid, None for nobody; role: one of the words above; forbidden: its bit in wim;
    registers: local and in registers by name; outs: its out registers, which are in registers of the next window."""

    number: int
    owner: int | None
    role: str
    forbidden: bool
    registers: Mapping[str, int]
    outs: Mapping[str, int]


class WindowFile(NamedTuple):
    """cwp: number of the current window; wim: mask of those that may not be entered; policy: of the kernel; user: pid
    of the process whose callers' windows end below the current one, None for nobody."""

    nwin: int
    cwp: int
    wim: int
    policy: str
    user: int | None
    windows: list[Window]


def has_windows(inspector: Inspector) -> bool:
    """-> whether the machine has register windows."""
    return inspector.machine.nwin > 0


def window_file(inspector: Inspector) -> WindowFile | None:
    """-> all windows; None on a machine without any."""
    if not has_windows(inspector):
        return None
    state, nwin = inspector.machine.core.state, inspector.machine.nwin
    cwp, wim = int(state["cwp"]), int(state["wim"])
    roles: dict[int, tuple[int, str]] = {}
    for process in inspector.processes():
        for number in part_of(inspector, process):
            roles[number] = (process.pid, PART)
        place = place_of(inspector, process)
        if place is not None:
            roles[place] = (process.pid, PLACE)
        for number in callers(inspector, process):
            roles[number] = (process.pid, CALLER)
    current = inspector.current()
    windows = []
    for number in range(nwin):
        owner, role = roles.get(number, (None, EMPTY))
        if number == cwp and role != CALLER:
            owner, role = current.pid if current else None, CURRENT
        registers = dict(zip(NAMES, words(inspector, number), strict=True))
        outs = dict(zip(OUT_NAMES, outs_of(inspector, number), strict=True))
        windows.append(Window(number, owner, role, bool(wim >> number & 1), registers, outs))
    user = inspector.at(inspector.variable("window_user"))
    return WindowFile(nwin, cwp, wim, policy(inspector), user.pid if user else None, windows)


def policy(inspector: Inspector) -> str:
    """-> the policy of this kernel, told by what it keeps."""
    values = inspector.layout.values
    return "lazy" if "barrier_owner" in values else "partition" if "parts" in values else "flush"


def words(inspector: Inspector, number: int) -> list[int]:
    """Number of a window -> its 16 words as they are now, wherever they are."""
    state = inspector.machine.core.state
    if number == int(state["cwp"]):
        x = inspector.machine.x
        return [int(x[WINDOW_NUMBERS[name]]) for name in NAMES]
    at = number * WINDOW_WORDS
    return [int(word) for word in state["windows"][at : at + WINDOW_WORDS]]


def outs_of(inspector: Inspector, number: int) -> list[int]:
    """Number of a window -> its out registers: sp, ra, a0 to a5."""
    if number == int(inspector.machine.core.state["cwp"]):
        x = inspector.machine.x
        return [int(x[NUMBERS[name]]) for name in OUT_NAMES]
    return words(inspector, (number + 1) % inspector.machine.nwin)[ISP:]


def callers(inspector: Inspector, process: Process) -> list[int]:
    """A process -> windows with the registers of its callers that are in the file, that of the nearest caller first."""
    values, nwin = inspector.layout.values, inspector.machine.nwin
    here = inspector.variable("window_user") == process.pcb
    count, above = 0, top(inspector)
    if "P_PART" in values:
        lowest = _lowest(inspector, process)
        if lowest is not None:
            above = above if here else process.word("P_WINDOW")
            count = above - lowest
    elif here:
        count = (above - process.word("P_BARRIER") - 1) % nwin if nwin > 2 else 0
    elif "P_CALLERS" in values:
        count, above = process.word("P_CALLERS"), process.word("P_WINDOW")
    if not 0 <= count < nwin:
        return []
    return [(above - distance) % nwin for distance in range(1, count + 1)]


def place_of(inspector: Inspector, process: Process) -> int | None:
    """A process that does not run -> the window to which it will come back, if one is kept for it."""
    if inspector.variable("window_user") == process.pcb:
        return None
    values = inspector.layout.values
    kept = "P_CALLERS" in values and process.word("P_CALLERS") or _lowest(inspector, process) is not None
    number = process.word("P_WINDOW") if kept else inspector.machine.nwin
    return number if number < inspector.machine.nwin else None


def part_of(inspector: Inspector, process: Process) -> list[int]:
    """A process -> the windows of its part, under the policy `partition`."""
    lowest = _lowest(inspector, process)
    if lowest is None:
        return []
    size = inspector.layout.values["PART_WINDOWS"]
    return [number for number in range(lowest, lowest + size) if number < inspector.machine.nwin]


def _lowest(inspector: Inspector, process: Process) -> int | None:
    """A process -> the lowest window of its part; None without a part of its own."""
    values = inspector.layout.values
    part = process.word("P_PART") if "P_PART" in values else 0
    start, end = values.get("parts", 0), values.get("parts_end", 0)
    if not part or not start <= part < end or (part - start) % values["PART_SIZE"]:
        return None
    if inspector.memory.word(part + values["PART_OWNER"]) != process.pcb:
        return None
    return inspector.memory.word(part + values["PART_LOWEST"])
