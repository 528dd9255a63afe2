"""A Session as the application sees it: commands go in, a View comes out."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence

from toyos.debugger.app.desk import Choice
from toyos.debugger.app.read import code, kernel, state
from toyos.debugger.app.read.events import EventLog
from toyos.debugger.app.view import ENDED, STOPPED, WAITS, View
from toyos.debugger.command import CORE
from toyos.debugger.replies import Reply
from toyos.debugger.session import Session
from toyos.debugger.stops import HALT
from toyos.debugger.stops import STOPPED as DEAD
from toyos.debugger.words import FAULTS
from toyos.symbols import SymbolError

GO_ON = "continue"


class SessionDesk:
    """See desk.Desk."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name
        self._log = EventLog(session)
        self._typed: deque[bytes] = deque()
        session.progress = lambda position: self._deliver()

    @property
    def fresh(self) -> bool:
        return self.session.kind != CORE and self.position == self.session.began

    @property
    def position(self) -> int:
        return self.session.position

    def execute(self, line: str) -> Reply:
        self._deliver()
        reply = self.session.execute(line)
        while self._typed and self.session.idle:  # it was typed just before the guest fell asleep
            self._deliver()
            reply = self.session.execute(GO_ON)
        return reply

    def hear(self) -> Reply:
        self._deliver()
        return Reply()

    def interrupt(self) -> None:
        self.session.interrupt()

    def send(self, data: bytes) -> None:
        self._typed.append(data)

    def _deliver(self) -> None:
        """In the thread that executes: what was typed reaches the guest here and now."""
        while self._typed:
            self.session.send(self._typed.popleft())

    def complete(self, line: str) -> Sequence[str]:
        return self.session.complete(line)

    def output(self) -> tuple[bytes, bytes]:
        now, printed = self.session.position, self.session.printed()
        past = bisect_right(printed, now, key=lambda entry: entry[0])
        return b"".join(data for _, data in printed[:past]), b"".join(data for _, data in printed[past:])

    def value(self, expression: str) -> int | None:
        try:
            return self.session.value(expression) & 0xFFFF_FFFF
        except FAULTS:
            return None

    def toggle(self, file: str, line: int, address: int) -> Reply:
        """A line of a file, or with file "" an address -> the breakpoint there deleted, or else set."""
        session = self.session
        try:
            places = session.symbols.addresses_of_line(file, line, session.program_name) if file else [address]
        except SymbolError as error:
            return Reply((str(error),), failed=True)
        numbers = code.numbers_at(session, places)
        if numbers:
            return self.execute("delete " + " ".join(map(str, numbers)))
        return self.execute(f"break {file}:{line}" if file else f"break *{address:#x}")

    def view(self, choice: Choice, before: View | None) -> View:
        """Reads all that the panes show. before: the last view, to say what has changed since."""
        session, values = self.session, _compared(self.session, before)
        place = session.where()
        points = code.points_at(session)
        frames = state.stack(session)
        shown = choice.frame if choice.frame is not None and choice.frame < len(frames) else 0
        address = frames[shown].pc if frames else place.pc
        sp = state.stack_pointer(session)
        registers = state.registers(session, values)
        memory = state.memory(session, choice.memory, values)
        known = session.inspector.processes()
        chosen = next((each for each in known if each.pid == choice.pid), None)
        if chosen is None:
            chosen = next((each for each in known if each.pid == place.pid), None)
        processes = kernel.processes(session, known, values)
        seen: dict[tuple[object, ...], int | str] = {("register", each.name): each.value for each in registers}
        seen |= {("memory", memory.address + i): byte for i, byte in enumerate(memory.data) if byte is not None}
        seen |= {("state", each.pid): each.state for each in known}
        seen |= {("pcb", each.pid, field.name): field.text for each in known for field in each.fields}
        return View(
            place, self._state(), (session.timeline.start, session.timeline.end),
            code.source(session, address, points), code.instructions(session, points), registers,
            state.windows(session), frames, state.words(session, sp), memory, processes,
            kernel.queues(session) if known else (), kernel.pcb(chosen, values) if chosen else (),
            next((each for each in processes if chosen and each.pid == chosen.pid), None),
            self._log.events(), self._log.positions(), self.output(), seen, values,
        )  # fmt: skip

    def _state(self) -> str:
        if self.session.idle:
            return WAITS
        return ENDED if self.session.outcome.reason in (HALT, DEAD) else STOPPED


def _compared(session: Session, before: View | None) -> Mapping[tuple[object, ...], int | str]:
    """The last view -> the values that the new one is compared with: those of another position."""
    if before is None:
        return {}
    return before.values if before.place.position != session.position else before.compared
