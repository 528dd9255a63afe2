"""The server on a socket: whoever connects, leaves, or sends rubbish, it goes on as it should."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gdb.rig import COUNTING, ENDLESS, machine_of
from tests.gdb.wire import SECONDS, Gdb, sent
from vm.gdb_guest import Bare
from vm.gdbstub import KILLED, LOOPBACK, Server, Terminal, listen
from vm.observe import Outcome
from vm.timetravel import Timeline

# Prints each byte that it receives, plus one; sleeps while there is none.
ECHO = """
        .globl  _start
_start: li      s0, 0x10000000
        li      t0, 1
        sb      t0, 1(s0)
        li      t1, 0x0c000028
        sw      t0, 0(t1)
        li      t1, 0x0c002000
        li      t0, 1 << 10
        sw      t0, 0(t1)
        li      t0, 1 << 11
        csrw    mie, t0
        li      s1, 0x0c200004          # claim of machine mode, and completion
again:  wfi
        lw      a1, 0(s1)
        lbu     t0, 5(s0)
        andi    t0, t0, 1
        beqz    t0, 1f
        lbu     a0, 0(s0)
        addi    a0, a0, 1
        sb      a0, 0(s0)
1:      sw      a1, 0(s1)
        j       again
"""


class Keys:
    """A Terminal whose keyboard is a pipe."""

    typed = True

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self.fd: int | None = reading

    def press(self, data: bytes) -> None:
        os.write(self._writing, data)

    def close(self) -> None:
        os.close(self._writing)

    def read(self) -> bytes:
        assert self.fd is not None
        data = os.read(self.fd, 100)
        if not data:
            os.close(self.fd)
            self.fd = None
        return data

    def flush(self) -> None:
        pass

    def last_words(self) -> bytes:
        return b""


class Running:
    """A server at work in a thread. outcome: how it ended."""

    def __init__(self, source: str, terminal: Terminal | None = None, limit: int | None = None) -> None:
        machine, self.symbols = machine_of(source)
        self.timeline = Timeline(machine)
        listener = listen(LOOPBACK, 0)
        self.address = listener.getsockname()
        self.server = Server(self.timeline, listener, terminal, Bare(), limit)
        self.outcome: Outcome | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        self.outcome = self.server.serve()

    def ended(self) -> Outcome:
        self.thread.join(SECONDS)
        assert self.outcome is not None, "the server did not come to its end"
        return self.outcome


@contextmanager
def running(source: str, terminal: Terminal | None = None, limit: int | None = None) -> Iterator[Running]:
    """A server; at the end it is killed, if it is still there."""
    server = Running(source, terminal, limit)
    try:
        yield server
    finally:
        if server.thread.is_alive():
            with Gdb(server.address) as gdb:
                gdb.tell(b"k")
            server.thread.join(SECONDS)
        assert not server.thread.is_alive()


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_nothing_runs_before_gdb_says_so_and_the_exit_is_told() -> None:
    with running(COUNTING) as server, Gdb(server.address) as gdb:
        assert gdb.ask(b"?").startswith(b"T05") and server.timeline.now == 0
        assert gdb.ask(b"vCont;c") == b"W03"
        assert server.ended() == Outcome("halt", (), 3)


def test_detached_the_guest_runs_to_its_end() -> None:
    with running(COUNTING) as server, Gdb(server.address) as gdb:
        gdb.ask(b"Z0,%x,4" % server.symbols["beat"])
        assert gdb.ask(b"D") == b"OK" and gdb.is_over()
        assert server.ended().status == 3, "no breakpoint has stopped it"


def test_killed_it_ends() -> None:
    with running(ENDLESS) as server, Gdb(server.address) as gdb:
        gdb.tell(b"k")
        assert server.ended().reason == KILLED


def test_ctrl_c_stops_and_a_second_gdb_can_attach_after_the_first_has_left() -> None:
    with running(ENDLESS) as server:
        with Gdb(server.address) as gdb:
            gdb.tell(b"c")
            gdb.socket.sendall(b"\x03")
            assert next(gdb.replies()).startswith(b"T02")
            assert gdb.ask(b"D") == b"OK"
        assert eventually(lambda: server.timeline.now > 10_000), "it runs without gdb"
        with Gdb(server.address) as gdb:
            assert gdb.ask(b"?").startswith(b"T05")
            here = gdb.ask(b"p20")
            time.sleep(0.05)
            assert gdb.ask(b"p20") == here, "and stands as soon as there is a gdb again"


def test_ctrl_c_stops_a_search_backwards() -> None:
    with running(ENDLESS) as server, Gdb(server.address) as gdb:
        gdb.tell(b"c")
        assert eventually(lambda: server.timeline.now > 1_000_000)
        gdb.socket.sendall(b"\x03")
        assert next(gdb.replies()).startswith(b"T02")
        gdb.ask(b"Z2,80010000,4")
        gdb.socket.sendall(sent(b"bc") + b"\x03")
        reply = next(gdb.replies())
        assert reply.startswith(b"T02") or b"replaylog:begin" in reply


def test_a_second_gdb_is_turned_away() -> None:
    with running(COUNTING) as server, Gdb(server.address) as first:
        assert first.ask(b"?")
        with Gdb(server.address) as second:
            assert second.is_over()
        assert first.ask(b"?").startswith(b"T05")


@pytest.mark.parametrize("last", [b"", b"$m800", sent(b"c"), b"$X80000000,4:}", sent(b"vCont;c") + b"\x03"])
def test_a_gdb_that_vanishes_leaves_the_machine_standing(last: bytes) -> None:
    with running(ENDLESS) as server:
        with Gdb(server.address) as gdb:
            gdb.ask(b"Z0,%x,4" % server.symbols["_start"])
            gdb.socket.sendall(last)
        with Gdb(server.address) as gdb:
            for _ in range(2):
                assert eventually(lambda: server.server._session.points.all == [])
                assert gdb.ask(b"?").startswith(b"T05")


def test_in_the_protocol_of_acknowledgements() -> None:
    with running(COUNTING) as server, Gdb(server.address) as gdb:
        gdb.socket.sendall(b"$?#00")
        assert gdb.receives(b"-"), "a wrong checksum is asked for again"
        gdb.socket.sendall(sent(b"qC"))
        assert gdb.receives(b"+$QC1#c5")
        gdb.socket.sendall(b"-")
        assert gdb.receives(b"$QC1#c5")
        gdb.socket.sendall(b"+" + sent(b"qC") + sent(b"qC") + b"-" + sent(b"qAttached"))
        assert gdb.receives(b"+$QC1#c5+$1#31"), "who was impatient gets one reply all the same"
        gdb.socket.sendall(b"++" + sent(b"QStartNoAckMode"))
        assert gdb.receives(b"+$OK#9a")
        gdb.socket.sendall(b"+" + sent(b"qC"))
        assert gdb.receives(b"$QC1#c5")
        gdb.socket.sendall(b"-$bad#00" + sent(b"qC"))
        assert gdb.receives(b"$QC1#c5"), "nothing is asked for again"


def test_the_console_stays_live() -> None:
    keys = Keys()
    with running(ECHO, keys) as server, Gdb(server.address) as gdb:
        keys.press(b"a")
        gdb.tell(b"c")
        assert eventually(lambda: server.timeline.output == b"b"), "what was typed before it ran is heard, too"
        keys.press(b"GD")
        assert eventually(lambda: server.timeline.output == b"bHE")
        gdb.socket.sendall(b"\x03")
        assert next(gdb.replies()).startswith(b"T02"), "a guest that sleeps can be stopped"
        keys.close()
        gdb.tell(b"c")
        assert b"nothing can wake it" in bytes.fromhex(next(gdb.replies())[1:].decode())
        gdb.socket.sendall(b"\x03")
        assert next(gdb.replies()).startswith(b"T02")


def test_what_is_typed_in_the_past_is_heard_in_the_present() -> None:
    keys = Keys()
    with running(ECHO, keys) as server, Gdb(server.address) as gdb:
        keys.press(b"a")
        gdb.tell(b"c")
        assert eventually(lambda: server.timeline.output == b"b")
        gdb.socket.sendall(b"\x03")
        next(gdb.replies())
        assert b"replaylog:begin" in gdb.ask(b"bc") and server.timeline.output == b""
        keys.press(b"c")
        gdb.tell(b"c")
        assert eventually(lambda: server.timeline.output == b"bd"), "the past is as it was"
        gdb.socket.sendall(b"\x03")
        next(gdb.replies())


def test_without_gdb_a_guest_that_nothing_can_wake_ends() -> None:
    keys = Keys()
    keys.close()
    with running(ECHO, keys) as server, Gdb(server.address) as gdb:
        assert gdb.ask(b"D") == b"OK"
        assert server.ended().reason == "idle"


def test_the_limit_of_the_run() -> None:
    with running(ENDLESS, limit=5000) as server, Gdb(server.address) as gdb:
        assert gdb.ask(b"c") == b"W7c"
        assert server.ended().reason == "limit" and server.timeline.now == 5000


def test_a_port_that_is_taken() -> None:
    with listen(LOOPBACK, 0) as taken, pytest.raises(OSError):
        listen(LOOPBACK, taken.getsockname()[1])


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=60) | st.binary(max_size=30).map(sent), max_size=8))
def test_rubbish_does_no_harm(chunks: list[bytes]) -> None:
    with running(ENDLESS) as server:
        with Gdb(server.address) as gdb:
            try:
                for chunk in chunks:
                    gdb.socket.sendall(chunk)
                gdb.socket.shutdown(socket.SHUT_WR)
                while gdb.socket.recv(1 << 16):
                    pass
            except OSError:
                pass
        assert server.thread.is_alive() or server.ended().reason == KILLED, "one of them can have meant: kill"
