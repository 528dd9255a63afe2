"""What windows/walk.s does, on a machine with a plain stack: every call has registers of its own, for ever."""

from __future__ import annotations

from collections.abc import Sequence

MASK = 0xFFFF_FFFF
LOCALS, INS = 7, 5  # registers of a window that the guest program uses
RETURN, CALL, YIELD, FORK, FLUSH, CALL_KERNEL, LEAVE, KILL, SET = range(9)
MIX = SET + LOCALS + INS
OPERATIONS = MIX + LOCALS + INS
_MULTIPLIER, _INCREMENT, _MIX, _CHILD_MARK = 1664525, 1013904223, 33, 0x5555


def hashes(scripts: Sequence[bytes]) -> list[int]:
    """Scripts -> the hashes that all processes end with, sorted."""
    return sorted(
        value for number, script in enumerate(scripts, 1) for value in _ends(script, 0, number, [[0] * (LOCALS + INS)])
    )


def _ends(script: bytes, at: int, value: int, stack: list[list[int]]) -> list[int]:
    """A process at a place of its script -> its last hash and those of its children."""
    ended = []
    while stack:
        operation = script[at]
        at += 1
        window = stack[-1]
        if operation == RETURN:
            for register in window:
                value = _mixed(value, register)
            stack.pop()
        elif operation == CALL:
            stack.append([0] * LOCALS + [(value + number) & MASK for number in range(1, INS + 1)])
        elif operation == FORK:
            ended += _ends(script, at, value ^ _CHILD_MARK, [list(window) for window in stack])
            value = _next(value)
        elif operation in (LEAVE, KILL):
            value = _next(value)
        elif operation >= MIX:
            value = _mixed(value, window[operation - MIX])
        elif operation >= SET:
            window[operation - SET] = value
            value = _next(value)
    return [value, *ended]


def _next(value: int) -> int:
    return (value * _MULTIPLIER + _INCREMENT) & MASK


def _mixed(value: int, register: int) -> int:
    return value * _MIX & MASK ^ register
