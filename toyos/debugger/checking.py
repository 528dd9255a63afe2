"""The kernel's invariants, checked in a session: forwards each is asked, in the past what was found there is shown.

The checks remember what they have seen last, which must not be of another time: so they forget when the machine is put
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from toyos.checks import Checker, Problem
from toyos.debugger.breakpoints import CHECK
from toyos.kernel_points import Watched
from vm.points import Hit

if TYPE_CHECKING:
    from toyos.debugger.session import Session


class SessionChecks:
    """The checks of one session, switched on while `number` is one of a breakpoint."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.number: int | None = None
        self._checker = Checker(session.machine, session.inspector.parts, session.symbols.name)
        self._left = session.position  # where the machine was when the checks last looked

    def switch(self, on: bool) -> None:
        """Checks from now on, or does not."""
        breakpoints = self.session.breakpoints
        known = self.number in breakpoints.by_number
        if on and not known:
            self._forget()
            watched = [Watched(point, partial(self._accept, accept)) for point, accept in self._checker.points()]
            self.number = breakpoints.add(CHECK, "the kernel's invariants", watched).number
        elif not on and known and self.number is not None:
            breakpoints.delete(self.number)

    @property
    def on(self) -> bool:
        """-> whether they are switched on; `delete` switches them off, too."""
        return self.number in self.session.breakpoints.by_number

    def at(self, position: int) -> Iterator[Problem]:
        """-> what was found at a position."""
        return (problem for problem in self._checker.problems if problem.at == position)

    def up_to_now(self) -> Iterator[Problem]:
        """-> what was found up to where the machine stands."""
        return (problem for problem in self._checker.problems if problem.at <= self.session.position)

    def starting(self) -> None:
        """The machine is going to run forwards from where it stands."""
        if self.session.position != self._left:
            self._forget()

    def stopped(self) -> None:
        """It has run forwards to where it stands."""
        self._left = self.session.position

    def _forget(self) -> None:
        for check in self._checker.checks:
            check.forget()

    def _accept(self, accept: Callable[[Hit], bool], hit: Hit) -> bool:
        if self.session.going_back:
            return any(self.at(hit.at))
        return accept(hit)
