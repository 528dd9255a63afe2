"""What gdb has told the machine to do (step, go on, go back) -> done in slices, so that Ctrl-C and keys are heard.

Backwards, gdb expects the machine before what it stopped for: at a breakpoint as forwards, but at a watchpoint before
the instruction that wrote, when the old value is still there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from vm.observe import HIT, Outcome
from vm.points import CHANGE, CodePoint, DataPoint, Hit
from vm.timetravel import BEGIN, IDLE, INTERRUPTED, LIMIT
from vm.translation import Untranslated, current_root, read_virtual

if TYPE_CHECKING:
    from vm.gdb_points import Points
    from vm.timetravel import Timeline

SLICE_SECONDS = 0.02
SHORTEST, LONGEST = 1_000, 20_000_000  # instructions of a slice
GOES_ON = (INTERRUPTED, "pause")  # outcomes of a slice after which there is more to do

STEPPED = Outcome("stepped")


class Runner:
    """A Timeline -> its machine in motion. last: position beyond which it must not go, if any.

    asleep: the guest waits for input, so that more slices are of no use until there is some.
    """

    def __init__(self, timeline: Timeline, points: Points, last: int | None = None) -> None:
        self._timeline, self._points, self._last = timeline, points, last
        self._motion: Callable[[], Outcome | None] | None = None
        self._slice = SHORTEST
        self.asleep = False

    @property
    def moving(self) -> bool:
        return self._motion is not None

    @property
    def forwards(self) -> bool:
        """Whether the guest can hear something now that it has not heard before."""
        return self._motion in (self._run, self._step) and self._timeline.now >= self._timeline.end

    def run(self) -> None:
        """Onwards until a point is met."""
        self._begin(self._run)

    def step(self, low: int = 0, high: int = 0) -> None:
        """One instruction; and further ones while the pc is in low..high - 1."""
        self._low, self._high = low, high
        self._begin(self._step)

    def run_back(self) -> None:
        self._begin(self._run_back)

    def step_back(self) -> None:
        self._begin(self._step_back)

    def stop(self) -> None:
        self._motion = None
        self.asleep = False

    def slice(self) -> Outcome | None:
        """A little of what is to be done -> why it has come to its end, or None: call again. Where Timeline.interrupted
        says so it stays where it is, to be stopped or to be called again."""
        if self._motion is None:
            return None
        outcome = self._motion()
        self.asleep = outcome is not None and outcome.reason == IDLE
        if self.asleep:
            return None
        if outcome is not None:
            self._motion = None
        return outcome

    def _begin(self, motion: Callable[[], Outcome | None]) -> None:
        self._motion, self.asleep = motion, False

    def _left(self) -> int:
        return self._slice if self._last is None else min(self._slice, self._last - self._timeline.now)

    def _run(self) -> Outcome | None:
        instructions = self._left()
        if instructions <= 0:
            return Outcome(LIMIT)
        begun = time.perf_counter()
        outcome = self._timeline.run(instructions)
        seconds = time.perf_counter() - begun
        if outcome.reason in GOES_ON:
            return None
        if outcome.reason != LIMIT:
            return outcome
        factor = min(max(SLICE_SECONDS / max(seconds, 1e-6), 0.5), 2.0)
        self._slice = int(min(max(self._slice * factor, SHORTEST), LONGEST))
        return None

    def _step(self) -> Outcome | None:
        begun = time.perf_counter()
        while time.perf_counter() - begun < SLICE_SECONDS:
            if self._left() <= 0:
                return Outcome(LIMIT)
            outcome = self._timeline.step()
            if outcome.reason in GOES_ON:
                return None
            if outcome.reason != LIMIT:
                return outcome
            if not self._low <= self._timeline.machine.pc < self._high:
                return STEPPED
        return None

    def _step_back(self) -> Outcome | None:
        before = self._watched()
        outcome = self._timeline.reverse_step()
        if outcome.reason != LIMIT:
            return None if outcome.reason == INTERRUPTED else outcome
        after = self._watched()
        hits = [Hit(point, self._timeline.now) for point in before if before[point] != after.get(point)]
        return Outcome(HIT, tuple(hits)) if hits else STEPPED

    def _watched(self) -> dict[DataPoint, bytes]:
        """-> what stands now where changes are watched for."""
        machine, found = self._timeline.machine, {}
        for point in self._points.data:
            if point.kind == CHANGE:
                try:
                    found[point] = read_virtual(machine, point.address, point.size, current_root(machine))
                except Untranslated:
                    continue
        return found

    def _run_back(self) -> Outcome | None:
        now = self._timeline.now
        hits = self._last_hits(now)
        if not hits and self._timeline.interrupted():
            return None
        if not hits:
            self._timeline.goto(self._timeline.start)
            return Outcome(BEGIN)
        breaks = tuple(hit for hit in hits if isinstance(hit.point, CodePoint))
        outcome = self._timeline.goto(hits[0].at if breaks else hits[0].at - 1)
        return None if outcome.reason == INTERRUPTED else Outcome(HIT, breaks or hits)

    def _last_hits(self, now: int) -> tuple[Hit, ...]:
        """-> the hits of the position that going back from `now` comes to first: a breakpoint before now, or an access
        by the last instruction or one before."""
        points, accept = self._points.all, self._points.accept
        if self._points.data:
            hits = self._timeline.find_last(points, now + 1, accept)
            if hits and hits[0].at < now:
                return hits
            accesses = tuple(hit for hit in hits if isinstance(hit.point, DataPoint))
            if accesses:
                return accesses
        return self._timeline.find_last(points, now, accept) if points else ()
