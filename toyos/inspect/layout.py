"""The kernel's symbols and pcb.inc -> what a PCB consists of: every field's name, place, kind and comment.

Places come from the symbols of the kernel that runs; names, order and comments from the sources that it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from toyos.symbols import Table
from toyos.variants import Choice, kernel_include_folders
from vm.arch import WORD
from vm.isa import registers

SOURCE = "pcb.inc"
_FIELD = re.compile(r"^(?:field|\.set|\.equ)\s+(P_\w+)[^#\n]*(?:#\s*(.*))?$", re.MULTILINE)
_INCLUDE = re.compile(r'^\s*\.include\s+"([^"]+)"', re.MULTILINE)
_NO_FIELD = re.compile(r"P_(ARCH|X|\w*SIZE)$")
STATE_PREFIX = "STATE_"

# How the values of fields are shown, where they are no plain numbers (render.py).
STATE_KIND, PCB, QUEUE, QUEUE_HEAD, TIME, TICKS, SPACE, ADDRESS, STATUS, TEXT, FILES, INODE, MASK, NUMBER, PART = (
    "state", "pcb", "queue", "queue head", "time", "ticks", "space", "address", "status", "text", "files", "inode",
    "mask", "number", "part",
)  # fmt: skip
KINDS = {
    "P_STATE": STATE_KIND, "P_PARENT": PCB, "P_CHILD": PCB, "P_SIBLING": PCB, "P_NEXT": PCB, "P_PREV": PCB,
    "P_QUEUE": QUEUE, "P_CHILDREN_QUEUE": QUEUE_HEAD, "P_QUANTUM": TICKS, "P_CPU_TIME": TIME, "P_CHILDREN_TIME": TIME,
    "P_SPACE": SPACE, "P_BRK_START": ADDRESS, "P_BRK": ADDRESS, "P_WAKE": TIME, "P_STATUS": STATUS, "P_CWD": INODE,
    "P_FILES": FILES, "P_CLOEXEC": MASK, "P_NAME": TEXT, "P_PSW": ADDRESS, "P_PART": PART,
}  # fmt: skip


class Row(NamedTuple):
    """A field of a PCB. offset, size: bytes; kind: how it is shown; register: name of the register it holds, or ""."""

    name: str
    offset: int
    size: int
    kind: str
    comment: str
    register: str = ""


class Layout:
    """What a kernel's PCBs look like. rows: in their order in memory."""

    def __init__(self, kernel: Table, choice: Choice) -> None:
        values = kernel.values
        self.values = values
        self.size = values["P_SIZE"]
        self.states = state_names(values)
        comments = {name: text for name, text in documented(choice) if name in values}
        held = _registers(choice.mode, values)
        places = {values[name]: name for name in comments}  # of names for one place the last, the more general, counts
        starts = sorted({*places, *held, self.size})
        self.rows: list[Row] = []
        for at, end in zip(starts, starts[1:], strict=False):
            register = held.get(at, "")
            name = f"P_{register.upper()}" if register else places[at]
            comment = comments.get(name) or (f"register {register}" if register else "")
            kind = ADDRESS if register else KINDS.get(name, NUMBER)
            self.rows.append(Row(name, at, end - at, kind, comment, register))
        self.by_name = {row.name: row for row in self.rows}
        self.registers = {row.register: row.offset for row in self.rows if row.register}

    def find(self, name: str) -> Row | None:
        """Name of a field, as "P_STATE" or "state" -> its row, or None."""
        upper = name.upper()
        return self.by_name.get(upper) or self.by_name.get(f"P_{upper}")


def state_names(values: Mapping[str, int]) -> dict[int, str]:
    """Symbols of a kernel -> number -> name of a process's state, such as "Ready"."""
    names = [name for name in values if name.startswith(STATE_PREFIX)]
    return {values[name]: name.removeprefix(STATE_PREFIX).capitalize() for name in names}


def _registers(mode: str, values: Mapping[str, int]) -> dict[int, str]:
    """Mode -> offsets of the saved registers, and their names; the pc is among them."""
    if "P_X" in values:  # x1 to x31, each at four times its number
        names = registers.names(mode)
        found = {values["P_X"] + WORD * number: name for number, name in enumerate(names) if number}
        return {values["P_PC"]: "pc", **found}
    names = ("a0", "a1", "a2", "a3", "t0", "t1", "s0", "s1", "sp", "pc", "psw")
    return {values[f"P_{name.upper()}"]: name for name in names}


def documented(choice: Choice) -> Iterator[tuple[str, str]]:
    """A system -> fields of its PCB, as the sources name them, with their comments."""
    folders, seen = kernel_include_folders(choice), set()
    waiting = [SOURCE]
    while waiting:
        name = waiting.pop()
        path = _find(name, folders)
        if name in seen or path is None:
            continue
        seen.add(name)
        text = path.read_text(encoding="utf-8")
        waiting += _INCLUDE.findall(text)
        for found in _FIELD.finditer(text):
            if not _NO_FIELD.match(found[1]):
                yield found[1], (found[2] or "").strip()


def _find(name: str, folders: list[Path]) -> Path | None:
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
