"""Breakpoints, watchpoints and catchpoints of a session: what they stop at, and what they say when they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.kernel_points import Watched
from vm.machine import MachineError
from vm.observe import Accept, Outcome
from vm.point_set import Wish
from vm.points import Hit

if TYPE_CHECKING:
    from toyos.debugger.session import Session

BREAKPOINT, WATCHPOINT, CATCHPOINT, CHECK = "breakpoint", "watchpoint", "catchpoint", "check"


@dataclass
class Breakpoint:
    """number: 0 for a stop that the user has not asked for; what: as the user would say it. condition: an expression,
    or ""; pid: only in this process; program: only in processes that run it, by its name in their PCBs; ignore: how
    many hits do not count any more; hits: how often it has stopped the machine; commands: done when it does; fault: why
    its condition could not be told at the last hit, or ""."""

    number: int
    kind: str
    what: str
    watched: Sequence[Watched]
    condition: str = ""
    pid: int | None = None
    temporary: bool = False
    program: str = ""
    enabled: bool = True
    ignore: int = 0
    hits: int = 0
    commands: list[str] = field(default_factory=list)
    fault: str = ""
    wishes: list[Wish] = field(default_factory=list)


class Breakpoints:
    """Those of one session, by number."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.by_number: dict[int, Breakpoint] = {}
        self.defaults: list[Breakpoint] = []  # stops that the user has not asked for, without numbers
        self._last = 0

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self.by_number.values()))

    def __len__(self) -> int:
        return len(self.by_number)

    def add(
        self,
        kind: str,
        what: str,
        watched: Sequence[Watched],
        condition: str = "",
        pid: int | None = None,
        temporary: bool = False,
        program: str = "",
    ) -> Breakpoint:
        """-> a new one, in force. Raises MachineError for what no machine can stop at."""
        made = Breakpoint(self._last + 1, kind, what, watched, condition, pid, temporary, program)
        try:
            self._install(made)
        except MachineError:
            self._withdraw(made)
            raise
        self._last = made.number
        self.by_number[made.number] = made
        return made

    def add_default(self, what: str, watched: Sequence[Watched]) -> Breakpoint:
        """-> a catchpoint that has no number and is not listed, in force."""
        made = Breakpoint(0, CATCHPOINT, what, watched)
        self._install(made)
        self.defaults.append(made)
        return made

    def get(self, number: int) -> Breakpoint:
        """Raises Refused for a number that there is not."""
        if number not in self.by_number:
            known = ", ".join(map(str, self.by_number))
            raise Refused(f"there is no breakpoint {number}; " + (f"there are: {known}" if known else "none is set"))
        return self.by_number[number]

    def delete(self, number: int) -> None:
        """Raises Refused for a number that there is not."""
        self._withdraw(self.get(number))
        del self.by_number[number]

    def enable(self, number: int, enabled: bool) -> None:
        """Raises Refused for a number that there is not."""
        self.switch(self.get(number), enabled)

    def switch(self, made: Breakpoint, enabled: bool) -> None:
        """Puts one of these in force, or lets it rest."""
        made.enabled = enabled
        self._withdraw(made)
        if enabled:
            self._install(made)

    def _install(self, made: Breakpoint) -> None:
        always = not made.condition and made.pid is None and not made.program
        for point, accept in made.watched:
            ask = None if always and accept is None else partial(self._counts, made, accept)
            made.wishes.append(self.session.points.add(point, ask))

    def change(self, number: int, condition: str) -> Breakpoint:
        """Number, and a new condition or "" -> the breakpoint. Raises Refused."""
        made = self.get(number)
        made.condition = condition
        self.enable(number, made.enabled)
        return made

    def _withdraw(self, made: Breakpoint) -> None:
        for wish in made.wishes:
            self.session.points.remove(wish)
        made.wishes.clear()

    def _counts(self, made: Breakpoint, accept: Accept | None, hit: Hit) -> bool:
        """-> whether a hit, where the machine stands, is one of this breakpoint's."""
        if accept is not None and not accept(hit):
            return False
        if made.program and self.session.program_name != made.program:
            return False
        if made.pid is not None and self.session.kernel.current_pid != made.pid:
            return False
        if not made.condition:
            return True
        try:
            made.fault = ""
            value = evaluate(self.session, made.condition)
            return bool(value.number) or bool(value.fault)
        except Refused as fault:
            made.fault = str(fault)
            return True

    # ---- when the machine has stopped --------------------------------------------------------------------------------
    def that_stopped(self, outcome: Outcome) -> list[tuple[Breakpoint, Hit]]:
        """-> those that the hits of a stop belong to, where the machine still stands."""
        found: dict[int, tuple[Breakpoint, Hit]] = {}
        for hit in outcome.hits:
            wanting = self.session.points.accepting(hit)
            for each in (*self, *self.defaults):
                if each.number not in found and any(wish in wanting for wish in each.wishes):
                    found[each.number] = each, hit
        return list(found.values())

    def ignores(self, outcome: Outcome) -> bool:
        """-> whether the hits of a stop are only those that breakpoints shall pass over; each counts as one."""
        stopped = [made for made, _ in self.that_stopped(outcome)]
        mine = [wish for made in self for wish in made.wishes]
        others = any(wish not in mine for hit in outcome.hits for wish in self.session.points.accepting(hit))
        if others or not stopped or not all(made.ignore for made in stopped):
            return False
        for made in stopped:
            made.ignore -= 1
        return True

    @contextmanager
    def resting(self) -> Iterator[None]:
        """While inside, none of them stops the machine."""
        disabled = [each for each in (*self, *self.defaults) if each.enabled]
        for made in disabled:
            self.switch(made, False)
        try:
            yield
        finally:
            for made in disabled:
                self.switch(made, True)
