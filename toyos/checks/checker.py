"""The checks, at work: points of the kernel -> what is wrong, the moment it shows.

checker = Checker(computer.machine, computer.parts)
checker.attach(observer)
observer.run()          # stops where a check has found something
checker.problems
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from toyos.build import System
from toyos.checks.check import Check, Findings
from toyos.checks.frames import Frames
from toyos.checks.pages import Pages
from toyos.checks.queues import Queues
from toyos.checks.registers import Registers
from toyos.checks.stack import Stack
from toyos.checks.translations import Translations
from toyos.checks.userstate import Reader
from toyos.checks.view import View
from toyos.checks.windows import Windows
from toyos.returns import trap_returns
from vm.arch import PRIV_U
from vm.isa.registers import NUMBERS
from vm.machine import Machine
from vm.observe import Observer
from vm.points import CodePoint, Hit, StalePoint, TrapPoint

CHECKS: tuple[type[Check], ...] = (Registers, Stack, Pages, Translations, Queues, Frames, Windows)
# What tells that page tables have changed since the last costly look; and so many returns without it, at most.
CHANGES = ("KS_FREE", "KS_SHARED", "KS_COW_COPIES", "KS_PAGE_FAULTS", "KS_PROCESSES")
RETURNS = 32
A0 = NUMBERS["a0"]

Names = Callable[[int, str], str]


class Problem(NamedTuple):
    """What a check has found. check: its name; at: the position, Machine.started; pc: of the instruction that is next,
    or that has used an old translation, and where: its symbol; process: such as "pid 3 (cow)", "" when none is to
    blame; sentence: what is wrong."""

    check: str
    at: int
    pc: int
    where: str
    process: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.pc:#010x}" + (f" <{self.where}>" if self.where else "")
        whose = f"{self.process}: " if self.process else ""
        return f"check {self.check}: position {self.at}, {place}: {whose}{self.sentence}"


# Points of checks are of classes of their own, so that nobody else's point at the same place is taken for one of them.
@dataclass(frozen=True)
class CheckedCode(CodePoint):
    """A CodePoint of a Checker."""


@dataclass(frozen=True)
class CheckedTrap(TrapPoint):
    """A TrapPoint of a Checker."""


@dataclass(frozen=True)
class CheckedTranslations(StalePoint):
    """A StalePoint of a Checker."""


Checked = CheckedCode | CheckedTrap | CheckedTranslations


def _passing(accept: Callable[[Hit], bool]) -> Callable[[Hit], bool]:
    """-> what asks the same, and never stops."""

    def passing(hit: Hit) -> bool:
        accept(hit)
        return False

    return passing


class Checker:
    """Checks of the kernel that runs on a machine. parts: what is on it; names: address and name of the current program
    -> symbol; tell: hears of each problem when it is found; checks: which ones, of those that make sense in the
    machine's mode; all when nothing is said."""

    def __init__(
        self,
        machine: Machine,
        parts: System,
        names: Names | None = None,
        tell: Callable[[Problem], object] | None = None,
        checks: Sequence[type[Check]] = CHECKS,
    ) -> None:
        self.machine, self.parts, self._tell = machine, parts, tell
        self.view = View(machine, parts.symbols)
        self.checks = [check(self.view, parts) for check in checks if not check.modes or machine.mode in check.modes]
        self.problems: list[Problem] = []
        self._names = names
        self._known: set[tuple[str, Hashable]] = set()
        self._found_at: set[int] = set()
        self._reader = Reader(self.view)
        self._traps: int | None = None  # taken so far, when the last one was seen
        self._moves = machine.moves  # made so far, the same
        self._changes: tuple[int, ...] = ()
        self._unseen = 0  # returns since the last costly look

    # ---- points ------------------------------------------------------------------------------------------------------
    def points(self) -> list[tuple[Checked, Callable[[Hit], bool]]]:
        """-> the points to stop at, each with what to ask there whether a check has found something."""
        symbols = self.parts.symbols
        moments: list[tuple[str, Callable[[Check], Findings]]] = [
            ("trap", lambda check: check.handles()),
            ("dispatch", lambda check: check.dispatches()),
            ("resume", lambda check: check.resumes()),
            ("idle", lambda check: check.idles()),
        ]
        found: list[tuple[Checked, Callable[[Hit], bool]]] = [(CheckedTrap(), self._trapped)]
        found += [(CheckedCode(symbols[name]), self._asker(moment)) for name, moment in moments]
        found.append((CheckedCode(symbols["process_ready"]), self._ready))
        found += [(CheckedCode(address), self._returns) for address in trap_returns(self.parts.kernel)]
        if any(isinstance(check, Translations) for check in self.checks):
            found.append((CheckedTranslations(), self._stale))
        return found

    def forget(self) -> None:
        """The machine was moved: what is remembered of processes is of another time. Whoever restores a snapshot
        need not say so."""
        for check in self.checks:
            check.forget()
        self._changes = ()

    def attach(self, observer: Observer, stop: bool = True) -> None:
        """From now on the observer's runs are checked, and stop where something is found, if that is wanted."""
        for point, accept in self.points():
            observer.add(point, accept if stop else _passing(accept))

    def detach(self, observer: Observer) -> None:
        """The reverse."""
        for point, _ in self.points():
            observer.remove(point)

    # ---- moments -----------------------------------------------------------------------------------------------------
    def _trapped(self, hit: Hit) -> bool:
        trap = hit.trap
        assert trap is not None
        if self._count_traps() == self._traps:  # asked again
            return hit.at in self._found_at
        self._follow(1)
        if trap.source != PRIV_U:
            return False
        return self._ask(lambda check: check.trapped(trap))

    def _count_traps(self) -> int:
        """-> traps that were ever taken."""
        state = self.machine.core.state
        return int(state["exception_counts"].sum()) + int(state["interrupt_counts"].sum())

    def _follow(self, new: int) -> None:
        """The machine is where so many more traps have been taken than when it was last seen, and has come there by
        itself; if it has not, somebody has moved it."""
        traps, moves = self._count_traps(), self.machine.moves
        if self._traps is None or traps != self._traps + new or moves != self._moves:
            self.forget()
        self._traps, self._moves = traps, moves

    def _stale(self, hit: Hit) -> bool:
        self._follow(0)
        access = hit.access
        assert access is not None
        return self._ask(lambda check: check.stale(access))

    def _asker(self, moment: Callable[[Check], Findings]) -> Callable[[Hit], bool]:
        def asked(hit: Hit) -> bool:
            self._follow(0)
            return self._ask(moment)

        return asked

    def _ready(self, hit: Hit) -> bool:
        pcb = int(self.machine.x[A0])
        if pcb not in self.view.pcbs or self.view.field(pcb, "P_STATE") != self.parts.symbols["STATE_NEW"]:
            return False
        self._follow(0)
        return self._ask(lambda check: check.born(pcb))

    def _returns(self, hit: Hit) -> bool:
        if not self._reader.to_user():
            return False
        self._follow(0)
        kstat = self.parts.symbols["kstat"]
        changes = tuple(self.view.word(kstat + self.parts.symbols[name]) for name in CHANGES)
        self._unseen = 0 if changes != self._changes else (self._unseen + 1) % RETURNS
        self._changes = changes
        costly = not self._unseen
        return self._ask(lambda check: check.returns() if costly or not check.costly else iter(()))

    def _ask(self, moment: Callable[[Check], Findings]) -> bool:
        """-> whether a check has found something here, now or when the machine was here before."""
        at = self.machine.started
        self.view.forget()
        for check in self.checks:
            for finding in moment(check):
                if (check.name, finding.subject) in self._known:
                    continue
                self._known.add((check.name, finding.subject))
                self._found_at.add(at)
                pc = self.machine.pc if finding.pc is None else finding.pc
                program = self.view.program(self.view.current)
                process = self.view.title(finding.pcb) if finding.pcb else ""
                where = self._name(pc, program)
                problem = Problem(check.name, at, pc, where, process, finding.sentence)
                self.problems.append(problem)
                if self._tell:
                    self._tell(problem)
        return at in self._found_at

    def _name(self, pc: int, program: str) -> str:
        if self._names is None:
            from toyos.symbols import Symbols

            self._names = Symbols(self.parts).name
        return self._names(pc, program)
