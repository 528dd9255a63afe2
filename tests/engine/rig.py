"""What the tests of the engine share: tiny machines, instruction words, and the architectural state to compare."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from assembler import assemble, link
from tests.conftest import EXAMPLES
from vm.aout import OMAGIC, write
from vm.arch import RAM_BASE
from vm.isa.codec import by_name, encode
from vm.isa.sets import DEFAULT_ISA
from vm.machine import Machine
from vm.meter import Meter
from vm.micro.core import Core
from vm.state import LAYOUT, STATE

EXECUTORS = ("native", "reference")

# Not the architecture's: host addresses, bookkeeping of generated code, and requests to the board that were answered.
_INTERNAL = {
    "pcd", "reason", "due", "limit", "next_slot", "slot_limit", "io_ready", "io_write", "io_size", "io_address",
    "io_value", "watch_first", "watch_end", "watch_hit", "watch_offset", "watch_size", "itlb", "dtlb",
}  # fmt: skip
FIELDS = tuple(name for name in STATE.names or () if name not in _INTERNAL and not name.endswith("_host"))


def _mask() -> np.ndarray[Any, Any]:
    mask = np.zeros(STATE.itemsize, bool)
    for name in FIELDS:
        start = LAYOUT[name][0]
        mask[start : start + STATE[name].itemsize] = True
    sink = LAYOUT["x"][0] + 4 * 32
    mask[sink : sink + 4] = False  # what was written to x0
    return mask


_VISIBLE = _mask()


def examples(count: int) -> int:
    """Examples of a usual run -> how many to draw in this one, in proportion to HYPOTHESIS_EXAMPLES."""
    return max(1, count * EXAMPLES // 100)


def visible(core: Core) -> np.ndarray[Any, Any]:
    """-> the bytes of the architectural state."""
    return core.state_array.view(np.uint8)[_VISIBLE]


def differences(a: Core, b: Core) -> dict[str, tuple[Any, Any]]:
    """Two harts -> {field or RAM offset: (value in a, value in b)} where their architectural states differ."""
    if np.array_equal(visible(a), visible(b)) and np.array_equal(a.ram, b.ram):
        return {}
    found: dict[str, tuple[Any, Any]] = {}
    for name in FIELDS:
        one, two = np.atleast_1d(a.state[name]), np.atleast_1d(b.state[name])
        for k in np.nonzero(one != two)[0]:
            if (name, k) != ("x", 32):
                found[f"{name}[{k}]" if one.size > 1 else name] = (hex(one[k]), hex(two[k]))
    for offset in np.nonzero(a.ram != b.ram)[0][:16]:
        found[f"ram+{offset:#x}"] = (hex(a.ram[offset]), hex(b.ram[offset]))
    return found


def word(name: str, **operands: int) -> int:
    """Mnemonic and operands by name -> the instruction word; window mode has all that risc has."""
    return encode(by_name("window")[name], **operands)


def words(values: Iterable[int]) -> bytes:
    """Instruction words -> bytes."""
    return b"".join(struct.pack("<I", value) for value in values)


@cache
def image(text: str) -> bytes:
    """Assembly source -> an executable that loads at the start of RAM."""
    return write(link([assemble(text)], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC))


@cache
def code(text: str, mode: str = "risc") -> bytes:
    """Assembly source -> the bytes of its text section, linked for the start of RAM."""
    return bytes(link([assemble(text, mode=mode)], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC).text)


def machine(
    executor: str, content: bytes = b"", ram: int = 1 << 18, at: int = RAM_BASE, mode: str = "risc",
    nwin: int | None = None, meter: Meter | None = None, observed: bool = False, isa: str = DEFAULT_ISA,
) -> Machine:  # fmt: skip
    """-> a small board with these bytes in RAM, about to execute the first of them in M-mode."""
    made = Machine(ram=ram, executor=executor, mode=mode, nwin=nwin, meter=meter, observed=observed, isa=isa)
    made.write(at, content)
    made.core.reset(at)
    return made
