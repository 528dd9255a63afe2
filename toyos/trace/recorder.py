"""A machine that runs the kernel -> the events of the run, told one after the other.

    recorder = Recorder(computer.machine, computer.parts.symbols, sink=events.append)
    stop = recorder.run()

The kernel does not help: what is watched are some of its procedures, by their symbols, and three kinds of words: the
states in the PCBs, `current`, and the counter of copied pages. The guest runs as it would with nobody watching.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toyos.inspect.queues import KNOWN
from toyos.trace import events
from toyos.trace.calls import name_of
from toyos.trace.decode import Decoder
from toyos.trace.events import Attempt, Call, Event
from toyos.trace.kinds import STRING_SIZE
from toyos.trace.memory import WORD, UserMemory
from vm.arch import CAUSE_FETCH_PAGE_FAULT, CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT, PAGE_MASK
from vm.isa import registers
from vm.machine import Machine, Stop
from vm.observe import HIT, Observer
from vm.points import CHANGE, CodePoint, DataPoint, Hit, Point, TrapPoint

Sink = Callable[[Event], object]
ACCESSES = {CAUSE_FETCH_PAGE_FAULT: "execute", CAUSE_LOAD_PAGE_FAULT: "read", CAUSE_STORE_PAGE_FAULT: "write"}
STATE_PREFIX, FIELD_PREFIX, SLEEP_PREFIX = "STATE_", "P_", "sleep: "
CHILDREN = "children"  # the queue in a PCB on which its process waits for its children
NAME_LIMIT = 256  # bytes of a path in the kernel
_A0, _A1, _A2 = (registers.NUMBERS[name] for name in ("a0", "a1", "a2"))


class Recorder:
    """machine: built observed, the kernel loaded. symbols: the kernel's. sink: told every event. limit: after so many
    events nothing is watched any more; `complete` says whether that has happened. room: bytes of strings shown."""

    def __init__(
        self,
        machine: Machine,
        symbols: Mapping[str, int],
        sink: Sink,
        limit: int | None = None,
        room: int = STRING_SIZE,
    ) -> None:
        self._machine, self._symbols, self._sink, self._left = machine, symbols, sink, limit
        self.observer = Observer(machine)
        self._decoder = Decoder(symbols, room)
        self._handlers: dict[Point, Callable[[Hit], None]] = {}
        self._states = {
            value: name.removeprefix(STATE_PREFIX).capitalize()
            for name, value in symbols.items()
            if name.startswith(STATE_PREFIX)
        }
        self._known: dict[int, str] = {}  # PCB -> the state that was told last
        self._calls: dict[int, Call] = {}  # PCB -> the system call that it is in
        self._working: tuple[Call, tuple[int, int]] | None = None  # the call that the kernel is at work on, since when
        self._cause = ""  # of the last trap
        self._fault: _OpenFault | None = None
        self._preempted: dict[int, int] = {}  # PCB -> how often, as the kernel counts
        self._asked: tuple[int, int] | None = None  # the last (space, address) that space_page was asked for
        self._queue = 0  # the one that the current process goes to sleep on
        self._executed: set[int] = set()  # PCBs whose program has been replaced in this call
        for name, handler in self._procedures().items():
            self._watch(CodePoint(symbols[name]), handler)
        self._watch(self._word_point(symbols["current"]), self._switched)
        self._watch(self._word_point(symbols["kstat"] + symbols["KS_COW_COPIES"]), self._copied)
        self._watch(TrapPoint(), self._trapped)

    def _procedures(self) -> dict[str, Callable[[Hit], None]]:
        """-> the kernel's procedures whose beginnings mean something, and what is done there."""
        return {
            "pcb_new": self._pcb_taken,
            "sleep_before": self._falls_asleep,
            "system_call": self._call_begins,
            "dispatch": self._trap_handled,
            "resume": self._trap_handled,
            "exec_commit": self._replaced,
            "process_end": self._ends,
            "child_reap": self._reaped,
            "child_add": self._adopted,
            "process_fault": self._fault_begins,
            "space_page": self._page_asked,
            "space_map": self._page_mapped,
            "page_unshare": self._page_unshared,
        }

    @property
    def complete(self) -> bool:
        """-> whether everything until now has been told."""
        return self._left is None or self._left > 0

    def run(self, max_instructions: int | None = None) -> Stop:
        """Runs the machine as Machine.run does -> why it stopped."""
        end = None if max_instructions is None else self._machine.started + max_instructions
        while True:
            outcome = self.observer.run(None if end is None else end - self._machine.started)
            for hit in outcome.hits:
                if hit.point in self._handlers:  # it may have been the event before that reached the limit
                    self._handlers[hit.point](hit)
            if outcome.reason != HIT:
                return Stop(outcome.reason, outcome.status)

    def finish(self) -> None:
        """To be called when the machine has stopped: the system call that it has stopped in was attempted, too."""
        self._stop_working()

    # ---- what is looked at -------------------------------------------------------------------------------------------
    def _watch(self, point: Point, handler: Callable[[Hit], None]) -> None:
        if self.complete:
            self._handlers[point] = handler
            self.observer.add(point)

    def _unwatch(self, point: Point) -> None:
        if self._handlers.pop(point, None):
            self.observer.remove(point)

    @staticmethod
    def _word_point(address: int) -> DataPoint:
        return DataPoint(address, WORD, CHANGE, physical=True)

    def _word(self, address: int) -> int:
        """Address in the kernel -> the word there: its RAM is mapped at its physical addresses."""
        return int.from_bytes(self._machine.read(address, WORD), "little")

    def _field(self, pcb: int, name: str) -> int:
        return self._word(pcb + self._symbols[FIELD_PREFIX + name])

    def _text(self, address: int, room: int) -> str:
        return self._machine.read(address, room).partition(b"\0")[0].decode("utf-8", "replace")

    def _name(self, pcb: int) -> str:
        return self._text(pcb + self._symbols["P_NAME"], self._symbols["NAME_SIZE"])

    def _pid(self, pcb: int) -> int | None:
        return self._field(pcb, "PID") if pcb else None

    @property
    def _current(self) -> int:
        """-> the PCB of the Running process; 0 before there is one."""
        return self._word(self._symbols["current"])

    def _argument(self, number: int) -> int:
        """-> a0, a1 ... of the procedure at whose beginning the machine stands."""
        return int(self._machine.x[number])

    def _memory(self, pcb: int) -> UserMemory:
        return UserMemory(self._machine, self._word(pcb + self._symbols["P_SPACE"] + self._symbols["SPACE_ROOT"]))

    @property
    def _now(self) -> tuple[int, int]:
        return self._machine.started, int(self._machine.core.state["clock"])

    def _tell(self, event: Event) -> None:
        if not self.complete:
            return
        self._sink(event)
        if self._left is not None:
            self._left -= 1
            if not self._left:
                for point in list(self._handlers):
                    self._unwatch(point)

    # ---- states and switches -----------------------------------------------------------------------------------------
    def _pcb_taken(self, hit: Hit) -> None:
        """A PCB comes into use, the first of the free ones: from now on its state is watched."""
        pcb = self._word(self._symbols["free_pcbs"])
        if pcb:
            self._known[pcb] = events.FREE
            self._watch(self._word_point(pcb + self._symbols["P_STATE"]), lambda hit: self._state_changed(pcb))

    def _state_changed(self, pcb: int) -> None:
        before, after = self._known[pcb], self._states[self._field(pcb, "STATE")]
        self._known[pcb] = after
        pid, now = self._pid(pcb), self._now
        on = self._queue_name(self._queue) if after == events.SLEEP else ""
        self._tell(events.StateChange(*now, pid, before, after, on, self._name(pcb)))
        parent = self._field(pcb, "PARENT")
        if (before, after) == (events.NEW, events.READY) and parent:
            self._tell(events.Fork(*now, self._pid(parent), pid or 0))
        if after == events.FREE:
            self._unwatch(self._word_point(pcb + self._symbols["P_STATE"]))
            del self._known[pcb]
            self._preempted.pop(pcb, None)

    def _falls_asleep(self, hit: Hit) -> None:
        self._queue = self._argument(_A0)

    def _queue_name(self, queue: int) -> str:
        """Address of a queue -> its name: of the known ones as toyos.inspect calls them, else that of its symbol."""
        if self._symbols["pcb_pool"] <= queue < self._symbols["pcb_pool_end"]:
            return CHILDREN
        for symbol, (title, _) in KNOWN.items():
            if self._symbols.get(symbol) == queue:
                return title.removeprefix(SLEEP_PREFIX)
        return next((name for name, value in self._symbols.items() if value == queue), f"{queue:#x}")

    def _switched(self, hit: Hit) -> None:
        before, after = hit.before, hit.after
        if not before or not after:
            return  # the kernel has only now made its first process
        count = self._field(before, "INVOLUNTARY")
        voluntary = self._preempted.get(before, 0) == count
        self._preempted[before] = count
        self._tell(events.Switch(*self._now, self._pid(before), self._pid(after) or 0, voluntary))

    # ---- traps -------------------------------------------------------------------------------------------------------
    def _trapped(self, hit: Hit) -> None:
        trap = hit.trap
        assert trap is not None
        self._cause = trap.name
        self._tell(events.Trap(*self._now, self._pid(self._current), trap.cause, trap.name, trap.pc, trap.value))

    def _trap_handled(self, hit: Hit) -> None:
        """The kernel has done what the trap was for."""
        self._asked = None
        pcb = self._current
        call = self._stop_working()
        if call:
            self._call_leaves(pcb, call)
        if self._fault:
            fault, self._fault = self._fault, None
            outcome = events.FATAL if self._known.get(pcb) == events.ZOMBIE else fault.outcome
            access = ACCESSES.get(fault.cause, "")
            event = events.Fault(
                *self._now, self._pid(pcb), cause=fault.cause, name=fault.name, pc=fault.pc, value=fault.value,
                access=access, outcome=outcome, since=fault.begun[0], since_clock=fault.begun[1],
            )  # fmt: skip
            self._tell(event)

    # ---- system calls ------------------------------------------------------------------------------------------------
    def _call_begins(self, hit: Hit) -> None:
        pcb = self._current
        self._asked = None
        if pcb in self._calls:  # it slept, was woken, and tries again
            self._working = self._calls[pcb], self._now
            return
        words = self._field(pcb, "A0"), self._field(pcb, "A1"), self._field(pcb, "A2"), self._field(pcb, "A3")
        number = self._field(pcb, "NR")
        call = Call(self._pid(pcb) or 0, number, name_of(number), words, self._field(pcb, "PC"), [])
        self._decoder.begin(call, self._memory(pcb))
        self._calls[pcb] = call
        self._working = call, self._now
        self._tell(events.CallBegins(*self._now, call.pid, call))

    def _stop_working(self) -> Call | None:
        """The kernel turns to something else -> the call that it was at work on."""
        if self._working is None:
            return None
        (call, begun), self._working = self._working, None
        call.attempts.append(Attempt(*begun, *self._now))
        return call

    def _call_leaves(self, pcb: int, call: Call) -> None:
        if pcb not in self._calls:
            call.ended = self._now  # with its process
        elif self._known.get(pcb) == events.SLEEP:
            self._tell(events.CallSleeps(*self._now, call.pid, call))
        else:
            self._call_ends(pcb, self._field(pcb, "A0"))

    def _call_ends(self, pcb: int, result: int | None) -> None:
        call = self._calls.pop(pcb, None)
        if call is not None:
            executed = pcb in self._executed
            self._executed.discard(pcb)
            self._decoder.end(call, self._memory(pcb), 0 if executed else result)
            call.ended = self._now
            self._tell(events.CallEnds(*self._now, call.pid, call))

    def _replaced(self, hit: Hit) -> None:
        pcb = self._argument(_A0)
        path = self._text(self._argument(_A1), NAME_LIMIT)
        self._executed.update({pcb} & self._calls.keys())
        name = path.rpartition("/")[2][: self._symbols["NAME_SIZE"] - 1]
        self._tell(events.Exec(*self._now, self._pid(pcb), path, name))

    # ---- the family --------------------------------------------------------------------------------------------------
    def _ends(self, hit: Hit) -> None:
        pcb, status = self._argument(_A0), self._argument(_A1)
        if pcb == self._word(self._symbols["init"]):
            return  # the kernel panics instead
        self._call_ends(pcb, None)
        value = self._fault.value if self._fault and pcb == self._current else None
        self._tell(events.Exit(*self._now, self._pid(pcb), status, value))

    def _reaped(self, hit: Hit) -> None:
        self._tell(events.Reap(*self._now, self._pid(self._argument(_A0)), self._pid(self._argument(_A1)) or 0))

    def _adopted(self, hit: Hit) -> None:
        child = self._argument(_A1)
        if self._known.get(child) != events.NEW:  # fork adds a child, too
            self._tell(events.Adopt(*self._now, self._pid(self._argument(_A0)), self._pid(child) or 0))

    # ---- pages -------------------------------------------------------------------------------------------------------
    def _fault_begins(self, hit: Hit) -> None:
        cause = self._argument(_A0)
        self._fault = _OpenFault(self._now, cause, self._cause, self._field(self._current, "PC"), self._argument(_A1))
        self._asked = None

    def _page_asked(self, hit: Hit) -> None:
        self._asked = self._argument(_A0), self._argument(_A1)

    def _page_mapped(self, hit: Hit) -> None:
        if self._fault and self._asked == (self._argument(_A0), self._argument(_A1)):
            self._fault.outcome = events.GROWN

    def _page_unshared(self, hit: Hit) -> None:
        if self._fault:
            self._fault.outcome = events.OWNED

    def _copied(self, hit: Hit) -> None:
        space, address = self._asked or (0, 0)
        pid = self._pid(space - self._symbols["P_SPACE"]) if space else None
        self._tell(events.Copy(*self._now, pid, address & ~PAGE_MASK))
        if self._fault:
            self._fault.outcome = events.COPIED


class _OpenFault:
    """An exception that the kernel is dealing with."""

    def __init__(self, begun: tuple[int, int], cause: int, name: str, pc: int, value: int) -> None:
        self.begun, self.cause, self.name, self.pc, self.value = begun, cause, name, pc, value
        self.outcome = events.REPEATED
