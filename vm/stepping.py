"""Steps longer than an instruction, forwards and backwards in time: over, out, to the next trap, to user mode.

    steps = Stepper(timeline, PointSet(timeline.observer))
    outcome = steps.over()         # reason "step": done; else what came in between: "hit", "halt", "begin" ...

A call is over when the hart is behind it again with a stack pointer no lower than before, in the same address space:
so a procedure that calls itself, and other processes in the same code, do not count. In user mode a step passes over
what the kernel does in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from vm.arch import PRIV_U
from vm.flow import CALL, RETURN, SYSTEM_CALL, Flow, calls_before, next_flow
from vm.isa.registers import NUMBERS
from vm.observe import HIT, Accept, Outcome
from vm.point_set import PointSet
from vm.points import CodePoint, Hit, Point, StatePoint, TrapPoint
from vm.translation import current_root

if TYPE_CHECKING:
    from vm.machine import Machine
    from vm.timetravel import Timeline

STEP, LIMIT = "step", "limit"
SP = NUMBERS["sp"]
PRIVILEGE = StatePoint("priv")
Goal = tuple[Point, Accept | None]


class _Place:
    """Where a step begins, to be compared with where the hart is later."""

    def __init__(self, machine: Machine, identity: Callable[[], object]) -> None:
        self.machine, self._identity = machine, identity
        self.pc, self.sp, self.privilege = machine.pc, stack_pointer(machine), privilege(machine)
        self.who = identity()

    def same_run(self) -> bool:
        """-> whether the hart runs at the same privilege and, in user mode, for the same process."""
        here = privilege(self.machine) == self.privilege
        return here and (self.privilege != PRIV_U or self._identity() == self.who)

    def returned(self, sp: int) -> bool:
        """-> whether that, and the frames below `sp` are gone."""
        return self.same_run() and stack_pointer(self.machine) >= sp

    def left(self, hit: Hit) -> bool:
        """Hit of PRIVILEGE -> whether the kernel has been left, in which the step began."""
        return hit.after is not None and hit.after < self.privilege


def stack_pointer(machine: Machine) -> int:
    return int(machine.x[SP])


def privilege(machine: Machine) -> int:
    return int(machine.core.state["priv"])


class Stepper:
    """Steps on a timeline. points: of its observer, where breakpoints are, too. identity: what tells processes apart,
    by default the page table in force. run, run_back: run until something stops it, by default the timeline's."""

    def __init__(
        self,
        timeline: Timeline,
        points: PointSet,
        identity: Callable[[], object] | None = None,
        run: Callable[[], Outcome] | None = None,
        run_back: Callable[[], Outcome] | None = None,
    ) -> None:
        self.timeline, self.points = timeline, points
        self.machine = timeline.machine
        self._identity = identity or (lambda: current_root(self.machine))
        self._run, self._run_back = run or timeline.run, run_back or timeline.reverse_run

    def flow(self) -> Flow:
        """-> what the next instruction does."""
        return next_flow(self.machine)

    def _here(self) -> _Place:
        return _Place(self.machine, self._identity)

    def to(self, goals: Iterable[Goal], back: bool = False) -> Outcome:
        """Runs to one of these points -> reason "step" when one was reached; `hits` are then those of other points at
        the same position."""
        wishes = [self.points.add(point, accept) for point, accept in goals]
        try:
            outcome = self._run_back() if back else self._run()
            if outcome.reason != HIT:
                return outcome
            wanted = [(hit, self.points.accepting(hit)) for hit in outcome.hits]
            mine = {wish for _, found in wanted for wish in found if wish in wishes}
            others = tuple(hit for hit, found in wanted if any(wish not in wishes for wish in found))
            return Outcome(STEP if mine else HIT, others)
        finally:
            for wish in wishes:
                self.points.remove(wish)

    # ---- single instructions -----------------------------------------------------------------------------------------
    def one(self) -> Outcome:
        """One instruction, into whatever it leads."""
        outcome = self.timeline.run(1)
        return Outcome(STEP, outcome.hits) if outcome.reason in (LIMIT, HIT) else outcome

    def back(self) -> Outcome:
        """One instruction back."""
        return self.arrived(self._back())

    def _back(self) -> Outcome:
        outcome = self.timeline.reverse_step()
        return Outcome(STEP) if outcome.reason == LIMIT else outcome

    def arrived(self, outcome: Outcome) -> Outcome:
        """The end of a step -> the same with the breakpoints that lie where it ended."""
        hit = Hit(CodePoint(self.machine.pc), self.timeline.now)
        if outcome.reason != STEP or outcome.hits or not self.points.accepting(hit):
            return outcome
        return Outcome(STEP, (hit,))

    # ---- over --------------------------------------------------------------------------------------------------------
    def over(self) -> Outcome:
        """One instruction, a called procedure or system call as a whole. A call in the kernel that never comes back
        ends where the kernel is left."""
        place, flow = self._here(), next_flow(self.machine)
        if flow.kind == CALL:
            behind = CodePoint(place.pc + flow.length & 0xFFFF_FFFF)
            return self.to([(behind, lambda hit: place.returned(place.sp)), (PRIVILEGE, place.left)])
        if flow.kind == SYSTEM_CALL and place.privilege == PRIV_U:
            return self.to([(PRIVILEGE, lambda hit: place.same_run() and self.machine.pc != place.pc)])
        while True:
            outcome = self.one()
            if outcome.reason != STEP or privilege(self.machine) <= place.privilege:
                return outcome
            outcome = self.to([(PRIVILEGE, lambda hit: place.same_run())])  # it came back from an interrupt or a fault
            if outcome.reason != STEP or outcome.hits or self.machine.pc != place.pc:
                return outcome

    def back_over(self) -> Outcome:
        """The reverse of `over`: to the instruction before, or the call or system call that has led here."""
        return self.arrived(self._back_over(self._here()))

    def _back_over(self, place: _Place) -> Outcome:
        while True:
            outcome = self._back()
            if outcome.reason != STEP:
                return outcome
            if privilege(self.machine) > place.privilege:
                outcome = self._before_trap(place)
                if outcome.reason == STEP and not outcome.hits and self._retried(place):
                    continue
            elif next_flow(self.machine).kind == RETURN:
                calls = calls_before(self.machine, place.pc)
                if calls:
                    return self.to([(CodePoint(call), lambda hit: self._called(place)) for call in calls], back=True)
            return outcome

    def _called(self, place: _Place) -> bool:
        return place.same_run() and stack_pointer(self.machine) == place.sp

    def _retried(self, place: _Place) -> bool:
        """-> whether the hart stands where the step began, at an instruction that did not come to its end."""
        return self.machine.pc == place.pc and next_flow(self.machine).kind != SYSTEM_CALL

    def _before_trap(self, place: _Place) -> Outcome:
        """Behind a return from a trap to `place` -> before the trap."""

        def accept(hit: Hit) -> bool:
            return hit.trap is not None and hit.trap.source == place.privilege and self._identity() == place.who

        outcome = self.to([(TrapPoint(), accept)], back=True)
        return self._back() if outcome.reason == STEP and not outcome.hits else outcome

    # ---- out ---------------------------------------------------------------------------------------------------------
    def out(self, address: int, sp: int) -> Outcome:
        """Until the procedure's return. address: where it returns to; sp: the stack pointer there."""
        place = self._here()
        return self.to([(CodePoint(address), lambda hit: place.returned(sp)), (PRIVILEGE, place.left)])

    def back_out(self, address: int, sp: int) -> Outcome:
        """Back to the call of the procedure that would return to `address` with this sp."""
        place = self._here()
        calls = calls_before(self.machine, address)
        accept = lambda hit: place.same_run() and stack_pointer(self.machine) == sp  # noqa: E731
        return self.to([(CodePoint(call), accept) for call in calls], back=True)

    # ---- traps and modes ---------------------------------------------------------------------------------------------
    def trap(self, causes: frozenset[int] = frozenset(), back: bool = False) -> Outcome:
        """To the next trap (with one of these causes), or the last one before."""
        return self.to([(TrapPoint(causes), None)], back)

    def user(self, back: bool = False) -> Outcome:
        """To where the hart next enters user mode, or last entered it."""
        return self.to([(PRIVILEGE, lambda hit: hit.after == PRIV_U)], back)
