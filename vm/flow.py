"""Where the hart stands -> what its next instruction does to the flow of control: call, return, system call.

Told by the rows of the instruction sets: what an instruction is, not in which mode it was found.
"""

from __future__ import annotations

from typing import NamedTuple

from vm.isa.codec import Decoded, decode_at
from vm.isa.registers import NUMBERS
from vm.machine import Machine
from vm.translation import Untranslated, current_root, read_virtual

PLAIN, CALL, RETURN, SYSTEM_CALL, TRAP_RETURN = "plain", "call", "return", "system call", "trap return"
LONGEST = 32  # bytes; no instruction has more
LONGEST_CALL = 16  # bytes of a call with the longest operands
LINKS = (NUMBERS["ra"], NUMBERS["t0"])  # registers that a jump leaves the return address in (Volume I, table 2.1)
SYSTEM_CALLS, TRAP_RETURNS, WINDOW_RETURNS = ("ecall", "chmk"), ("sret", "mret", "rei"), ("wret",)


class Flow(NamedTuple):
    """kind: one of the above; length: bytes of the instruction, 0 where there is none to be read."""

    kind: str
    length: int


def code_at(machine: Machine, address: int, size: int = LONGEST) -> bytes:
    """Virtual address -> up to so many bytes from there, fewer where memory ends."""
    root = current_root(machine)
    while size > 0:
        try:
            return read_virtual(machine, address, size, root)
        except Untranslated as end:
            size = min(size - 1, (end.address - address) & 0xFFFF_FFFF)
    return b""


def decoded_at(machine: Machine, address: int) -> Decoded:
    """Virtual address -> the instruction there, or what stands for none (row None)."""
    return decode_at(code_at(machine, address), 0, machine.mode, machine.isa)


def flow_of(decoded: Decoded) -> Flow:
    """Instruction -> what it does."""
    row, operands = decoded.row, decoded.operands
    kind = PLAIN
    if row is None:
        pass
    elif row.name in SYSTEM_CALLS:
        kind = SYSTEM_CALL
    elif row.name in TRAP_RETURNS:
        kind = TRAP_RETURN
    elif row.cost == "call":
        kind = CALL if "target" in operands else RETURN
    elif row.cost == "jump" and "rd" in operands:
        if operands["rd"] in LINKS:
            kind = CALL
        elif operands["rd"] == 0 and operands.get("rs1") in LINKS:
            kind = RETURN
    elif row.name in WINDOW_RETURNS:
        kind = RETURN
    return Flow(kind, decoded.length)


def next_flow(machine: Machine) -> Flow:
    """-> what the instruction at the pc does."""
    return flow_of(decoded_at(machine, machine.pc))


def calls_before(machine: Machine, address: int) -> list[int]:
    """Address that a call may return to -> where such calls can begin: in variable-length code more than one place."""
    layout = machine.core.target.layout
    found = []
    for length in range(layout.align, min(LONGEST_CALL, layout.longest) + 1, layout.align):
        flow = flow_of(decoded_at(machine, address - length & 0xFFFF_FFFF))
        if flow == (CALL, length):
            found.append(address - length & 0xFFFF_FFFF)
    return found
