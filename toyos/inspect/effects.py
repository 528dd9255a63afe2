"""An instruction and where a procedure stands before it -> where it stands behind it: stack, return address, window.

A procedure stands somewhere: so many bytes below the stack pointer that it was called with; its return address in a
register, on the stack, or gone; in the window of its caller or in one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vm.arch import WORD
from vm.flow import CALL, flow_of
from vm.isa.cisc_codec import Specifier
from vm.isa.codec import Decoded
from vm.isa.registers import NUMBERS
from vm.isa.specifiers import REGISTER_NAMES, SIZES

RA, SP = NUMBERS["ra"], NUMBERS["sp"]
CISC_SP = REGISTER_NAMES.index("sp")
IN_REGISTER, LOST = "ra", "lost"


class State(NamedTuple):
    """depth: bytes by which sp is lower than at the beginning, None when that cannot be told. link: where the return
    address is: the name of a register, LOST, or how far it lies from the sp of the beginning. windowed: the procedure
    has a window of its own."""

    depth: int | None = 0
    link: str | int = IN_REGISTER
    windowed: bool = False


RISC_START, CISC_START = State(), State(link=0)


def risc(state: State, decoded: Decoded) -> State:
    """The state behind an instruction of a RISC mode."""
    name, operands = decoded.row.name, decoded.operands
    depth, link, windowed = state
    if flow_of(decoded).kind == CALL:
        return State(depth, LOST if link == IN_REGISTER else link, windowed)
    if name == "wsave":
        return State(-operands["imm"], LOST, True)
    if name == "wrest":
        return State(None, LOST, False)
    base = operands.get("rs1") == SP
    if name == "addi" and base and operands["rd"] == SP:
        return State(None if depth is None else depth - operands["imm"], link, windowed)
    if name == "sw" and base and operands["rs2"] == RA and link == IN_REGISTER and depth is not None:
        return State(depth, operands["imm"] - depth, windowed)
    if operands.get("rd") == RA:
        back = name == "lw" and base and depth is not None and link == operands["imm"] - depth
        return State(depth, IN_REGISTER if back else LOST if link == IN_REGISTER else link, windowed)
    if operands.get("rd") == SP:
        return State(None, link, windowed)
    return state


def cisc(state: State, decoded: Decoded) -> State:
    """The state behind an instruction of cisc mode."""
    pushed = _pushed(decoded.row, decoded.operands)
    if pushed is None or state.depth is None:
        return state._replace(depth=None)
    return State(state.depth + pushed, _cisc_link(state, decoded))


def _cisc_link(state: State, decoded: Decoded) -> str | int:
    """-> where the return address is behind an instruction of cisc mode: some procedures pop it and push it again."""
    name, operands, depth, link = decoded.row.name, decoded.operands, state.depth or 0, state.link
    register = next((REGISTER_NAMES[each.register] for each in operands.values() if _is_register(each)), "")
    if name == "popl" and link == -depth:
        return register or LOST
    if name == "pushl" and register and register == link:
        return -depth - WORD
    if isinstance(link, str) and (flow_of(decoded).kind == CALL or (register == link and name != "jmp")):
        return LOST
    return link


def _pushed(row: Any, operands: Mapping[str, Any]) -> int | None:
    """-> bytes by which the instruction lowers sp; None when that cannot be told. A call has come back and changes
    nothing."""
    if flow_of(Decoded(row, operands, 0)).kind == CALL:
        return 0
    name = row.name
    if name in ("pushr", "popr"):
        size = WORD * int(operands["mask"]).bit_count()
        return size if name == "pushr" else -size
    pushed = {"pushl": WORD, "pushal": WORD, "popl": -WORD, "svpctx": -2 * WORD, "ldpctx": 2 * WORD}.get(name, 0)
    for operand in row.operands:
        value = operands[operand.name]
        if not isinstance(value, Specifier) or value.register != CISC_SP:
            continue
        if value.mode.name in ("decrement", "increment"):
            size = SIZES[operand.width]
            pushed += size if value.mode.name == "decrement" else -size
        elif value.mode.name == "register" and operand.access in "wm":
            change = _sp_change(name, operands)
            return None if change is None else pushed + change
    return pushed


def _sp_change(name: str, operands: Mapping[str, Any]) -> int | None:
    """An instruction that has sp as its result -> bytes by which it lowers sp, None when that cannot be told."""
    number = next((each.value for each in operands.values() if _is_number(each)), None)
    source = next(
        (each for each in operands.values() if isinstance(each, Specifier) and each.register == CISC_SP), None
    )
    if name in ("addl2", "subl2", "addl3", "subl3") and number is not None:
        uses = sum(isinstance(each, Specifier) and each.register == CISC_SP for each in operands.values())
        if name.endswith("2") or uses == 2:
            return number if name.startswith("sub") else -number
    if name == "moval" and source is not None and source.mode.name.startswith("displacement"):
        return -source.value
    return None


def _is_register(operand: Any) -> bool:
    return isinstance(operand, Specifier) and operand.mode.name == "register"


def _is_number(operand: Any) -> bool:
    return isinstance(operand, Specifier) and operand.mode.name.startswith(("literal", "immediate"))
