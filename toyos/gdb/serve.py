"""`--gdb PORT`: a machine that waits for gdb, with the guest's console on this terminal -> how its run ended."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from toyos.boot import END_OF_INPUT, ENDS_MAX, Computer
from toyos.console import Console, Left, raw_terminal
from toyos.errors import FAILURE, USAGE, CommandError
from toyos.gdb.guest import ToyosGuest
from toyos.gdb.symbols import programs
from toyos.inspect import Inspector
from toyos.symbols import Table
from vm import aout
from vm.gdb_guest import Bare, Guest
from vm.gdb_target import MODES
from vm.gdbstub import KILLED, LOOPBACK, Server, listen
from vm.loader import Image
from vm.machine import Machine
from vm.stops import Stop
from vm.timetravel import Timeline

PORTS = range(1 << 16)
PRIVILEGED = 1024  # ports below are the administrator's


class Terminal:
    """A Console as the server's Terminal (vm/gdbstub.py). end: what a guest is told whose input has ended; so many
    times at most."""

    def __init__(self, console: Console, end: bytes = b"", times: int = 0) -> None:
        self._console, self._end, self._left = console, end, times
        self.flush, self.read = console.flush, console.read

    @property
    def fd(self) -> int | None:
        return self._console.fd

    @property
    def typed(self) -> bool:
        return self._console.typed

    def last_words(self) -> bytes:
        self._left -= 1
        return self._end if self._left >= 0 else b""


class Door:
    """The socket on which gdb is awaited. place: what the user wrote behind --gdb: PORT or HOST:PORT. Raises
    CommandError for what is no such place, for one that cannot be had, and for a mode that gdb does not know."""

    def __init__(self, place: str, mode: str) -> None:
        if mode not in MODES:
            raise CommandError(
                f"--gdb: gdb has no processor like that of mode {mode}; expected {' or '.join(MODES)}", USAGE
            )
        host, _, port = place.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") or LOOPBACK
        if not (port.isascii() and port.isdecimal() and int(port) in PORTS):
            raise CommandError(
                f"--gdb {place}: expected PORT or HOST:PORT, with a port from 0 (any that is free) to {PORTS[-1]}",
                USAGE,
            )
        try:
            self.listener = listen(host, int(port))
        except (OSError, UnicodeError) as fault:
            raise CommandError(f"--gdb {place}: {_why(fault, int(port))}", FAILURE) from None

    @property
    def address(self) -> str:
        """-> as gdb's `target remote` wants it."""
        host, port = self.listener.getsockname()[:2]
        return f"[{host}]:{port}" if self.listener.family == socket.AF_INET6 else f"{host}:{port}"

    def runner(
        self,
        computer: Computer,
        console: Console,
        speaker: str,
        limit: int | None = None,
        own: Mapping[str, bytes] | None = None,
    ) -> Callable[[], Stop]:
        """An observed computer -> what runs it to its end. own: the user's program with its lines, as Inspector takes
        it; speaker: who talks to the user; limit: most instructions."""
        terminal = Terminal(console, END_OF_INPUT, ENDS_MAX)
        inspector = Inspector(computer.machine, computer.parts, own)

        def guest(timeline: Timeline) -> Guest:
            return ToyosGuest(timeline, inspector, next(iter(own or ()), ""))

        return lambda: self._serve(computer.machine, terminal, guest, speaker, limit)

    def bare_runner(
        self, machine: Machine, console: Console, speaker: str, limit: int | None = None
    ) -> Callable[[], Stop]:
        """The same for an observed machine into which something was loaded."""
        assert machine.loaded is not None
        image = machine.loaded.image
        guest = Bare("/" + Path(image.name).name, elf_of(image))
        return lambda: self._serve(machine, Terminal(console), lambda timeline: guest, speaker, limit)

    def _serve(
        self,
        machine: Machine,
        terminal: Terminal,
        guest: Callable[[Timeline], Guest],
        speaker: str,
        limit: int | None,
    ) -> Stop:
        """Raises Left when gdb kills the machine, or the user types Ctrl-A x."""
        timeline = Timeline(machine)
        known = guest(timeline)
        known.file(known.executable)  # gdb is not patient: what takes long to make is made before it comes
        server = Server(timeline, self.listener, terminal, known, limit)
        print(
            f"{speaker}: waits for gdb: gdb-multiarch -ex 'target remote {self.address}'", file=sys.stderr, flush=True
        )
        with raw_terminal(terminal.fd):
            outcome = server.serve()
        if outcome.reason == KILLED:
            raise Left
        return Stop(outcome.reason, outcome.status)


def elf_of(image: Image) -> bytes:
    """What was loaded -> an ELF for gdb; empty for a raw image, which has no symbols."""
    if image.kind == "elf":
        return image.content
    return programs([Table(aout.read(image.content, image.name), image.name)]) if image.kind == "a.out" else b""


def _why(fault: Exception, port: int) -> str:
    if isinstance(fault, PermissionError) and port < PRIVILEGED:
        return f"ports below {PRIVILEGED} are the administrator's; expected a higher one"
    if isinstance(fault, socket.gaierror | UnicodeError):
        return "no such host"
    if isinstance(fault, OSError) and fault.errno == errno.EADDRINUSE:
        return "the port is in use; expected another one, or 0 for any that is free"
    return (getattr(fault, "strerror", None) or str(fault)).lower()
