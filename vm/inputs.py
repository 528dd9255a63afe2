"""What reaches a machine from outside while it runs: the only things that make two runs of it differ."""

from __future__ import annotations

from typing import NamedTuple

RECEIVE, WAIT, WAKE = "receive", "wait", "wake"


class Input(NamedTuple):
    """One input, at a position (Machine.started) and so before the instruction that comes next there.

    kind: "receive" (data: bytes for the serial port), "wait" (clocks: so much time has passed, of the host's or asleep)
    or "wake" (a device has woken the hart from the wfi that it stands at). Inputs of the same position are in the order
    in which they came.
    """

    at: int
    kind: str
    data: bytes = b""
    clocks: int = 0
