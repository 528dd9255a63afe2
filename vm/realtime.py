"""The host's clock beside a machine's, where mtime shall follow it.

    machine = Machine(real_time=True)
    machine.host = HostClock(machine.clock_hz)

A machine made for real time ticks once in so many instructions that no host runs them faster (arch.py): of itself its
clock is slow. Machine.run looks at the host's clock a thousand times a second, and lets the time pass that is missing,
as one input: so such a run can be recorded, and played again to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Callable

SECOND = 1_000_000_000  # nanoseconds
PERIOD = SECOND // 1000  # nanoseconds between two looks
FIRST, SHORTEST, LONGEST = 100_000, 1_000, 20_000_000  # instructions between them
AHEAD = PERIOD  # nanoseconds that a machine's clock may go too fast before it must wait


class HostClock:
    """hz: clocks of the machine in a second. now: the host's time in nanoseconds, from anywhere on."""

    def __init__(self, hz: int, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._hz, self._now = hz, now
        self._zero = 0  # the host's time when the machine's clock was 0
        self._clock: int | None = None  # the machine's clock when the machine stopped
        self._looked = self._counted = 0  # at the last look: the host's time, and instructions
        self.next = 0  # the host's time of the next look
        self.slice = FIRST  # instructions up to there, as it seems

    def start(self, clock: int, instructions: int) -> None:
        """The machine begins to run. Where its clock is not where it was (it was reset, or is in another state), time
        goes on from there; else it has gone on meanwhile."""
        if clock != self._clock:
            self.set(clock)
        self._looked, self._counted = self._now(), instructions

    def set(self, clock: int) -> None:
        """The machine's clock says this, now; it goes on from there."""
        self._zero = self._now() - clock * SECOND // self._hz
        self._counted = 0

    def stop(self, clock: int) -> None:
        """It stops."""
        self._clock = clock

    def late(self) -> bool:
        """-> whether it is time for a look."""
        return self._now() >= self.next

    def behind(self, clock: int) -> int:
        """The machine's clock -> by how many clocks it is behind the host's; less than 0 when ahead."""
        return (self._now() - self._zero) * self._hz // SECOND - clock

    def look(self, clock: int, instructions: int) -> int:
        """The same, after so many instructions since reset; and the next slice aims at the next look. A machine that is
        ahead by more than a little waits."""
        now = self._now()
        seen, spent = instructions - self._counted, now - self._looked
        if seen >= self.slice:  # else something else has ended it
            self.slice = min(max(seen * PERIOD // max(spent, 1), self.slice // 2, SHORTEST), self.slice * 2, LONGEST)
        self._looked, self._counted, self.next = now, instructions, now + PERIOD
        behind = self.behind(clock)
        if -behind * SECOND > AHEAD * self._hz:
            time.sleep(-behind / self._hz)
        return behind
