"""A machine on a Timeline -> a server to which gdb attaches, and which runs the machine to its end.

    server = Server(timeline, listen("127.0.0.1", 1234))
    outcome = server.serve()

The machine waits for gdb before its first instruction. When gdb detaches, it runs on; when gdb kills it, it ends; when
the connection breaks, it stands still and waits for the next gdb. Only one gdb at a time is answered.
"""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Protocol

from vm import gdb_packets
from vm.gdb_guest import Bare, Guest
from vm.gdb_packets import ACKNOWLEDGED, AGAIN, Received, Receiver, frame
from vm.gdb_session import Session
from vm.gdb_target import Registers
from vm.observe import Outcome
from vm.timetravel import IDLE

if TYPE_CHECKING:
    from vm.timetravel import Timeline

LOOPBACK = "127.0.0.1"
READ_SIZE = 1 << 16
MOST_WAITING = 100  # packets; gdb sends one, and waits for its reply
HEARD_AHEAD = 4096  # bytes that are taken from the terminal before the guest has read what came earlier
PATIENCE_SECONDS = 0.1  # a guest that polls never waits for input; it hears a pipe all the same, after so long
SEND_SECONDS = 10  # for which a gdb that reads nothing may hold the machine up
HALT, KILLED = "halt", "killed"
UNFINISHED = 124  # the status that gdb is told when the run ends by its limit
LARGEST_STATUS = 255
LOST = Received("lost")  # the connection has ended


class Terminal(Protocol):
    """The host's end of the guest's console."""

    @property
    def fd(self) -> int | None:
        """-> what to wait for; None when nothing will come from there any more."""

    @property
    def typed(self) -> bool:
        """-> whether a person types: then the guest hears each key at once, and else when it waits for input."""

    def read(self) -> bytes:
        """-> what has come, for the guest; asked for when there is something at fd. May leave by its own exception."""

    def flush(self) -> None:
        """Shows what the guest has printed."""

    def last_words(self) -> bytes:
        """-> what a guest is told that waits for input that will not come; empty: nothing, it waits for ever."""


class Silent:
    """No console: a guest that waits for input waits until Ctrl-C."""

    fd = None
    typed = False

    def read(self) -> bytes:
        return b""

    def flush(self) -> None:
        pass

    def last_words(self) -> bytes:
        return b""


def listen(host: str, port: int) -> socket.socket:
    """Host and port, 0 for any that is free -> the socket on which gdb is awaited. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
    )[0]
    server = socket.socket(family, kind, protocol)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen()
    except OSError:
        server.close()
        raise
    return server


class Server:
    """limit: instructions after which the run ends, if any. guest: the software, as far as it is known."""

    def __init__(
        self,
        timeline: Timeline,
        listener: socket.socket,
        terminal: Terminal | None = None,
        guest: Guest | None = None,
        limit: int | None = None,
    ) -> None:
        self._timeline, self._listener = timeline, listener
        self._terminal: Terminal = terminal or Silent()
        self._guest: Guest = guest or Bare()
        self._registers = Registers(timeline.machine)
        self._last = None if limit is None else timeline.now + limit
        self._session = self._new_session()
        self._connection: socket.socket | None = None
        self._receiver = Receiver()
        self._inbox: deque[Received] = deque()
        self._sent = b""  # the last packet, in case gdb wants it again
        self._heard = 0.0  # host time of the last input
        self._hopeless = False  # whether gdb has been told that the guest sleeps for ever
        self._typed = bytearray()  # for the guest, once it runs where nothing was typed before

    def serve(self) -> Outcome:
        """Until the guest ends or is killed (reason KILLED), or nothing can wake it and no gdb is there ("idle")."""
        self._timeline.interrupted = self._interrupted
        if self._terminal.typed:
            self._timeline.machine.pause = self._pause  # for a person at the keyboard a second is a second
        try:
            while True:
                outcome = self._turn()
                if outcome is not None:
                    return outcome
        finally:
            self._timeline.interrupted = lambda: False
            self._timeline.machine.pause = None
            self._terminal.flush()
            self._hang_up()
            self._listener.close()

    def _turn(self) -> Outcome | None:
        """One round: what has come from gdb and from the terminal, then a slice of the machine's motion."""
        self._hear()
        if self._session.killed:
            return Outcome(KILLED)
        if not self._session.runner.moving:
            return None
        outcome = self._slice()
        if outcome is None:
            return None
        self._terminal.flush()
        if self._connection is None or self._session.is_end(outcome):
            self._say_goodbye(outcome)
            return outcome
        self._send(self._session.stopped(outcome))
        return None

    # ---- the machine -------------------------------------------------------------------------------------------------
    def _slice(self) -> Outcome | None:
        runner = self._session.runner
        if self._typed and runner.forwards and self._is_time_to_pass_on():
            self._timeline.receive(bytes(self._typed))
            self._typed.clear()
            runner.asleep = False
        if not runner.asleep:
            self._hopeless = False
            outcome = runner.slice()
            self._terminal.flush()
            if not runner.asleep:
                return outcome
        return None if self._terminal.fd is not None or self._typed or self._hopeless else self._last_words()

    def _last_words(self) -> Outcome | None:
        """The guest waits for input that will never come -> the end, unless gdb is there to look at it."""
        self._typed += self._terminal.last_words()
        if not self._typed and self._connection is None:
            return Outcome(IDLE)
        if not self._typed:
            self._hopeless = True
            self._send_text("the guest sleeps, and nothing can wake it any more; Ctrl-C stops it here\n")
        return None

    def _is_time_to_pass_on(self) -> bool:
        if self._timeline.machine.uart.waiting >= HEARD_AHEAD:
            return False
        waited = time.perf_counter() - self._heard
        return self._terminal.typed or self._session.runner.asleep or waited > PATIENCE_SECONDS

    # ---- waiting -----------------------------------------------------------------------------------------------------
    def _hear(self) -> None:
        """Waits, if the machine has nothing to do, and takes what has come."""
        runner = self._session.runner
        busy = runner.moving and (not runner.asleep or bool(self._typed))
        ready = select.select(self._sources(), [], [], 0 if busy or self._inbox else None)[0]
        self._receive()
        self._answer()
        if self._listener in ready:  # only now: perhaps the last gdb has just gone
            self._accept()
        if self._terminal.fd in ready:
            self._typed += self._terminal.read()
            self._heard = time.perf_counter()

    def _sources(self) -> list[socket.socket | int]:
        """-> where something may come from."""
        sources: list[socket.socket | int] = [self._listener]
        if self._connection is not None:
            sources.append(self._connection)
        if self._terminal.fd is not None and len(self._typed) < HEARD_AHEAD:
            sources.append(self._terminal.fd)
        return sources

    def _pause(self, seconds: float) -> float:
        """The guest sleeps for so long, by its timer: waits, but no longer than until something comes -> seconds."""
        self._terminal.flush()
        begun = time.perf_counter()
        select.select(self._sources(), [], [], seconds)
        return min(time.perf_counter() - begun, seconds)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        if self._connection is not None:
            connection.close()
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(SEND_SECONDS)
        self._connection, self._receiver, self._sent = connection, Receiver(), b""
        self._inbox.clear()
        self._session = self._new_session()  # it stops a machine that was running on its own

    def _new_session(self) -> Session:
        return Session(self._timeline, self._registers, self._guest, self._last)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._session.points.clear()
        self._session.runner.stop()

    # ---- packets -----------------------------------------------------------------------------------------------------
    def _receive(self) -> None:
        """What gdb has sent joins what has not been answered yet; its having gone, too."""
        while self._connection is not None and LOST not in self._inbox and len(self._inbox) < MOST_WAITING:
            if not select.select([self._connection], [], [], 0)[0]:
                return
            try:
                data = self._connection.recv(READ_SIZE)
            except OSError:
                data = b""
            self._inbox.extend(self._receiver.feed(data) if data else [LOST])

    def _interrupted(self) -> bool:
        """-> whether gdb wants what it has asked for to end: by Ctrl-C, or because it has gone."""
        self._receive()
        return any(each.kind in (gdb_packets.INTERRUPT, LOST.kind) for each in self._inbox)

    def _answer(self) -> None:
        """Everything that is waiting, up to what ends the connection."""
        while self._inbox and self._connection is not None and not self._session.killed:
            self._take(*self._inbox.popleft())

    def _take(self, kind: str, packet: bytes) -> None:
        session = self._session
        match kind:
            case LOST.kind:
                self._hang_up()
            case gdb_packets.PACKET:
                acknowledges = session.acknowledges
                if acknowledges:
                    self._write(ACKNOWLEDGED)
                replies = session.handle(packet)
                if acknowledges:
                    self._forget_impatience(packet)
                for reply in replies:
                    self._send(reply)
                if session.detached:
                    self._hang_up()
                    session.runner.run()
            case gdb_packets.INTERRUPT:
                stopped = session.interrupt()
                if stopped is not None:
                    self._send(stopped)
            case gdb_packets.NAK:
                if session.acknowledges:  # else it is a gdb that has lost patience, and will get the reply all the same
                    self._write(self._sent)
            case gdb_packets.DAMAGED:
                if session.acknowledges:
                    self._write(AGAIN)

    def _forget_impatience(self, packet: bytes) -> None:
        """gdb may have sent this packet again, or asked for the reply, before there was one: one reply is enough."""
        self._receive()
        while self._inbox and self._inbox[0] in (Received(gdb_packets.PACKET, packet), Received(gdb_packets.NAK)):
            self._inbox.popleft()

    def _send(self, data: bytes) -> None:
        self._sent = frame(data)
        self._write(self._sent)

    def _send_text(self, text: str) -> None:
        """Shown by gdb while it waits for the machine."""
        self._send(b"O" + text.encode().hex().encode())

    def _write(self, data: bytes) -> None:
        if self._connection is None:
            return
        try:
            self._connection.sendall(data)
        except OSError:  # gdb has gone, or does not listen
            self._hang_up()

    def _say_goodbye(self, outcome: Outcome) -> None:
        """The guest has ended: so says gdb."""
        if self._connection is not None:
            status = (outcome.status or 0) if outcome.reason == HALT else UNFINISHED
            self._send(b"W%02x" % min(status, LARGEST_STATUS))
