"""A PCB in memory -> Process: what it says, field by field, at the moment at which it was read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect.memory import WORD, text_of

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector

SPACE_PAGES = WORD  # where in P_SPACE the number of pages is; before it, the root


class Field(NamedTuple):
    """A field of a PCB. offset, size: bytes; value: of its first word, or of both for times; text: for people."""

    name: str
    offset: int
    size: int
    value: int
    text: str
    comment: str


class Process:
    """A process as its PCB at address `pcb` describes it. It stays as it was read; ask the Inspector for a new one."""

    def __init__(self, inspector: Inspector, pcb: int, content: bytes) -> None:
        self.inspector, self.pcb, self.content = inspector, pcb, content

    def __repr__(self) -> str:
        return f"<process {self.pid} {self.name} {self.state}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Process) and (self.pcb, self.content) == (other.pcb, other.content)

    def __hash__(self) -> int:
        return hash(self.pcb)

    def word(self, name: str, offset: int = 0) -> int:
        """Name of a field -> its first word, or that at an offset in it. KeyError for a field that there is not."""
        at = self.inspector.layout.by_name[name].offset + offset
        return int.from_bytes(self.content[at : at + WORD], "little")

    @property
    def pid(self) -> int:
        return self.word("P_PID")

    @property
    def state_number(self) -> int:
        return self.word("P_STATE")

    @property
    def state(self) -> str:
        """-> "Ready" or another of the five states, "Free" for a PCB that is no process."""
        return self.inspector.layout.states.get(self.state_number, f"unknown state {self.state_number}")

    @property
    def parent(self) -> int:
        """-> PCB of the parent, 0 for process 0."""
        return self.word("P_PARENT")

    @property
    def ppid(self) -> int:
        """-> pid of the parent; 0 for process 0, as `ps` says it."""
        found = self.inspector.at(self.parent)
        return found.pid if found else 0

    @property
    def name(self) -> str:
        """-> what `ps` calls it: the last part of its program's path."""
        row = self.inspector.layout.by_name["P_NAME"]
        return text_of(self.content[row.offset : row.offset + row.size])

    @cached_property
    def program(self) -> str:
        """-> guest path of the program that it runs, "" when none is known by that name."""
        return self.inspector.program_of(self)

    @property
    def space_root(self) -> int:
        """-> physical address of its root page table, 0 when it has none."""
        return self.word("P_SPACE")

    @property
    def pages(self) -> int:
        """-> pages mapped for it, as the kernel counts them."""
        return self.word("P_SPACE", SPACE_PAGES)

    @property
    def queue(self) -> int:
        """-> address of the queue that it is on, 0 for none."""
        return self.word("P_QUEUE")

    @cached_property
    def registers(self) -> Mapping[str, int]:
        """-> the registers saved in the PCB, pc among them; what it will go on with, unless it is running now."""
        offsets = self.inspector.layout.registers
        return {name: int.from_bytes(self.content[at : at + WORD], "little") for name, at in offsets.items()}

    @cached_property
    def fields(self) -> list[Field]:
        """-> all fields of the PCB in their order in memory."""
        from toyos.inspect.render import text

        found = []
        for row in self.inspector.layout.rows:
            content = self.content[row.offset : row.offset + row.size]
            value = int.from_bytes(content[: 2 * WORD if row.kind == "time" else WORD], "little")
            found.append(Field(row.name, row.offset, row.size, value, text(self, row, content), row.comment))
        return found

    def field(self, name: str) -> Field | None:
        """Name, as "P_STATE" or "state" -> that field, or None."""
        row = self.inspector.layout.find(name)
        return next((each for each in self.fields if row and each.name == row.name), None)
