"""A Session as the application sees it: commands go in, a View comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toyos.debugger.app.desk import Choice
from toyos.debugger.app.read import code, kernel, state
from toyos.debugger.app.read.events import EventLog
from toyos.debugger.app.view import ENDED, STOPPED, WAITS, View
from toyos.debugger.replies import Refused, Reply
from toyos.debugger.session import Session
from toyos.symbols import SymbolError


class SessionDesk:
    """See desk.Desk."""

    def __init__(self, session: Session, name: str) -> None:
        self.session, self.name = session, name
        self._log = EventLog(session)

    @property
    def position(self) -> int:
        return self.session.position

    def execute(self, line: str) -> Reply:
        return self.session.execute(line)

    def interrupt(self) -> None:
        self.session.interrupt()

    def send(self, data: bytes) -> None:
        self.session.send(data)

    def complete(self, line: str) -> Sequence[str]:
        return self.session.complete(line)

    def output(self) -> Sequence[tuple[int, bytes]]:
        return self.session.printed()

    def value(self, expression: str) -> int | None:
        try:
            return self.session.value(expression) & 0xFFFF_FFFF
        except Refused:
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
        memory = state.memory(session, choice.memory if choice.memory is not None else sp, values)
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
            self._log.events(), self.output(), seen, values,
        )  # fmt: skip

    def _state(self) -> str:
        if self.session.halted is not None:
            return ENDED
        return WAITS if self.session.idle else STOPPED


def _compared(session: Session, before: View | None) -> Mapping[tuple[object, ...], int | str]:
    """The last view -> the values that the new one is compared with: those of another position."""
    if before is None:
        return {}
    return before.values if before.place.position != session.position else before.compared
