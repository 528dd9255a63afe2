"""Frames of RAM: whoever has one is counted, and what nobody has is free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toyos.build import System
from toyos.checks.check import Check, Finding, Findings
from toyos.checks.view import Space, View
from vm.arch import PAGE_SHIFT, PAGE_SIZE, RAM_BASE

RESERVED_RANGES = 3  # in frames.s: device tree, initrd, table of frames
FRAME_WORDS = PAGE_SIZE // 4
MANY = 8  # findings of a kind in one look: one mistake often strikes many frames


class Frames(Check):
    name = "frames"
    sentence = "Each frame is counted as often as page tables name it, and is on the free list when nobody has it."
    costly = True

    def __init__(self, view: View, parts: System) -> None:
        super().__init__(view, parts)
        self._own: NDArray[np.bool_] | None = None  # frames that the kernel has kept since it was booted
        self._reserved: NDArray[np.bool_] | None = None

    def idles(self) -> Findings:
        yield from self.returns()

    def returns(self) -> Findings:
        if self._reserved is None or self._own is None:
            self._reserved, self._own = self._at_boot()
        spaces = self.view.spaces()
        count = len(self._own)
        owners = np.zeros(count, np.int64)
        for space in spaces:
            yield from self._space(space)
            for frames in (space.frames, space.tables, np.array([space.root])):
                inside = (frames >= RAM_BASE) & (frames < RAM_BASE + count * PAGE_SIZE)
                owners += np.bincount((frames[inside] - RAM_BASE) >> PAGE_SHIFT, minlength=count)
        references = self.view.words(self.view.variable("frame_table"), count).astype(np.int64)
        owners += self._own
        free, findings = self._free_list(count)
        yield from findings
        for number in np.flatnonzero(references != owners)[:MANY]:
            yield self._miscounted(int(number), int(references[number]), int(owners[number]), spaces)
        for number in np.flatnonzero(free & (owners > 0))[:MANY]:
            frame, pcb = self._address(number), self._owner(self._address(number), spaces)
            yield Finding(
                f"frame {frame:#010x} is on the free list, but {self._use(frame, spaces)}", pcb, ("used", frame)
            )
        next_frame = (self.view.variable("frame_next") - RAM_BASE) >> PAGE_SHIFT
        used_once = ~self._reserved
        used_once[next_frame:] = False
        for number in np.flatnonzero(used_once & ~free & (owners == 0) & (references == 0))[:MANY]:
            frame = self._address(number)
            yield Finding(f"nobody has frame {frame:#010x}, and it is not on the free list", 0, ("lost", frame))
        yield from self._counters(references, free, next_frame)

    # ---- what there is -----------------------------------------------------------------------------------------------
    def _at_boot(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """-> which frames are never handed out, and which the kernel itself took before its first process: the lowest,
        as they are handed out in order."""
        end = min(max(self.view.variable("frame_end"), RAM_BASE), self.view.ram_end)
        count = (end - RAM_BASE) >> PAGE_SHIFT
        reserved = np.zeros(count, np.bool_)
        reserved[: -(-(self.symbols["_end"] - RAM_BASE) // PAGE_SIZE)] = True
        for number in range(RESERVED_RANGES):
            start, end = self.view.words(self.symbols["reserved"] + 8 * number, 2).tolist()
            if start < end:
                reserved[max(start - RAM_BASE, 0) >> PAGE_SHIFT : max(end - RAM_BASE, 0) >> PAGE_SHIFT] = True
        usable = np.flatnonzero(~reserved)
        own = np.zeros(count, np.bool_)
        own[usable[: len(usable) - self._statistic("KS_FREE_BOOT")]] = True
        return reserved, own

    def _statistic(self, name: str) -> int:
        return self.view.word(self.symbols["kstat"] + self.symbols[name])

    def _address(self, number: int | np.int64) -> int:
        return RAM_BASE + (int(number) << PAGE_SHIFT)

    def _free_list(self, count: int) -> tuple[NDArray[np.bool_], list[Finding]]:
        """-> which frames are on the free list, and what is wrong with its links."""
        free = np.zeros(count, np.bool_)
        links = self.view.ram[::FRAME_WORDS]
        at = self.view.variable("free_frames")
        while at:
            number = (at - RAM_BASE) >> PAGE_SHIFT
            if at % PAGE_SIZE or not 0 <= number < count:
                return free, [Finding(f"the free list leads to {at:#010x}, which is no frame", 0, ("astray", at))]
            if free[number]:
                return free, [Finding(f"frame {at:#010x} is on the free list twice", 0, ("twice", at))]
            free[number] = True
            at = int(links[number])
        return free, []

    # ---- what is wrong -----------------------------------------------------------------------------------------------
    def _space(self, space: Space) -> Findings:
        for address in space.astray[:MANY]:
            yield Finding(f"its page tables name {address:#010x}, which is no frame", space.pcb, ("no frame", address))
        pages = len(space.frames)
        if space.pages != pages and not space.astray:
            yield Finding(f"its page tables map {pages} pages, but its PCB says {space.pages}", space.pcb, space.root)

    def _miscounted(self, number: int, references: int, owners: int, spaces: list[Space]) -> Finding:
        frame = self._address(number)
        counted = f"frame {frame:#010x} is counted {references} time{'s' if references != 1 else ''}"
        if not owners:
            return Finding(f"{counted}, but nobody has it", 0, ("leak", frame))
        use = self._use(frame, spaces)
        return Finding(f"{counted}, but {use}: {owners} in all", self._owner(frame, spaces), ("count", frame))

    def _use(self, frame: int, spaces: list[Space]) -> str:
        """-> who has a frame, and what for."""
        uses = []
        for space in spaces:
            title = self.view.title(space.pcb)
            if space.root == frame:
                uses.append(f"it is the root table of {title}")
            if frame in space.tables:
                uses.append(f"it is a page table of {title}")
            uses += [
                f"{title} has it at {int(space.addresses[k]):#010x}" for k in np.flatnonzero(space.frames == frame)
            ]
        return " and ".join(uses) or "the kernel has it"

    def _owner(self, frame: int, spaces: list[Space]) -> int:
        """-> PCB of the first process that has this frame, or 0."""
        for space in spaces:
            if space.root == frame or frame in space.tables or frame in space.frames:
                return space.pcb
        return 0

    def _counters(self, references: NDArray[np.int64], free: NDArray[np.bool_], next_frame: int) -> Findings:
        """The kernel's statistics, which `free` prints."""
        assert self._reserved is not None
        never_used = int(np.count_nonzero(~self._reserved[next_frame:]))
        counts = (
            ("KS_FREE", "free frames", int(np.count_nonzero(free)) + never_used),
            ("KS_SHARED", "shared frames", int(np.count_nonzero(references > 1))),
        )
        for name, what, number in counts:
            says = self._statistic(name)
            if says != number:
                yield Finding(f"there are {number} {what}, but {name} says {says}", 0, name)
