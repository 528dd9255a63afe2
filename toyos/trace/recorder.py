"""A machine that runs the kernel -> the events of the run, told one after the other.

    recorder = Recorder(computer.machine, computer.parts.symbols, sink=events.append)
    stop = recorder.run()

The kernel does not help: what is watched are some of its procedures, by their symbols, and three kinds of words: the
states in the PCBs, `current`, and the counter of copied pages. The guest runs as it would with nobody watching.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toyos.trace import events
from toyos.trace.calls import name_of
from toyos.trace.choices import STRING_SIZE
from toyos.trace.decode import Decoder
from toyos.trace.events import Attempt, Call, Event
from toyos.trace.guest import Guest
from vm.arch import CAUSE_FETCH_PAGE_FAULT, CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT, PAGE_MASK
from vm.machine import Machine, Stop
from vm.observe import HIT, Observer
from vm.points import CodePoint, Hit, Point, TrapPoint

Sink = Callable[[Event], object]
ACCESSES = {CAUSE_FETCH_PAGE_FAULT: "execute", CAUSE_LOAD_PAGE_FAULT: "read", CAUSE_STORE_PAGE_FAULT: "write"}


class Recorder:
    """machine: built observed, the kernel loaded. symbols: the kernel's. sink: told every event. limit: after so many
    events nothing is watched any more, and `complete` is False. room: bytes of strings that are shown."""

    def __init__(
        self,
        machine: Machine,
        symbols: Mapping[str, int],
        sink: Sink,
        limit: int | None = None,
        room: int = STRING_SIZE,
    ) -> None:
        self._guest, self._sink, self._left = Guest(machine, symbols), sink, limit
        self.observer = Observer(machine)
        self._decoder = Decoder(symbols, room)
        self._handlers: dict[Point, Callable[[Hit], None]] = {}
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
        self._watch(self._guest.change_of(symbols["current"]), self._switched)
        self._watch(self._guest.change_of(symbols["kstat"] + symbols["KS_COW_COPIES"]), self._copied)
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
        end = None if max_instructions is None else self._guest.machine.started + max_instructions
        while True:
            outcome = self.observer.run(None if end is None else end - self._guest.machine.started)
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
        pcb = self._guest.variable("free_pcbs")
        if pcb:
            self._known[pcb] = events.FREE
            self._watch(self._guest.state_point(pcb), lambda hit: self._state_changed(pcb))

    def _state_changed(self, pcb: int) -> None:
        before, after = self._known[pcb], self._guest.state(pcb)
        self._known[pcb] = after
        pid, now = self._guest.pid(pcb), self._guest.now
        on = self._guest.queue_name(self._queue) if after == events.SLEEP else ""
        self._tell(events.StateChange(*now, pid, before, after, on, self._guest.name(pcb)))
        parent = self._guest.field(pcb, "PARENT")
        if (before, after) == (events.NEW, events.READY) and parent:
            self._tell(events.Fork(*now, self._guest.pid(parent), pid or 0))
        if after == events.FREE:
            self._unwatch(self._guest.state_point(pcb))
            del self._known[pcb]
            self._preempted.pop(pcb, None)

    def _falls_asleep(self, hit: Hit) -> None:
        self._queue = self._guest.argument(0)

    def _switched(self, hit: Hit) -> None:
        before, after = hit.before, hit.after
        if not before or not after:
            return  # the kernel has only now made its first process
        count = self._guest.field(before, "INVOLUNTARY")
        voluntary = self._preempted.get(before, 0) == count
        self._preempted[before] = count
        self._tell(events.Switch(*self._guest.now, self._guest.pid(before), self._guest.pid(after) or 0, voluntary))

    # ---- traps -------------------------------------------------------------------------------------------------------
    def _trapped(self, hit: Hit) -> None:
        trap = hit.trap
        assert trap is not None
        self._cause = trap.name
        self._tell(
            events.Trap(
                *self._guest.now, self._guest.pid(self._guest.current), trap.cause, trap.name, trap.pc, trap.value
            )
        )

    def _trap_handled(self, hit: Hit) -> None:
        """The kernel has done what the trap was for."""
        self._asked = None
        pcb = self._guest.current
        call = self._stop_working()
        if call:
            self._call_leaves(pcb, call)
        if self._fault:
            fault, self._fault = self._fault, None
            outcome = events.FATAL if self._known.get(pcb) == events.ZOMBIE else fault.outcome
            event = events.Fault(
                *self._guest.now, self._guest.pid(pcb),
                cause=fault.cause, name=fault.name, pc=fault.pc, value=fault.value,
                access=ACCESSES.get(fault.cause, ""), outcome=outcome,
                since=fault.begun[0], since_clock=fault.begun[1],
            )  # fmt: skip
            self._tell(event)

    # ---- system calls ------------------------------------------------------------------------------------------------
    def _call_begins(self, hit: Hit) -> None:
        pcb = self._guest.current
        self._asked = None
        if pcb in self._calls:  # it slept, was woken, and tries again
            self._working = self._calls[pcb], self._guest.now
            return
        words = (
            self._guest.field(pcb, "A0"),
            self._guest.field(pcb, "A1"),
            self._guest.field(pcb, "A2"),
            self._guest.field(pcb, "A3"),
        )
        number = self._guest.field(pcb, "NR")
        call = Call(self._guest.pid(pcb) or 0, number, name_of(number), words, self._guest.field(pcb, "PC"), [])
        self._decoder.begin(call, self._guest.memory(pcb))
        self._calls[pcb] = call
        self._working = call, self._guest.now
        self._tell(events.CallBegins(*self._guest.now, call.pid, call))

    def _stop_working(self) -> Call | None:
        """The kernel turns to something else -> the call that it was at work on."""
        if self._working is None:
            return None
        (call, begun), self._working = self._working, None
        call.attempts.append(Attempt(*begun, *self._guest.now))
        return call

    def _call_leaves(self, pcb: int, call: Call) -> None:
        if pcb not in self._calls:
            call.ended = self._guest.now  # with its process
        elif self._known.get(pcb) == events.SLEEP:
            self._tell(events.CallSleeps(*self._guest.now, call.pid, call))
        else:
            self._call_ends(pcb, self._guest.field(pcb, "A0"))

    def _call_ends(self, pcb: int, result: int | None) -> None:
        call = self._calls.pop(pcb, None)
        if call is not None:
            executed = pcb in self._executed
            self._executed.discard(pcb)
            self._decoder.end(call, self._guest.memory(pcb), 0 if executed else result)
            call.ended = self._guest.now
            self._tell(events.CallEnds(*self._guest.now, call.pid, call))

    def _replaced(self, hit: Hit) -> None:
        pcb = self._guest.argument(0)
        path = self._guest.text(self._guest.argument(1))
        self._executed.update({pcb} & self._calls.keys())
        name = path.rpartition("/")[2][: self._guest.symbols["NAME_SIZE"] - 1]
        self._tell(events.Exec(*self._guest.now, self._guest.pid(pcb), path, name))

    # ---- the family --------------------------------------------------------------------------------------------------
    def _ends(self, hit: Hit) -> None:
        pcb, status = self._guest.argument(0), self._guest.argument(1)
        if pcb == self._guest.variable("init"):
            return  # the kernel panics instead
        self._call_ends(pcb, None)
        value = self._fault.value if self._fault and pcb == self._guest.current else None
        self._tell(events.Exit(*self._guest.now, self._guest.pid(pcb), status, value))

    def _reaped(self, hit: Hit) -> None:
        self._tell(
            events.Reap(
                *self._guest.now,
                self._guest.pid(self._guest.argument(0)),
                self._guest.pid(self._guest.argument(1)) or 0,
            )
        )

    def _adopted(self, hit: Hit) -> None:
        child = self._guest.argument(1)
        if self._known.get(child) != events.NEW:  # fork adds a child, too
            self._tell(
                events.Adopt(*self._guest.now, self._guest.pid(self._guest.argument(0)), self._guest.pid(child) or 0)
            )

    # ---- pages -------------------------------------------------------------------------------------------------------
    def _fault_begins(self, hit: Hit) -> None:
        cause = self._guest.argument(0)
        self._fault = _OpenFault(
            self._guest.now, cause, self._cause, self._guest.field(self._guest.current, "PC"), self._guest.argument(1)
        )
        self._asked = None

    def _page_asked(self, hit: Hit) -> None:
        self._asked = self._guest.argument(0), self._guest.argument(1)

    def _page_mapped(self, hit: Hit) -> None:
        if self._fault and self._asked == (self._guest.argument(0), self._guest.argument(1)):
            self._fault.outcome = events.GROWN

    def _page_unshared(self, hit: Hit) -> None:
        if self._fault:
            self._fault.outcome = events.OWNED

    def _copied(self, hit: Hit) -> None:
        space, address = self._asked or (0, 0)
        pid = self._guest.pid(space - self._guest.symbols["P_SPACE"]) if space else None
        self._tell(events.Copy(*self._guest.now, pid, address & ~PAGE_MASK))
        if self._fault:
            self._fault.outcome = events.COPIED


class _OpenFault:
    """An exception that the kernel is dealing with."""

    def __init__(self, begun: tuple[int, int], cause: int, name: str, pc: int, value: int) -> None:
        self.begun, self.cause, self.name, self.pc, self.value = begun, cause, name, pc, value
        self.outcome = events.REPEATED
