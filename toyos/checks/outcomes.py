"""How a process may find its registers when it goes on: what its trap allows the kernel to change.

| trap | what the process finds |
|---|---|
| interrupt, page fault | everything as it was |
| system call | a0 the result, pc behind the call; or, as it slept, everything as it was, to call again |
| execve that succeeds | pc and sp those of the new program, every other register zero |
| fork, in the child | what its parent had, but a0 = 0, pc behind the call, sp the `stack` that was asked for |
| window overflow | everything as it was; in `partition` also: the instruction done, all callers in memory |
| window underflow | the instruction done, its caller's window from memory; or all but what it gives up as it was |
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from toyos.checks.userstate import WINDOW_BYTES, Reader, UserState, own_window
from toyos.kernel_points import ANY_CALL
from vm.arch import (
    CAUSE_ECALL_U,
    CAUSE_WINDOW_OVERFLOW,
    CAUSE_WINDOW_UNDERFLOW,
    INSTRUCTION_BYTES,
)
from vm.isa.registers import NUMBERS
from vm.micro.windows import INS, IRA, ISP, KEPT, LOCALS, OUTS

A0, A1, SP = NUMBERS["a0"], NUMBERS["a1"], NUMBERS["sp"]
IMMEDIATE_SHIFT = 20  # of wsave
WRET_BIT = 13  # 1 in wret, 0 in wrest


@dataclass(frozen=True)
class Saved:
    """A process at its last trap. at: the position; call: number of the system call, if it is one; instruction: the
    word at pc; below: the caller's window in memory, for an underflow. born: it is a child that has not run yet."""

    pid: int
    at: int
    cause: int
    state: UserState
    call: int | None = None
    instruction: int = 0
    below: tuple[int, ...] | None = None
    born: bool = False


def call_number(reader: Reader, cause: int, value: int, state: UserState) -> int | None:
    """Cause and value of a trap, registers -> number of the system call, None for another trap."""
    if cause != CAUSE_ECALL_U:
        return None
    if reader.stacked and value != ANY_CALL:
        return value
    return state.x[reader.call_register]


def child_of(saved: Saved, pid: int, call_bytes: int) -> Saved:
    """The parent at its fork, the child's pid -> the child as it must find itself."""
    values = {A0: 0} | ({SP: saved.state.x[A1]} if saved.state.x[A1] else {})
    state = saved.state.with_registers(values, pc=saved.state.pc + call_bytes)
    return Saved(pid, saved.at, saved.cause, state, born=True)


def outcomes(saved: Saved, found_now: UserState, pcb: UserState, execve: int, call_bytes: int) -> list[UserState]:
    """What was saved, what the process has now, what is in its PCB, the number of execve, the length of a system call
    -> how the process may find itself. Registers that nobody needs are as in `found_now`."""
    state = saved.state
    found = [state]
    if saved.born:
        return found
    if saved.call is not None:
        found.append(state.with_registers({A0: pcb.x[A0]}, pc=state.pc + call_bytes))
        if saved.call == execve:
            found.append(_new_program(pcb))
    if saved.cause == CAUSE_WINDOW_OVERFLOW:
        found.append(_entered(state, saved.instruction))
    if saved.cause == CAUSE_WINDOW_UNDERFLOW:
        found.append(state.with_registers({number: found_now.x[number] for number in (*LOCALS, *OUTS)}))
        if saved.below is not None:
            found.append(_returned(state, saved.instruction, saved.below))
    return found


def _new_program(pcb: UserState) -> UserState:
    """-> of a process that has just got its program: registers are zero, but where it begins is the PCB's to say."""
    return UserState(pcb.pc, (0,) * len(pcb.x), None if pcb.psw is None else 0).with_registers({SP: pcb.x[SP]})


def _entered(state: UserState, instruction: int) -> UserState:
    """Before wsave -> after it."""
    values = dict.fromkeys((*LOCALS, *OUTS), 0) | {into: state.x[out] for into, out in zip(INS, OUTS, strict=True)}
    distance = (instruction >> IMMEDIATE_SHIFT ^ 0x800) - 0x800
    values[SP] = state.x[SP] + distance
    after = state.with_registers(values, pc=state.pc + INSTRUCTION_BYTES)
    return replace(after, callers=(own_window(state), *state.callers))


def _returned(state: UserState, instruction: int, below: tuple[int, ...]) -> UserState:
    """Before wrest or wret -> after it, with the caller's window from memory."""
    values = {out: state.x[into] for out, into in zip(OUTS, INS, strict=True)}
    values |= dict(zip(KEPT, below, strict=True))
    target = state.x[IRA] & ~1 if instruction >> WRET_BIT & 1 else state.pc + INSTRUCTION_BYTES
    return replace(state.with_registers(values, pc=target), callers=())


def place_below(state: UserState) -> int:
    """-> where the window of the caller is, if it is in memory."""
    return (state.x[ISP] - WINDOW_BYTES) & 0xFFFF_FFFF
