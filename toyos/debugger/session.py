"""A machine on a timeline and the words of a debugger -> replies. The faces (batch, lines, application) stand on this.

session = start(["fork_sum.s"])          # toyos/debugger/start.py
print(*session.execute("break fork").lines, sep="\n")
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from toyos.debugger import stops
from toyos.debugger.breakpoints import Breakpoints
from toyos.debugger.code import Instruction, instruction_at
from toyos.debugger.faults import Faults
from toyos.debugger.formats import Format
from toyos.debugger.marks import SWITCH, TRAP, MarkLog
from toyos.debugger.printer import Printer
from toyos.debugger.replies import Mark, Refused, Reply, Where
from toyos.debugger.values import Value
from toyos.inspect import Inspector
from toyos.kernel_points import KernelPoints
from toyos.symbols import Table
from vm.aout import Line
from vm.arch import PRIV_NAMES, PRIV_U
from vm.machine import Machine
from vm.observe import HIT, Accept, Outcome
from vm.point_set import PointSet
from vm.points import Hit, Point
from vm.stepping import LIMIT, STEP, Stepper
from vm.timetravel import IDLE, Timeline

if TYPE_CHECKING:
    from toyos.debugger.checking import SessionChecks
    from toyos.inspect.stack import Frame

SLICE_SECONDS = 0.05  # how long a run goes on before it looks whether it shall stop
FIRST_SLICE, SHORTEST_SLICE, LONGEST_SLICE = 50_000, 100, 50_000_000  # instructions
LIVE = "live"  # kind of a session whose machine runs


class Session:
    """timeline: of an observed machine; inspector: of the same machine; title: what is being debugged, in words;
    printer: the machine's console; kind: LIVE, or command.CORE for a machine that shall not run; own: guest path -> the
    user's program, with symbols.

    progress: called with the position while the machine runs, by the thread that runs it. One thread at a time may
    call `execute`; `interrupt` may be called from any.
    """

    def __init__(
        self,
        timeline: Timeline,
        inspector: Inspector,
        title: str,
        printer: Printer,
        kind: str = LIVE,
        own: Mapping[str, bytes] | None = None,
    ) -> None:
        self.timeline, self.inspector, self.title, self.kind = timeline, inspector, title, kind
        self.own: Mapping[str, bytes] = own or {}
        self.machine: Machine = timeline.machine
        self.symbols = inspector.symbols
        self.kernel: KernelPoints = KernelPoints(self.machine, inspector.parts.symbols)
        self.points = PointSet(timeline.observer)
        self.breakpoints = Breakpoints(self)
        self.steps: Stepper = Stepper(timeline, self.points, lambda: self.kernel.current_pid, self.run, self.run_back)
        self.progress: Callable[[int], object] | None = None
        self.began = timeline.now  # where `start` goes
        self.note = ""  # why the machine stands where it stands
        self.outcome = Outcome(STEP)  # of the last move
        self.last_line = ""  # what an empty line repeats
        self.to_do: list[str] = []  # commands of a breakpoint that has stopped the machine
        self.collecting: tuple[int, list[str]] | None = None  # breakpoint whose commands are being given
        self.checks: SessionChecks | None = None  # once they are asked for
        self.going_back = False
        self.variables: dict[str, Value] = {}
        self.shown: list[Value] = []  # the values that `print` has shown
        self.displays: dict[int, tuple[str, str]] = {}  # number -> format, expression
        self.examined = Format(1, "x", 4)  # what `x` goes on with
        self.next_address: int | None = None
        self.next_line: tuple[str, int] | None = None  # what `list` goes on with
        self.frame: int = 0  # level of the call that is looked at
        self._printer = printer
        printer.position = lambda: self.machine.started
        self._log = MarkLog(self.points, self.kernel)
        self.faults = Faults(self) if kind == LIVE else None
        self._interrupted = threading.Event()
        timeline.interrupted = self._interrupted.is_set
        self._slice = FIRST_SLICE

    # ---- the faces' interface ----------------------------------------------------------------------------------------
    def execute(self, line: str) -> Reply:
        """A command as the user typed it -> what to answer. An empty line repeats the last command. Never raises for
        what the user has said."""
        from toyos.debugger.words import execute

        return execute(self, line)

    def complete(self, line: str) -> Sequence[str]:
        """A line that is being typed -> the lines that it could become."""
        from toyos.debugger.completion import complete

        return complete(self, line)

    def interrupt(self) -> None:
        """Ends the move that `execute` is making. From any thread."""
        self._interrupted.set()

    def send(self, data: bytes) -> None:
        """Keys of the guest's console; in the past they make another future. Wakes a machine that waits for input only
        when it is run."""
        past = self.timeline.now < self.timeline.end
        self.timeline.receive(data)
        if past:
            self.forget_future()

    @property
    def position(self) -> int:
        """-> where the machine stands, in instructions started."""
        return self.timeline.now

    @property
    def halted(self) -> int | None:
        """-> the exit status of a machine that stands at its end, else None."""
        return self.outcome.status if self.outcome.reason == stops.HALT else None

    @property
    def idle(self) -> bool:
        """-> whether the machine stands where it can only go on with input."""
        return self.outcome.reason == IDLE

    def where(self) -> Where:
        """-> where the machine stands."""
        machine = self.machine
        pc = machine.pc
        line = self.symbols.line(pc, self.program_name)
        return Where(
            self.timeline.now, self.timeline.end, machine.mode, PRIV_NAMES[self.privilege], self.kernel.current_pid,
            self.kernel.current_name, pc, self.name(pc), line.file if line else "", line.line if line else 0,
            self.symbols.text(line), self.instruction(pc).text, self.note,
        )  # fmt: skip

    def marks(self) -> Sequence[Mark]:
        """-> traps and switches, as far as time has been visited."""
        return self._log.marks

    def switched(self) -> Mark | None:
        """-> the switch that the kernel has made in this very trap, where it still stands on the stack of a call of the
        process before; else None."""
        before = self._log.before(self.position)
        if self.privilege == PRIV_U or len(before) < 2 or [mark.kind for mark in before[-2:]] != [TRAP, SWITCH]:
            return None
        return before[-1] if before[-1].pid and before[-2].pid == before[-1].before else None

    @property
    def output(self) -> bytes:
        """-> what the guest has printed up to where the machine stands."""
        return self.timeline.output

    def printed(self) -> Sequence[tuple[int, bytes]]:
        """-> (position, bytes) of all that the guest is known to print."""
        return self._printer.all()

    def value(self, expression: str) -> int:
        """Expression -> its number; of a symbol of data its address. Raises Refused."""
        from toyos.debugger.data_commands import address_of
        from toyos.debugger.expressions import evaluate

        return address_of(evaluate(self, expression))

    # ---- the machine -------------------------------------------------------------------------------------------------
    @property
    def privilege(self) -> int:
        return int(self.machine.core.state["priv"])

    @property
    def program_name(self) -> str:
        """-> the program of the current process, for looking up names."""
        return self.kernel.current_name

    def name(self, address: int) -> str:
        """Virtual address -> "main+0x14", or ""."""
        return self.symbols.name(address, self.program_name)

    def instruction(self, address: int) -> Instruction:
        """Virtual address -> the instruction there."""
        return instruction_at(self.machine, address, self.name)

    def line_here(self) -> Line | None:
        """-> the line of source where the machine stands; its address is left out, so that lines compare."""
        line = self.symbols.line(self.machine.pc, self.program_name)
        return line._replace(address=0) if line else None

    def place_text(self, address: int, program: str | None = None) -> str:
        """Address of code, in a program (None: the current one) -> "0x00010094 <main> at fork_sum.s:20"."""
        program = self.program_name if program is None else program
        name, line = self.symbols.name(address, program), self.symbols.line(address, program)
        return f"{address:#010x}" + (f" <{name}>" if name else "") + (f" at {line.file}:{line.line}" if line else "")

    def caller(self) -> Frame | None:
        """-> the procedure that the current one returns to; None for an outermost one."""
        frames = self.inspector.backtrace()
        return frames[1] if len(frames) > 1 and frames[1].level == frames[0].level else None

    def history(self, number: int | None) -> Value:
        """Number of a value that `print` has shown (None: the last) -> the value. Raises Refused."""
        index = len(self.shown) - 1 if number is None else number - 1
        if not 0 <= index < len(self.shown):
            asked = "print what? Expected an expression" if number is None else f"there is no value ${number}"
            raise Refused(f"{asked}; print has shown {len(self.shown) or 'nothing'} up to now")
        return self.shown[index]

    # ---- moving ------------------------------------------------------------------------------------------------------
    def run(self, most: int | None = None) -> Outcome:
        """Runs forwards until a point is hit that counts, the machine stops by itself, or `interrupt` is called; for
        `most` instructions at most."""
        last = None if most is None else self.timeline.now + most
        if self.checks:
            self.checks.starting()
        try:
            return self._slices(last)
        finally:
            if self.checks:
                self.checks.stopped()

    def _slices(self, last: int | None) -> Outcome:
        while True:
            size = self._slice if last is None else min(self._slice, last - self.timeline.now)
            begun = time.perf_counter()
            outcome = self.timeline.run(size)
            seconds = time.perf_counter() - begun
            if outcome.reason == HIT and self.breakpoints.ignores(outcome):
                continue
            if outcome.reason != LIMIT or self.timeline.now == last:
                return outcome
            factor = min(max(SLICE_SECONDS / max(seconds, 1e-6), 0.5), 2.0)
            self._slice = int(min(max(self._slice * factor, SHORTEST_SLICE), LONGEST_SLICE))
            if self.progress:
                self.progress(self.timeline.now)

    def run_back(self) -> Outcome:
        """Back to the last hit before now."""
        self.going_back = True
        try:
            with self._log.deaf():
                return self.timeline.reverse_run()
        finally:
            self.going_back = False

    def find_last(self, points: Sequence[Point], accept: Accept | None = None) -> tuple[Hit, ...]:
        """-> the last hits of one of these points, up to the instruction that has just been done, that count; the
        machine stays where it is."""
        self._interrupted.clear()
        with self._log.deaf():
            return self.timeline.find_last(points, self.timeline.now + 1, accept)

    def tables(self) -> Iterator[Table]:
        """-> where a name is looked up: in a process its program, the kernel, the debugged program; in the kernel the
        kernel and the debugged program first."""
        found = list(self.symbols.tables(self.program_name))
        debugged = self.symbols.program(self.title.partition(" ")[0])
        if self.privilege != PRIV_U:
            found = [self.symbols.kernel, *([debugged] if debugged else []), *found]
        elif debugged:
            found.append(debugged)
        return iter({table.title: table for table in found}.values())

    @property
    def interrupted(self) -> bool:
        """-> whether what is being done shall end."""
        return self._interrupted.is_set()

    def goto(self, position: int) -> Outcome:
        """To a position; beyond what is known by running, past all breakpoints."""
        if position <= self.timeline.end:
            return self.timeline.goto(position)
        with self.breakpoints.resting():
            return self.run(position - self.timeline.now)

    def go(self, move: Callable[[], Outcome]) -> Reply:
        """Moves the machine -> where it stands now and why, as a reply."""
        self._interrupted.clear()
        before, printed = self.timeline.now, len(self.output)
        self.frame, self.next_address, self.next_line = 0, None, None
        try:
            self.outcome = move()
        finally:
            self._interrupted.clear()
        notes = list(stops.notes(self))
        self.note = notes[0] if notes else ""
        said = self.output[printed:].decode("utf-8", "replace")
        lines = [f"| {text}" for text in said.splitlines()]
        return Reply((*lines, *notes, *self.standing(), *stops.displays(self)), moved=self.timeline.now != before)

    def standing(self) -> Iterator[str]:
        """-> the lines that say where the machine stands."""
        where = self.where()
        yield str(where)
        if where.source:
            yield f"{where.line}\t{where.source.expandtabs()}"
        yield self.instruction(where.pc).line(where.symbol, here=True)

    def poked(self) -> None:
        """The user has changed registers or memory: what came after is another future."""
        self.timeline.changed()
        self.forget_future()

    def forget_future(self) -> None:
        """What is known of later positions is of a future that will not come."""
        self._log.forget_after(self.timeline.now)
        self._printer.forget_after(self.timeline.now)
        self.outcome = Outcome(STEP)
