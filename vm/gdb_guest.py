"""What a gdb server shows of the software on a machine: files with symbols, processes, commands after `monitor`.

The server knows the machine alone. Whoever knows the operating system on it hands in a Guest of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from vm.observe import Accept


class Command(NamedTuple):
    """A word after gdb's `monitor`. usage: its arguments; about: what it does, for `monitor help`; run: arguments ->
    text to show. run raises MonitorError, whose message is a sentence."""

    usage: str
    about: str
    run: Callable[[list[str]], str]


class MonitorError(Exception):
    """Arguments after `monitor` that make no sense; the message is a sentence."""


class Thread(NamedTuple):
    """A process that is not the one on the hart, which gdb shows as a thread that stands still. number: of the thread,
    above HART; registers: those known, by gdb's numbers; root: physical address of its page table."""

    number: int
    name: str
    text: str
    registers: Mapping[int, int]
    root: int | None


HART = 1  # number of the thread that is the hart: the only one that ever runs


class Guest(Protocol):
    """executable: path of the file, if any, whose symbols gdb loads by itself when it attaches."""

    executable: str

    def file(self, path: str) -> bytes | None:
        """Path -> an ELF with symbols for gdb, None if there is no such file."""

    def hart(self) -> str:
        """-> what the hart runs now, for `info threads`."""

    def threads(self) -> Sequence[Thread]:
        """-> the processes that are not on the hart."""

    def processes(self) -> Sequence[Mapping[str, str]]:
        """-> column -> text of every process, for `info os processes`."""

    def accept(self, address: int) -> Accept | None:
        """-> asked at each hit of a point at this address, whether it counts; None: all do."""

    def commands(self) -> Mapping[str, Command]:
        """-> further words after `monitor`."""


class Bare:
    """The Guest of which nothing is known but, perhaps, the file it was loaded from."""

    def __init__(self, executable: str = "", content: bytes = b"") -> None:
        self.executable = executable if content else ""
        self._content = content

    def file(self, path: str) -> bytes | None:
        return self._content if self.executable and path == self.executable else None

    def hart(self) -> str:
        return ""

    def threads(self) -> Sequence[Thread]:
        return ()

    def processes(self) -> Sequence[Mapping[str, str]]:
        return ()

    def accept(self, address: int) -> Accept | None:
        return None

    def commands(self) -> Mapping[str, Command]:
        return {}
