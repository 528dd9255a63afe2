"""What an observer can stop at: points of code, data, registers and traps; and what a stop there says.

Plain records, without the machine: vm/observe.py watches for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vm.machine import TrapRecord

READ, WRITE, ACCESS, CHANGE = "read", "write", "access", "change"
KINDS = (READ, WRITE, ACCESS, CHANGE)


@dataclass(frozen=True)
class CodePoint:
    """Before the instruction at this virtual address, in whatever address space."""

    address: int


@dataclass(frozen=True)
class DataPoint:
    """After an instruction that has reached one of these bytes. kind: one of KINDS; "change" is a write after which
    the bytes are others. physical: the address is one of RAM; else a virtual one, in whatever address space."""

    address: int
    size: int = 4
    kind: str = WRITE
    physical: bool = False


@dataclass(frozen=True)
class StatePoint:
    """After an instruction, or a trap, that has changed this field of the CPU state (vm.state.STATE): ("x", 10)
    is a0, ("satp", 0) the page table."""

    field: str
    index: int = 0


@dataclass(frozen=True)
class TrapPoint:
    """After a trap was taken, before the handler's first instruction. causes: as scause has them, interrupts with the
    top bit; empty for any."""

    causes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class StalePoint:
    """After an access to RAM by a translation that the hart remembers and the page table does not give any more: there
    is another frame, or no right to it. The same for an instruction's own fetch. That the kernel has taken accessed and
    dirty bits away does not count."""


Point = CodePoint | DataPoint | StatePoint | TrapPoint | StalePoint


class Access(NamedTuple):
    """A load or store of the guest. address: virtual; physical: of its first byte, None for a device; size: bytes; pc:
    of the instruction that made it, or that was about to begin when a trap of cisc mode moved the word."""

    address: int
    physical: int | None
    size: int
    write: bool
    pc: int


class Hit(NamedTuple):
    """A point was met, and the machine stands there. at: the position, Machine.started. access: of a DataPoint, the
    last one that met it. before, after: values of a StatePoint, and of a DataPoint of up to 8 bytes in RAM
    (little-endian); where reading was watched, both are what stands there now. trap: of a TrapPoint. A StalePoint has
    the access; a fetch is one of no bytes at the pc."""

    point: Point
    at: int
    access: Access | None = None
    before: int | None = None
    after: int | None = None
    trap: TrapRecord | None = None
