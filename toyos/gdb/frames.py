"""Where a procedure's caller goes on, for those that gdb cannot find out itself -> the section .debug_frame.

gdb reads how ordinary procedures save registers from their first instructions. It must be told of three kinds:

    a procedure with a register window    its caller's sp and return address are in isp and ira behind its wsave
    trap_entry                            the caller is whoever trapped: sepc, behind the ecall if it was one
    trap                                  the same, whose registers are in the PCB of the current process by now

In the last of them gdb must be told, too, that the caller's stack has nothing to do with this one, as it is with Unix's
signal handlers: it shows such a frame as <signal handler called>. That is said where `trap` calls others alone, so that
it is shown as itself where the hart is in it.

So `backtrace` goes on from the kernel into the user's procedures, and `next` steps over a system call. Source: DWARF
Debugging Information Format, version 4, sections 2.5.1 (expressions), 6.4 and 7.23; RISC-V DWARF specification, section
"DWARF Register Numbers".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from toyos.gdb.dwarf import Procedure, sleb, uleb
from vm.arch import CAUSE_ECALL_U, CSR, INSTRUCTION_BYTES
from vm.isa.registers import NUMBERS, WINDOW_NUMBERS

RA, SP = NUMBERS["ra"], NUMBERS["sp"]
ISP, IRA = WINDOW_NUMBERS["isp"], WINDOW_NUMBERS["ira"]
FIRST_CSR = 4096
SEPC, SCAUSE, SSCRATCH = (FIRST_CSR + CSR[name] for name in ("sepc", "scause", "sscratch"))
OUTS = tuple(range(NUMBERS["a0"], NUMBERS["a5"] + 1))  # the caller's a0 to a5 are i0 to i5
LOCALS = tuple(WINDOW_NUMBERS[f"l{number}"] for number in range(8))
INS = tuple(WINDOW_NUMBERS[f"i{number}"] for number in range(len(OUTS)))

NO_CIE = 0xFFFF_FFFF  # what stands in a CIE where an entry of a procedure says which its CIE is
DEF_CFA, REGISTER, UNDEFINED, EXPRESSION, VAL_EXPRESSION, DEF_CFA_EXPRESSION = 0x0C, 0x09, 0x07, 0x10, 0x16, 0x0F
ADVANCE = 0x40  # and the distance, in instructions
OP_ADDR, OP_DEREF, OP_PLUS_UCONST, OP_BREGX, OP_LIT0, OP_EQ, OP_MUL, OP_PLUS = (
    0x03, 0x06, 0x23, 0x92, 0x30, 0x29, 0x1E, 0x22,
)  # fmt: skip


class Kernel(NamedTuple):
    """What must be known of a kernel. trap_entry, trap: addresses of the procedures; current: of the word with the
    PCB's address; saved: names of registers, and where in a PCB they are; swapped: the register that trap_entry puts
    into sscratch first of all."""

    trap_entry: int
    trap: int
    current: int
    saved: Mapping[str, int]
    swapped: str


class Code(NamedTuple):
    """A procedure. windowed: it begins with wsave; returns: where its calls return to."""

    procedure: Procedure
    windowed: bool
    returns: Sequence[int]


def section(codes: Iterable[Code], kernel: Kernel | None) -> bytes:
    """-> .debug_frame of these procedures."""
    ordinary, traps, crossings = Entries(RA), Entries(SEPC), Entries(SEPC, b"zS")
    for (_, low, high, _, _), windowed, returns in codes:
        if kernel is not None and low == kernel.trap_entry:
            traps.add(low, high, _trap_entry(NUMBERS[kernel.swapped]))
        elif kernel is not None and low == kernel.trap:
            # A caller is looked up at its return address, if it is a signal's, else a byte before.
            start = low
            for behind in returns:
                traps.add(start, behind - 1, _trap(kernel))
                crossings.add(behind - 1, behind + 1, _trap(kernel))
                start = behind + 1
            traps.add(start, high, _trap(kernel))
        elif windowed:
            ordinary.add(low, high, _windowed())
    result = b""
    for entries in (ordinary, traps, crossings):
        result += entries.content(len(result))
    return result


class Entries:
    """Entries with a CIE in common. column: where the return address is; augmentation: of gcc's, "zS" for frames of
    signal handlers."""

    def __init__(self, column: int, augmentation: bytes = b"") -> None:
        self._augmented = b"\0" if augmentation else b""  # the length of what would be said besides
        # version 4, addresses of 4 bytes, no segments; distances in instructions, offsets in bytes
        head = struct.pack("<IB", NO_CIE, 4) + augmentation + bytes((0, 4, 0)) + uleb(INSTRUCTION_BYTES) + sleb(1)
        self._cie = _padded(head + uleb(column) + self._augmented + bytes((DEF_CFA,)) + uleb(SP) + uleb(0))
        self._entries: list[bytes] = []

    def add(self, low: int, high: int, rules: bytes) -> None:
        """An entry for the code from low to high - 1, if that is any."""
        if low < high:
            self._entries.append(struct.pack("<II", low, high - low) + self._augmented + rules)

    def content(self, at: int) -> bytes:
        """Offset in the section -> the bytes."""
        return self._cie + b"".join(_padded(struct.pack("<I", at) + entry) for entry in self._entries)


def _padded(content: bytes) -> bytes:
    """The bytes of an entry -> with its length before it, and filled up with DW_CFA_nop."""
    content += bytes(-len(content) % 4)
    return struct.pack("<I", len(content)) + content


def _windowed() -> bytes:
    """Behind wsave: the caller's registers, as far as they are in this window. Its own ins are in the window before, or
    on its stack, which these rules cannot tell: they stay as they are, so that gdb sees the same frame once more behind
    the caller's, and ends there."""
    rules = bytes((ADVANCE | 1, DEF_CFA)) + uleb(ISP) + uleb(0) + bytes((REGISTER,)) + uleb(RA) + uleb(IRA)
    for out, into in zip(OUTS, INS, strict=True):
        rules += bytes((REGISTER,)) + uleb(out) + uleb(into)
    return rules + b"".join(bytes((UNDEFINED,)) + uleb(number) for number in LOCALS)


def _trap_entry(swapped: int) -> bytes:
    """At its first instruction all registers are the process's; behind it, one of them is in sscratch."""
    behind = _expression(
        bytes((OP_BREGX,)) + uleb(SEPC) + sleb(0) + bytes((OP_BREGX,)) + uleb(SCAUSE) + sleb(0)
        + bytes((OP_LIT0 + CAUSE_ECALL_U, OP_EQ, OP_LIT0 + INSTRUCTION_BYTES, OP_MUL, OP_PLUS))
    )  # fmt: skip
    rules = bytes((VAL_EXPRESSION,)) + uleb(SEPC) + behind + bytes((ADVANCE | 1,))
    if swapped == SP:
        return rules + bytes((DEF_CFA,)) + uleb(SSCRATCH) + uleb(0)
    return rules + bytes((REGISTER,)) + uleb(swapped) + uleb(SSCRATCH)


def _trap(kernel: Kernel) -> bytes:
    """All registers are in the PCB."""
    pcb = bytes((OP_ADDR,)) + struct.pack("<I", kernel.current) + bytes((OP_DEREF,))

    def place(name: str) -> bytes:
        return pcb + bytes((OP_PLUS_UCONST,)) + uleb(kernel.saved[name])

    rules = bytes((DEF_CFA_EXPRESSION,)) + _expression(place("sp") + bytes((OP_DEREF,)))
    numbers = {**NUMBERS, **WINDOW_NUMBERS, "pc": SEPC}
    for name in kernel.saved:
        rules += bytes((EXPRESSION,)) + uleb(numbers[name]) + _expression(place(name))
    return rules


def _expression(operations: bytes) -> bytes:
    return uleb(len(operations)) + operations
