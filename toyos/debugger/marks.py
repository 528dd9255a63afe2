"""A run -> the log of its traps and switches, each with its position: known for all of the past that was visited."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from toyos.debugger.replies import Mark
from toyos.kernel_points import KernelPoints
from vm.arch import CAUSE_ECALL_U
from vm.observe import Accept
from vm.point_set import PointSet, Wish
from vm.points import Hit, TrapPoint

TRAP, SWITCH = "trap", "switch"


class MarkLog:
    """Listens to the points of a timeline; never stops it."""

    def __init__(self, points: PointSet, kernel: KernelPoints) -> None:
        self._points, self._kernel = points, kernel
        self._marks: list[Mark] = []
        self._wishes: list[Wish] = []
        self._listen()

    def _listen(self) -> None:
        self._wishes.append(self._points.add(TrapPoint(), self._trap))
        for point, accept in self._kernel.context_switch():
            self._wishes.append(self._points.add(point, partial(self._switch, accept)))

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """While inside, nothing is listened to: the machine is in its past, where all is known."""
        for wish in self._wishes:
            self._points.remove(wish)
        self._wishes.clear()
        try:
            yield
        finally:
            self._listen()

    @property
    def marks(self) -> Sequence[Mark]:
        """-> all that are known, in the order of their positions."""
        return self._marks

    def before(self, position: int) -> Sequence[Mark]:
        """-> the last two up to a position."""
        end = bisect_right(self._marks, position, key=_at)
        return self._marks[max(end - 2, 0) : end]

    def forget_after(self, position: int) -> None:
        """The future has changed: what was known of it is forgotten."""
        del self._marks[bisect_right(self._marks, position, key=_at) :]

    def _new(self, at: int, kind: str) -> bool:
        """-> whether this is no repetition of the past."""
        last = self._marks[-1] if self._marks else None
        return last is None or at > last.at or (at == last.at and last.kind != kind)

    def _trap(self, hit: Hit) -> bool:
        trap = hit.trap
        if trap is not None and self._new(hit.at, TRAP):
            kernel = self._kernel
            words = kernel.saved_registers(trap.source)
            call = ""
            if trap.cause == CAUSE_ECALL_U:
                number = kernel.call_number(hit)
                call = kernel.system_calls.get(number, str(number))
            self._marks.append(
                Mark(
                    TRAP, hit.at, kernel.current_pid, trap.name, trap.cause, trap.value, trap.pc, trap.handler,
                    trap.source, trap.target, words, call=call, program=kernel.current_name,
                )
            )  # fmt: skip
        return False

    def _switch(self, accept: Accept | None, hit: Hit) -> bool:
        if (accept is None or accept(hit)) and self._new(hit.at, SWITCH):
            before, after = self._kernel.pid_of(hit.before or 0), self._kernel.pid_of(hit.after or 0)
            name = self._kernel.name_of(hit.after or 0)
            self._marks.append(Mark(SWITCH, hit.at, after, name, before=before, program=name))
        return False


def _at(mark: Mark) -> int:
    return mark.at
