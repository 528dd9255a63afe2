"""What reaches a machine from outside while it runs: the only things that make two runs of it differ."""

from __future__ import annotations

from typing import NamedTuple

RECEIVE, WAIT = "receive", "wait"


class Input(NamedTuple):
    """One input, at a position (Machine.started) and so before the instruction that comes next there.

    kind: "receive" (data: bytes for the serial port) or "wait" (clocks: the hart slept so long, and was woken before
    its timer). Inputs of the same position are in the order in which they came.
    """

    at: int
    kind: str
    data: bytes = b""
    clocks: int = 0
