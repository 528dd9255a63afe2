"""A run of a machine that can be walked both ways: positions, snapshots, the inputs that came, points to stop at.

    timeline = Timeline(machine)                 # a machine that observes
    timeline.observer.add(CodePoint(0x1000))
    timeline.run(); timeline.reverse_step(); timeline.reverse_run()

A machine is deterministic, and what reaches it from outside is logged with the position at which it came. To go back is
to restore the last snapshot before, and to run up to where one wants to be. All positions are Machine.started. A
position that has been visited is always the same state again, to the bit, until an input in the past makes another
future.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import takewhile
from typing import NamedTuple

from vm.inputs import RECEIVE, WAKE, Input
from vm.ladder import Ladder, Rung
from vm.machine import Machine
from vm.observe import HIT, Accept, Observer, Outcome
from vm.points import Hit, Point
from vm.snapshot import Snapshot, capture, restore

DEFAULT_BUDGET = 256 << 20  # bytes
SPACING = 1 << 22  # instructions
# A walk back leaves snapshots in front of its end, at distances that shrink by this factor down to the least, so that
# the next step back finds one close by.
APPROACH, CLOSEST = 4, 1 << 14
COSTLY = 0.005  # seconds: where a snapshot takes longer, only the closest is worth it
LIMIT, IDLE, BEGIN, END, INTERRUPTED = "limit", "idle", "begin", "end", "interrupted"
FINAL = ("halt", "stopped")  # the machine does nothing more of itself


class Poke(NamedTuple):
    """Somebody changed registers or memory at this position -> the state after it."""

    at: int
    snapshot: Snapshot


class Diverged(Exception):
    """The run did not come out as logged: the log is of another machine, or damaged; the message is a sentence."""


class Timeline:
    """The run of one machine from now on. budget: bytes that snapshots may take; spacing: instructions between them,
    while the machine runs forwards. Raises MachineError for a machine that does not observe.

    Moves end with an Outcome, whose reason may also be "begin" (there is nothing before), "end" (of a recording) and
    "interrupted": `interrupted` is asked now and then, and when it says so the machine stays where it is, or, after a
    search, goes back to where it was.

    A position at which input came has phases: where a point is met there, the machine stands before the input; after
    any other move behind it; and where the point is a trap that the input leads to at once, behind that.
    """

    def __init__(self, machine: Machine, budget: int = DEFAULT_BUDGET, spacing: int = SPACING) -> None:
        self.machine = machine
        self._spacing = spacing
        self.observer = Observer(machine)
        self.start = self.end = machine.started
        self.log: list[Input | Poke] = []
        self._heard = 0  # inputs of the log that the machine has had
        self._ending: tuple[int, Outcome] | None = None  # where the machine has come to its end
        self._output = bytearray()
        self._printed = 0  # bytes of the output that came before now
        self._outside = machine.console
        machine.console, machine.log = self._print, self._logged
        self.interrupted: Callable[[], bool] = lambda: False
        self._final: int | None = None  # where a recording ends
        self._cost = 0.0  # seconds that the last snapshot has taken
        self._ladder = Ladder(budget)
        self._keep()

    # ---- where we are ------------------------------------------------------------------------------------------------
    @property
    def now(self) -> int:
        """The position where the machine stands."""
        return self.machine.started

    @property
    def snapshots(self) -> list[tuple[int, int]]:
        """-> (position, bytes that are its own) of each snapshot."""
        return [(rung.at, rung.snapshot.own_size) for rung in self._ladder]

    @property
    def memory(self) -> int:
        """-> bytes that snapshots take."""
        return self._ladder.bytes

    @property
    def budget(self) -> int:
        """-> bytes that snapshots may take."""
        return self._ladder.budget

    @property
    def output(self) -> bytes:
        """-> all that the guest has printed up to now."""
        return bytes(self._output[: self._printed])

    @property
    def beginning(self) -> Snapshot:
        """-> the state at the first position."""
        return self._ladder.before(self.start).snapshot

    # ---- inputs ------------------------------------------------------------------------------------------------------
    def expect(self, log: Sequence[Input | Poke], end: int) -> None:
        """A timeline that stands at its start: these inputs will come, and the run ends at that position."""
        self.log[:] = log
        self.end = self._final = end
        for entry in log:
            if isinstance(entry, Poke):
                self._ladder.hold(entry.snapshot)

    def receive(self, data: bytes) -> None:
        """Console input, now. In the past this starts another future: what came after is forgotten."""
        self.machine.receive(data)

    def changed(self) -> None:
        """Somebody has changed registers or memory of the machine, now: another future starts."""
        self._forget_future()
        self._ending = None
        poke = Poke(self.now, capture(self.machine))
        self._ladder.hold(poke.snapshot)
        self._append(poke)

    def _logged(self, entry: Input) -> None:
        """The machine has had an input."""
        self._forget_future()
        self._append(entry)

    def _append(self, entry: Input | Poke) -> None:
        self.log.append(entry)
        self._heard = len(self.log)

    def _forget_future(self) -> None:
        now = self.now
        for entry in self.log[self._heard :]:
            if isinstance(entry, Poke):
                self._ladder.release(entry.snapshot)
        del self.log[self._heard :]
        self._ladder.cut(now)
        self._final = None
        del self._output[self._printed :]
        self.end = now
        if self._ending and self._ending[0] > now:
            self._ending = None

    def _print(self, data: bytes) -> None:
        """What the guest prints goes outside once, not each time that the machine passes there."""
        self._printed += len(data)
        fresh = self._printed - len(self._output)
        if fresh > 0:
            self._output += data[-fresh:]
            self._outside(data[-fresh:])

    # ---- forwards ----------------------------------------------------------------------------------------------------
    def run(self, max_instructions: int | None = None) -> Outcome:
        """Runs on to the next point, for so many instructions at most. Inputs that are logged come where they came."""
        return self._forward(None if max_instructions is None else self.now + max_instructions, observed=True)

    def step(self, count: int = 1) -> Outcome:
        """So many instructions on, whatever points there are."""
        return self._forward(self.now + count, observed=False)

    def goto(self, position: int) -> Outcome:
        """To a position, whatever points there are: known ones as they were, others by running on. Reason "begin" for
        one before the start, which is where the machine stands then."""
        if position < self.start:
            self._restore(self._ladder.before(self.start))
            return Outcome(BEGIN)
        rung = self._ladder.before(position)
        if position < self.now:
            self._restore(rung)
            return self._approach(position)
        if rung.at > self.now:
            self._restore(rung)
        return self._forward(position, observed=False)

    def _approach(self, position: int) -> Outcome:
        """Forwards to the end of a walk back, with snapshots on the way."""
        distances = [CLOSEST]
        while self._cost < COSTLY and distances[-1] * APPROACH < position - self.now:
            distances.append(distances[-1] * APPROACH)
        for distance in reversed(distances):
            if self.now < position - distance:
                outcome = self._forward(position - distance, observed=False)
                if outcome.reason != LIMIT:
                    return outcome
                self._keep()
        return self._forward(position, observed=False)

    # ---- backwards ---------------------------------------------------------------------------------------------------
    def reverse_step(self, count: int = 1) -> Outcome:
        """So many instructions back; reason "begin" when there are not so many."""
        return self.goto(self.now - count)

    def reverse_run(self) -> Outcome:
        """Back to the last position before now at which a point is met; reason "begin" when there is none."""
        now = self.now
        found = self._last(self.observer, now)
        if found is None:
            self._return(now)
            return Outcome(INTERRUPTED)
        if not found:
            self._return(self.start)
        return Outcome(HIT if found else BEGIN, found)

    def find_last(
        self, points: Sequence[Point], before: int | None = None, accept: Accept | None = None
    ) -> tuple[Hit, ...]:
        """The hits at the last position before the given one (by itself: now) at which one of these points was met;
        none also when the search was interrupted. accept: as for Observer.add, of all of them. The machine stays where
        it is."""
        searcher = Observer(self.machine)
        for point in points:
            searcher.add(point, accept)
        now = self.now
        try:
            return self._last(searcher, now if before is None else before) or ()
        finally:
            self._return(now)

    def _return(self, position: int) -> None:
        """Back from a search, whoever interrupts."""
        asked, self.interrupted = self.interrupted, lambda: False
        self.goto(position)
        self.interrupted = asked

    def _last(self, observer: Observer, before: int) -> tuple[Hit, ...] | None:
        """-> hits of the last position before this one that has any, where the machine stands then; () for none, None
        when interrupted."""
        end = min(before - 1, self.end)
        while end >= self.start:
            rung = self._ladder.before(max(end - 1, self.start))
            self._restore(rung)
            at = self._scan(observer, end)
            if at is not None:
                return self._hits(observer, at)
            if self.interrupted():
                return None
            if rung.at == self.start:
                break
            end = rung.at
        return ()

    def _scan(self, observer: Observer, end: int) -> int | None:
        """Runs on to this position -> that of the last hit on the way, or None. The machine ends anywhere."""
        found = None
        with self._replaying():
            while not self.interrupted():
                before, heard = self.now, self._hear()
                if before >= end:
                    return end if heard and self._trapped(observer) else found
                at = observer.scan(self._until(end) - before)
                found = found if at is None else at
                if self.now == before and not heard:  # nothing more is known
                    return found
        return found

    def _trapped(self, observer: Observer) -> tuple[Hit, ...]:
        """After an input -> the hits of what it has led to at once, before the next instruction."""
        position = self.now
        hits = observer.run(1).hits
        return hits if hits and hits[0].at == position else ()

    def _hits(self, observer: Observer, position: int) -> tuple[Hit, ...]:
        """-> the hits at a position that has some, where the machine stands then."""
        self._return(max(position - 1, self.start))
        with self._replaying():
            hits = observer.last_hit(position - self.now)
            if not hits:
                self._hear()
            return hits or self._trapped(observer)

    # ---- the work ----------------------------------------------------------------------------------------------------
    def _until(self, last: int | None) -> int:
        """-> the next position at which a run must be interrupted, `last` at most."""
        wanted = [(self.now // self._spacing + 1) * self._spacing]
        wanted += [] if last is None else [last]
        wanted += [self.log[self._heard].at] if self._heard < len(self.log) else []
        wanted += [self.end] if self.now < self.end else []  # what is known ends there
        return min(wanted)

    def _forward(self, last: int | None, observed: bool) -> Outcome:
        while True:
            self._hear()
            if self._ending and self.now == self._ending[0]:
                return self._ending[1]
            if last is not None and self.now >= last:
                return Outcome(LIMIT)
            if self._final is not None and self.now >= self._final:
                return Outcome(END)
            if self.interrupted():
                return Outcome(INTERRUPTED)
            until = self._until(last)
            outcome = self._run(until - self.now, observed)
            self.end = max(self.end, self.now)
            if outcome.reason == LIMIT:
                if self.now % self._spacing == 0:
                    self._keep()
            elif outcome.reason in FINAL and not any(isinstance(entry, Poke) for entry in self._coming()):
                self._ending = self.now, Outcome(outcome.reason, (), outcome.status)
                return outcome
            elif outcome.reason == HIT or not self._coming():
                return outcome

    def _coming(self) -> list[Input | Poke]:
        """-> the inputs that are logged for this position and have not come yet."""
        return list(takewhile(lambda entry: entry.at == self.now, self.log[self._heard :]))

    def _run(self, count: int, observed: bool) -> Outcome:
        with nullcontext() if self.now == self.end else self._replaying():
            if observed:
                outcome = self.observer.run(count)
                return outcome._replace(reason=HIT) if outcome.hits and outcome.reason == LIMIT else outcome
            stop = self.machine.run(count)
        return Outcome(stop.reason, (), stop.status)

    @contextmanager
    def _replaying(self) -> Iterator[None]:
        """While inside, nobody is told of traps, and the hart's sleep takes no time of the host's."""
        machine = self.machine
        before = machine.trace_traps, machine.pause, machine.host
        machine.trace_traps = machine.pause = machine.host = None
        try:
            yield
        finally:
            machine.trace_traps, machine.pause, machine.host = before

    def _hear(self) -> bool:
        """The machine gets the inputs that are logged for this position -> whether there were any."""
        before = self._heard
        while self._heard < len(self.log) and self.log[self._heard].at <= self.now:
            entry = self.log[self._heard]
            self._heard += 1
            if entry.at < self.now:
                raise Diverged(f"an input of position {entry.at} came too late, at {self.now}")
            self.machine.log = None
            give(self.machine, entry)
            self.machine.log = self._logged
        return self._heard > before

    def _keep(self) -> None:
        """A snapshot, now; before the inputs of this position."""
        if not self._heard or self.log[self._heard - 1].at < self.now:
            begun = time.perf_counter()
            self._ladder.add(Rung(self.now, capture(self.machine), self._heard, self._printed), self.now)
            self._cost = time.perf_counter() - begun

    def _restore(self, rung: Rung) -> None:
        restore(self.machine, rung.snapshot)
        self._heard, self._printed = rung.heard, rung.printed


def give(machine: Machine, entry: Input | Poke) -> None:
    """The machine, at the entry's position, gets what came there."""
    if isinstance(entry, Poke):
        restore(machine, entry.snapshot)
    elif entry.kind == RECEIVE:
        machine.receive(entry.data)
    elif entry.kind == WAKE:
        machine.wake()
    else:
        machine.wait(entry.clocks)
