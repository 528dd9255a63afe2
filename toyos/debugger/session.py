"""A machine on a timeline and the words of a debugger -> replies. The faces (batch, lines, application) stand on this.

session = start(["fork_sum.s"])
print(*session.execute("break fork").lines, sep="\n")
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from toyos.debugger.breakpoints import Breakpoints
from toyos.debugger.code import Instruction, instruction_at
from toyos.debugger.formats import Format
from toyos.debugger.marks import MarkLog
from toyos.debugger.replies import Mark, Refused, Reply, Where
from toyos.debugger.values import Value
from toyos.inspect import Inspector
from toyos.kernel_points import KernelPoints
from vm.aout import Line
from vm.arch import PRIV_NAMES
from vm.machine import Machine
from vm.observe import Outcome
from vm.point_set import PointSet
from vm.points import Hit
from vm.stepping import LIMIT, STEP, Stepper
from vm.timetravel import Timeline

SLICE_SECONDS = 0.05  # how long a run goes on before it looks whether it shall stop
FIRST_SLICE, SHORTEST_SLICE, LONGEST_SLICE = 50_000, 100, 50_000_000  # instructions
INTERRUPTED, BEGIN, END, IDLE, HALT, STOPPED = "interrupted", "begin", "end", "idle", "halt", "stopped"
LIVE = "live"  # kind of a session whose machine runs
AROUND = 5  # lines of source shown before and behind the one that is meant
ENDINGS = {
    IDLE: "every process sleeps, and only console input can wake one: `input TEXT` types a line, `eof` is Ctrl-D",
    STOPPED: "the hart has stopped: a trap found neither a stack nor a vector",
    INTERRUPTED: "interrupted",
    BEGIN: "this is the beginning: nothing is known from before",
    END: "this is the end of the recording",
}


class Session:
    """timeline: of an observed machine; inspector: of the same machine. title: what is being debugged, in words.

    progress: called with the position while the machine runs, from the thread that runs it. One thread at a time may
    call `execute`; `interrupt` may be called from any.
    """

    def __init__(self, timeline: Timeline, inspector: Inspector, title: str = "") -> None:
        self.timeline, self.inspector, self.title = timeline, inspector, title
        self.machine: Machine = timeline.machine
        self.symbols = inspector.symbols
        self.kernel = KernelPoints(self.machine, inspector.parts.symbols)
        self.points = PointSet(timeline.observer)
        self.breakpoints = Breakpoints(self)
        self.steps = Stepper(timeline, self.points, lambda: self.kernel.current_pid, self.run)
        self.progress: Callable[[int], object] | None = None
        self.note = ""
        self.last_line = ""
        self.halted: int | None = None
        self._log = MarkLog(self.points, self.kernel)
        self.variables: dict[str, Value] = {}
        self.shown: list[Value] = []  # the values that `print` has shown
        self.displays: dict[int, tuple[str, str]] = {}
        self.frame = 0
        self.kind = LIVE
        self.clauses: tuple[str, int | None] = "", None  # of the `catch` that is being done
        self.examined = Format(1, "x", 4)
        self.next_address: int | None = None
        self.outcome = Outcome(STEP)
        self.welcome: tuple[str, ...] = ()
        self._interrupted = threading.Event()
        self._slice = FIRST_SLICE

    # ---- the faces' interface ----------------------------------------------------------------------------------------
    def execute(self, line: str) -> Reply:
        """A command as the user typed it -> what to answer. An empty line repeats the last command. Never raises for
        what the user has said."""
        from toyos.debugger.words import execute

        return execute(self, line)

    def interrupt(self) -> None:
        """Stops the run that `execute` is in, at the next instruction boundary that it looks at. From any thread."""
        self._interrupted.set()

    @property
    def position(self) -> int:
        """-> where the machine stands, in instructions started."""
        return self.timeline.now

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

    @property
    def output(self) -> bytes:
        """-> what the guest has printed up to where the machine stands."""
        return self.timeline.output

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
        line = self.symbols.line(self.machine.pc, self.program_name or None)
        return line._replace(address=0) if line else None

    def place_text(self, address: int) -> str:
        """Address of code -> "0x00010094 <main> at fork_sum.s:20"."""
        name, line = self.name(address), self.symbols.line(address, self.program_name or None)
        return f"{address:#010x}" + (f" <{name}>" if name else "") + (f" at {line.file}:{line.line}" if line else "")

    def caller(self) -> tuple[int, int] | None:
        """-> where the current procedure returns to, and the stack pointer there; None for an outermost one."""
        machine = self.machine
        return int(machine.x[1]), int(machine.x[2])

    def stack_lines(self, text: str) -> Iterator[str]:
        """Argument of `backtrace` -> its lines."""
        yield f"#0  {self.place_text(self.machine.pc)}"

    def listing(self, text: str) -> Iterator[str]:
        """Argument of `list` -> lines of source."""
        where = self.where()
        lines = self.symbols.source(where.file) if where.file else None
        if lines is None:
            raise Refused("no source is known here")
        for number in range(max(where.line - AROUND, 1), min(where.line + AROUND, len(lines)) + 1):
            yield f"{number}{'=>' if number == where.line else ''}\t{lines[number - 1].expandtabs()}"

    def procedure(self, address: int) -> tuple[int, int]:
        """Address of code -> where its procedure begins and ends."""
        return address, address + 40

    def describe(self, hit: Hit, whole: bool) -> Iterator[str]:
        """Hit of a point -> lines that say what has happened. whole: also what a trap or a switch is."""
        if hit.before is not None and hit.after is not None:
            yield f"  {hit.before:#x} -> {hit.after:#x}"

    # ---- running -----------------------------------------------------------------------------------------------------
    def run(self, most: int | None = None) -> Outcome:
        """Runs forwards until a point is hit, the machine stops by itself, or `interrupt` is called; for `most`
        instructions at most."""
        last = None if most is None else self.timeline.now + most
        while True:
            if self._interrupted.is_set():
                return Outcome(INTERRUPTED)
            size = self._slice if last is None else min(self._slice, last - self.timeline.now)
            begun = time.perf_counter()
            outcome = self.timeline.run(size)
            seconds = time.perf_counter() - begun
            if outcome.reason != LIMIT or self.timeline.now == last:
                return outcome
            factor = min(max(SLICE_SECONDS / max(seconds, 1e-6), 0.5), 2.0)
            self._slice = int(min(max(self._slice * factor, SHORTEST_SLICE), LONGEST_SLICE))
            if self.progress:
                self.progress(self.timeline.now)

    @property
    def interrupted(self) -> bool:
        """-> whether what is being done shall end."""
        return self._interrupted.is_set()

    def go(self, move: Callable[[], Outcome]) -> Reply:
        """Moves the machine -> where it stands now and why, as a reply."""
        self._interrupted.clear()
        before, printed = self.timeline.now, len(self.output)
        self.frame = 0
        outcome = self.outcome = move()
        notes: list[str] = []
        for made, hit in self.breakpoints.that_stopped(outcome):
            made.hits += 1
            notes += self.breakpoints.note(made, hit)
            if made.temporary:
                self.breakpoints.delete(made.number)
        if outcome.reason == HALT:
            self.halted = outcome.status
            notes.append(f"the machine has halted; exit status {outcome.status}")
        elif outcome.reason in ENDINGS:
            notes.append(ENDINGS[outcome.reason])
        self.note = notes[0] if notes else ""
        said = self.output[printed:].decode("utf-8", "replace")
        lines = [f"| {text}" for text in said.splitlines()]
        return Reply((*lines, *notes, *self.standing()), moved=self.timeline.now != before)

    def standing(self) -> Iterator[str]:
        """-> the lines that say where the machine stands."""
        where = self.where()
        yield str(where)
        if where.source:
            yield f"{where.line}\t{where.source.expandtabs()}"
        yield self.instruction(where.pc).line(where.symbol, here=True)

    def goto(self, position: int) -> Outcome:
        """To a position; beyond what is known by running, past all breakpoints."""
        if position <= self.timeline.end:
            return self.timeline.goto(position)
        resting = [each.number for each in self.breakpoints if each.enabled]
        for number in resting:
            self.breakpoints.enable(number, False)
        try:
            while self.timeline.now < position:
                outcome = self.run(position - self.timeline.now)
                if outcome.reason != LIMIT:
                    return outcome
            return Outcome(LIMIT)
        finally:
            for number in resting:
                self.breakpoints.enable(number, True)

    def poked(self) -> None:
        """The user has changed registers or memory: what came after is another future."""
        self.timeline.changed()
        self.forget_future()

    def forget_future(self) -> None:
        """What is known of later positions is of a future that will not come."""
        self._log.forget_after(self.timeline.now)

    def history(self, number: int | None) -> Value:
        """Number of a value that `print` has shown (None: the last) -> the value. Raises Refused."""
        index = len(self.shown) - 1 if number is None else number - 1
        if not 0 <= index < len(self.shown):
            raise Refused(f"there is no value ${'' if number is None else number}: print has shown {len(self.shown)}")
        return self.shown[index]
