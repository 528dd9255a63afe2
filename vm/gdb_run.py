"""What gdb has told the machine to do (step, go on, go back) -> done in slices, so that Ctrl-C and keys are heard.

For RISC-V gdb expects that a watchpoint stops before the access; it makes the step over it itself, with no points in
place, and looks whether the value has changed. So that is where it finds the machine: forwards before the instruction,
backwards behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from vm.observe import HIT, Outcome
from vm.points import CodePoint, DataPoint, Hit
from vm.timetravel import BEGIN, IDLE, INTERRUPTED, LIMIT

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
            return self._before_access(outcome)
        factor = min(max(SLICE_SECONDS / max(seconds, 1e-6), 0.5), 2.0)
        self._slice = int(min(max(self._slice * factor, SHORTEST), LONGEST))
        return None

    def _before_access(self, outcome: Outcome) -> Outcome:
        """A stop forwards -> the same; at a watchpoint, one instruction back."""
        accesses = _accesses(outcome.hits)
        if not accesses:
            return outcome
        self._timeline.goto(accesses[0].at - 1)
        return Outcome(HIT, accesses)

    def _step(self) -> Outcome | None:
        begun = time.perf_counter()
        while time.perf_counter() - begun < SLICE_SECONDS:
            if self._left() <= 0:
                return Outcome(LIMIT)
            outcome = self._timeline.run(1) if self._points.data else self._timeline.step()
            if outcome.reason in GOES_ON:
                return None
            if outcome.reason not in (LIMIT, HIT) or _accesses(outcome.hits):
                return self._before_access(outcome)
            if not self._low <= self._timeline.machine.pc < self._high or outcome.hits:
                return STEPPED
        return None

    def _step_back(self) -> Outcome | None:
        now = self._timeline.now
        outcome = self._timeline.reverse_step()
        if outcome.reason == LIMIT and self._points.data:
            accesses = _accesses(self._timeline.run(1).hits)
            if accesses:
                return Outcome(HIT, accesses)
            outcome = self._timeline.goto(now - 1)
        if outcome.reason != LIMIT:
            return None if outcome.reason == INTERRUPTED else outcome
        return STEPPED

    def _run_back(self) -> Outcome | None:
        hits = self._last_hits(self._timeline.now)
        if not hits and self._timeline.interrupted():
            return None
        if not hits:
            self._timeline.goto(self._timeline.start)
            return Outcome(BEGIN)
        outcome = self._timeline.goto(hits[0].at)
        return None if outcome.reason == INTERRUPTED else Outcome(HIT, hits)

    def _last_hits(self, now: int) -> tuple[Hit, ...]:
        """-> the hits of the position that going back from `now` comes to first: a breakpoint before now, or an access
        by the last instruction or one before."""
        points, accept = self._points.all, self._points.accept
        if self._points.data:
            hits = self._timeline.find_last(points, now + 1, accept)
            if hits and hits[0].at < now:
                return tuple(hit for hit in hits if isinstance(hit.point, CodePoint)) or hits
            accesses = _accesses(hits)
            if accesses:
                return accesses
        return self._timeline.find_last(points, now, accept) if points else ()


def _accesses(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """-> those of watchpoints."""
    return tuple(hit for hit in hits if isinstance(hit.point, DataPoint))
