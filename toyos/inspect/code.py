"""A program's text -> its procedures, and what each has done to the stack at any of its instructions.

Nothing tells where frames are but the code itself: a procedure is followed from its first instruction on, along all its
branches, until the instruction in question is reached.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from toyos.inspect import effects
from toyos.inspect.effects import State
from toyos.symbols import Table
from vm.flow import CALL, LONGEST_CALL, RETURN, TRAP_RETURN, flow_of
from vm.isa.cisc_codec import Specifier
from vm.isa.codec import CISC, Decoded, decode_at

MOST = 20_000  # instructions of a procedure that are followed


class Ways(NamedTuple):
    """Where an instruction leads. target: of a jump or a branch, None where that is only known when it is executed;
    falls: the next instruction may follow; calls: the target is called, and execution comes back."""

    target: int | None
    falls: bool
    calls: bool


class Code:
    """table: of a program or the kernel. A procedure is what is called, and what a global name stands before, unless
    the code above runs into it."""

    def __init__(self, table: Table) -> None:
        self.table, self.mode = table, table.object.mode
        self.text, self.base = table.object.text, table.object.text_address
        self._transfer = effects.cisc if self.mode == CISC else effects.risc
        self._beginning = effects.CISC_START if self.mode == CISC else effects.RISC_START
        self._states: dict[int, dict[int, State]] = {}

    def decoded(self, address: int) -> Decoded:
        """Address in the text -> the instruction there, with row None where there is none."""
        if not self.base <= address < self.base + len(self.text):
            return Decoded(None, {}, 0)
        return decode_at(self.text, address - self.base, self.mode)

    def ways(self, address: int, decoded: Decoded, last: Decoded | None = None) -> Ways:
        """An instruction and the one before it -> where it leads."""
        row = decoded.row
        if row is None:
            return Ways(None, False, False)
        kind = flow_of(decoded).kind
        if kind in (RETURN, TRAP_RETURN):
            return Ways(None, False, False)
        jumps = row.cost in ("jump", "branch", "call")
        target = self._target(address, decoded, last) if jumps else None
        return Ways(target, kind == CALL or row.cost != "jump", kind == CALL)

    def _target(self, address: int, decoded: Decoded, last: Decoded | None) -> int | None:
        """A jump, a branch or a call -> where to, if that is written in it."""
        target = decoded.operands.get("target")
        behind = address + decoded.length
        if isinstance(target, Specifier):
            if target.mode.name == "absolute":
                return target.value
            return behind + target.value & 0xFFFF_FFFF if target.mode.name.startswith("relative") else None
        if target is not None:
            return (behind if self.mode == CISC else address) + int(target) & 0xFFFF_FFFF
        operands = decoded.operands
        if last is not None and last.row is not None and last.row.name == "auipc" and "rs1" in operands:
            if last.operands["rd"] == operands["rs1"]:
                return address - last.length + int(last.operands["uimm"]) + int(operands["imm"]) & 0xFFFF_FFFF
        return None

    @cached_property
    def starts(self) -> list[int]:
        """-> where procedures begin, in order."""
        symbols = {s.value for s in self.table.object.symbols if s.section == "text"}
        visible = {s.value for s in self.table.object.symbols if s.section == "text" and s.binding != "local"}
        called, run_into = set[int](), set[int]()
        self.entered_by_calls: set[int] = set()
        last: Decoded | None = None
        for start, end in self.table.code:
            at = start
            while at < end:
                decoded = self.decoded(at)
                ways = self.ways(at, decoded, last)
                if ways.calls and ways.target in symbols:
                    called.add(ways.target)
                    if decoded.row.name == "calls":
                        self.entered_by_calls.add(ways.target)
                at += max(decoded.length, 1)
                if ways.falls:
                    run_into.add(at)
                last = decoded
        return sorted({self.table.object.entry, *called, *(visible - run_into)})

    def start_of(self, address: int) -> int | None:
        """Address in the text -> where its procedure begins, None outside the text."""
        if not self.base <= address < self.base + len(self.text):
            return None
        at = bisect_right(self.starts, address) - 1
        return self.starts[at] if at >= 0 else None

    def state(self, address: int, start: int) -> State | None:
        """An instruction of the procedure that begins at `start`, or the place behind its last call -> where the
        procedure stands before it; None when no way leads there."""
        if start not in self._states:
            self._states[start] = self._follow(start)
        return self._states[start].get(address)

    def _follow(self, start: int) -> dict[int, State]:
        known = {start: self._beginning}
        waiting: list[tuple[int, Decoded | None]] = [(start, None)]
        others = set(self.starts) - {start}
        while waiting and len(known) < MOST:
            at, last = waiting.pop()
            decoded = self.decoded(at)
            ways = self.ways(at, decoded, last)
            if decoded.row is None:
                continue
            state = self._transfer(known[at], decoded)
            following = [at + decoded.length] if ways.falls else []
            if ways.target is not None and not ways.calls:
                following.append(ways.target)
            for each in following:
                if each not in known:
                    known[each] = state
                    if each not in others:
                        waiting.append((each, decoded))
        return known

    def behind_call(self, address: int) -> bool:
        """-> whether a call stands before this address, so that it may be a return address."""
        for length in range(1, min(LONGEST_CALL, address - self.base) + 1):
            decoded = self.decoded(address - length)
            if decoded.row is not None and decoded.length == length and flow_of(decoded).kind == CALL:
                return True
        return False
