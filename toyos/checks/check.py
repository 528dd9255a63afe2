"""What a check is: it is told of the kernel's moments and finds what is wrong."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import ClassVar, NamedTuple

from toyos.build import System
from toyos.checks.view import View
from vm.machine import TrapRecord
from vm.points import Access


class Finding(NamedTuple):
    """What a check says. sentence: without the process, which the report names; pcb: of that process, 0 for none;
    subject: what is wrong, so that the same thing is reported once, however often it is seen; pc: of the instruction
    that did it, None for the one that comes next."""

    sentence: str
    pcb: int
    subject: Hashable
    pc: int | None = None


Findings = Iterator[Finding]


class Check:
    """One invariant. The methods are called at the kernel's moments, before the instruction there is executed, and
    yield what they find.

    name: by which it is reported and chosen; sentence: what it holds the kernel to; costly: asked at a return only
    when page tables have changed since the last time, or every now and then.
    """

    name: ClassVar[str]
    sentence: ClassVar[str]
    costly: ClassVar[bool] = False
    modes: ClassVar[tuple[str, ...]] = ()  # in which it makes sense; empty: in all

    def __init__(self, view: View, parts: System) -> None:
        self.view, self.parts = view, parts
        self.symbols = view.symbols

    def trapped(self, trap: TrapRecord) -> Findings:
        """A trap has been taken from user mode; the handler has not begun."""
        yield from ()

    def handles(self) -> Findings:
        """`trap` begins: the state has been saved, or nobody was ready and an interrupt has come."""
        yield from ()

    def dispatches(self) -> Findings:
        """`dispatch` begins: from here on another process may go on."""
        yield from ()

    def resumes(self) -> Findings:
        """`resume` begins: the next process's state is about to be loaded."""
        yield from ()

    def born(self, pcb: int) -> Findings:
        """A new process becomes Ready; the current one has made it."""
        yield from ()

    def idles(self) -> Findings:
        """`idle` begins: nobody is ready."""
        yield from ()

    def returns(self) -> Findings:
        """The instruction that returns to the current process is next."""
        yield from ()

    def stale(self, access: Access) -> Findings:
        """An access, or the fetch of an instruction, has used a translation that is out of date."""
        yield from ()

    def forget(self) -> None:
        """Traps have been missed: what is remembered of processes is out of date."""
