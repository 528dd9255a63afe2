"""The register file and its mask: what the kernel believes of the windows is what the hart does."""

from __future__ import annotations

import numpy as np

from toyos.build import System
from toyos.checks.check import Check, Finding, Findings
from toyos.checks.view import WORD, View
from vm.arch import MSTATUS_SUM


class Windows(Check):
    """The rules of the three policies (toyos/kernel/arch/window/VARIANT/policy.inc)."""

    name = "windows"
    sentence = "The window mask, the current window and the kernel's record of whose windows are where agree."
    modes = ("window",)

    def __init__(self, view: View, parts: System) -> None:
        super().__init__(view, parts)
        self._policy = {"flush": self._flush, "lazy": self._lazy, "partition": self._partition}[parts.choice.variant]
        self.count = self.wim = self.window = 0  # at the return that is looked at
        self._live = {self.symbols[name] for name in ("STATE_READY", "STATE_RUNNING", "STATE_SLEEP", "STATE_NEW")}

    def returns(self) -> Findings:
        view, pcb = self.view, self.view.current
        self.count, self.wim, self.window = view.state("nwin"), view.state("wim"), view.state("cwp")
        user = view.variable("window_user")
        if user != pcb:
            yield Finding(f"the register file is said to be {view.title(user)}'s when it goes on", pcb, ("user", pcb))
        if not self.wim:
            yield Finding("wim forbids no window: its calls would run around the ring", pcb, ("empty", pcb))
        if view.state("mstatus") & MSTATUS_SUM:
            yield Finding("sstatus.SUM is left on: the kernel could use its pages by mistake", pcb, ("SUM", pcb))
        yield from self._policy(pcb)

    def _mask(self, pcb: int, expected: int, why: str) -> Findings:
        if self.wim != expected:
            yield Finding(
                f"wim is {self._bits(self.wim)} when it goes on in window {self.window}, but must be "
                f"{self._bits(expected)}: {why}",
                pcb, ("wim", pcb),
            )  # fmt: skip

    def _bits(self, mask: int) -> str:
        return f"{mask:0{self.count}b}"

    def _barrier(self, pcb: int) -> int:
        return self.view.field(pcb, "P_BARRIER")

    def _no_window(self, pcb: int, barrier: int) -> Finding:
        return Finding(f"its barrier is {barrier}, but windows are 0 to {self.count - 1}", pcb, ("no window", pcb))

    def _not_at_the_barrier(self, pcb: int) -> Findings:
        # with two windows, the barrier is where it is until wsave has been executed again
        if self.count > 2 and self.window == self._barrier(pcb):
            yield Finding(f"its current window, {self.window}, is its own barrier", pcb, ("barrier", pcb))

    # ---- flush -------------------------------------------------------------------------------------------------------
    def _flush(self, pcb: int) -> Findings:
        barrier = self._barrier(pcb)
        if barrier >= self.count:
            yield self._no_window(pcb, barrier)
            return
        yield from self._mask(pcb, 1 << barrier, f"its barrier is window {barrier}")
        yield from self._not_at_the_barrier(pcb)

    # ---- lazy --------------------------------------------------------------------------------------------------------
    def _lazy(self, pcb: int) -> Findings:
        view = self.view
        barriers, barrier = view.variable("barriers"), self._barrier(pcb)
        if barrier >= self.count:
            yield self._no_window(pcb, barrier)
            return
        why = f"its barrier is window {barrier}, those of others are {self._bits(barriers)}"
        yield from self._mask(pcb, barriers | 1 << barrier, why)
        yield from self._not_at_the_barrier(pcb)
        taken = dict.fromkeys(self._between(barrier, self.window), pcb)
        if barriers >> self.window & 1:
            yield Finding(f"its current window, {self.window}, is the barrier of another", pcb, ("outs", pcb))
        owners = {}
        for number in range(self.count):
            if barriers >> number & 1:
                owners[number] = view.word(view.symbols["barrier_owner"] + WORD * number)
        for number, owner in owners.items():
            yield from self._absent(number, owner, pcb, taken)
        for other in self._with_windows():
            if other != pcb and owners.get(self._barrier(other)) != other:
                yield Finding(
                    f"it has windows above its barrier, {self._barrier(other)}, but that is not marked as its own",
                    other, ("unmarked", other),
                )  # fmt: skip

    def _with_windows(self) -> list[int]:
        """-> PCBs of processes that say that they have windows in the file."""
        view = self.view
        pool = view.pool
        rows = np.flatnonzero(pool[:, view.column("P_CALLERS")])
        return [view.pcbs[row] for row in rows.tolist() if int(pool[row, view.column("P_STATE")]) in self._live]

    def _absent(self, barrier: int, owner: int, current: int, taken: dict[int, int]) -> Findings:
        """A barrier that is marked, and who is said to have the windows above it while he does not run."""
        view, subject = self.view, ("owner", barrier, owner)
        if owner not in view.pcbs or view.field(owner, "P_STATE") not in self._live:
            yield Finding(f"the barrier {barrier} is marked for {view.title(owner)}, who is gone", current, subject)
            return
        if owner == current:
            yield Finding(f"the barrier {barrier} is marked for it, as if it did not run", owner, subject)
            return
        if self._barrier(owner) != barrier:
            yield Finding(
                f"the barrier {barrier} is marked for it, but its PCB says {self._barrier(owner)}", owner, subject
            )
            return
        windows = self._between(barrier, view.field(owner, "P_WINDOW"))[:-1]
        if len(windows) != view.field(owner, "P_CALLERS"):
            yield Finding(
                f"its PCB says that {view.field(owner, 'P_CALLERS')} of its windows are in the file, but between its "
                f"barrier, {barrier}, and its window, {view.field(owner, 'P_WINDOW')}, there are {len(windows)}",
                owner, subject,
            )  # fmt: skip
        for window in windows:
            if window in taken:
                yield Finding(f"window {window} is its own, but {view.title(taken[window])}'s too", owner, subject)
            taken[window] = owner

    def _between(self, barrier: int, window: int) -> list[int]:
        """-> the windows from the one above a barrier up to this one."""
        if not (barrier < self.count and window < self.count):
            return []
        return [(barrier + k) % self.count for k in range(1, (window - barrier - 1) % self.count + 2)]

    # ---- partition ---------------------------------------------------------------------------------------------------
    def _partition(self, pcb: int) -> Findings:
        view, symbols = self.view, self.symbols
        parts = range(symbols["parts"], symbols["parts_end"], symbols["PART_SIZE"])
        part = view.field(pcb, "P_PART")
        if part not in parts:
            yield Finding(f"its part is {part:#010x}, which is none", pcb, ("part", pcb))
            return
        owner = view.word(part + symbols["PART_OWNER"])
        if owner != pcb:
            yield Finding(f"its part of the windows is {view.title(owner)}'s", pcb, ("part owner", pcb))
        yield from self._mask(pcb, view.word(part + symbols["PART_WIM"]), "that is its part's")
        for each in parts:
            owner = view.word(each + symbols["PART_OWNER"])
            if not owner:
                continue
            if owner not in view.pcbs or view.field(owner, "P_STATE") not in self._live:
                yield Finding(f"a part belongs to {view.title(owner)}, who is gone", pcb, ("part", each, owner))
                continue
            lowest = view.word(each + symbols["PART_LOWEST"])
            usable = range(lowest, lowest + max(symbols["PART_WINDOWS"] - 1, 1))
            window = self.window if owner == pcb else view.field(owner, "P_WINDOW")
            if view.field(owner, "P_PART") == each and window not in usable:
                yield Finding(
                    f"its window is {window}, but its part's are {usable[0]} to {usable[-1]}", owner, ("outside", owner)
                )
