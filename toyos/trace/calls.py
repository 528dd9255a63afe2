"""The table of system calls: the kinds of their arguments, of their results, and what they are about.

One row a call; a number without a row is shown with four plain words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from toyos import kernel_points
from toyos.constants import call_names
from toyos.errors import suggestion
from toyos.trace import kinds as k
from toyos.trace.kinds import Kind

FILE, DESCRIPTOR, PROCESS, SIGNAL, MEMORY, TIME = "file", "desc", "process", "signal", "memory", "time"


class Row(NamedTuple):
    """arguments: in the order in which they are shown, with the number of the register of each; groups: names that
    stand for it behind `-e trace=%`; pointer: whether its result is an address."""

    arguments: tuple[tuple[int, Kind], ...]
    groups: tuple[str, ...] = ()
    pointer: bool = False


def _row(*kinds: Kind, groups: Iterable[str] = (), pointer: bool = False) -> Row:
    return Row(tuple(enumerate(kinds)), tuple(groups), pointer)


ROWS: Mapping[str, Row] = {
    "getcwd": _row(k.PATH_RESULT, k.SIZE, groups=[FILE]),
    "dup": _row(k.NUMBER, groups=[DESCRIPTOR]),
    "dup3": _row(k.NUMBER, k.NUMBER, k.DUP_FLAGS, groups=[DESCRIPTOR]),
    "fcntl": _row(k.NUMBER, k.COMMAND, k.COMMAND_ARGUMENT, groups=[DESCRIPTOR]),
    "ioctl": _row(k.NUMBER, k.REQUEST, k.SETTINGS, groups=[DESCRIPTOR]),
    "faccessat": _row(k.DIRECTORY, k.PATH, k.ACCESS, groups=[FILE, DESCRIPTOR]),
    "chdir": _row(k.PATH, groups=[FILE]),
    "openat": _row(k.DIRECTORY, k.PATH, k.OPEN_FLAGS, k.OPEN_MODE, groups=[FILE, DESCRIPTOR]),
    "close": _row(k.NUMBER, groups=[DESCRIPTOR]),
    "getdents64": _row(k.NUMBER, k.ENTRIES, k.SIZE, groups=[DESCRIPTOR]),
    "lseek": _row(k.NUMBER, k.NUMBER, k.WHENCE, groups=[DESCRIPTOR]),
    "read": _row(k.NUMBER, k.DATA_RESULT, k.SIZE, groups=[DESCRIPTOR]),
    "write": _row(k.NUMBER, k.DATA, k.SIZE, groups=[DESCRIPTOR]),
    "readv": _row(k.NUMBER, k.VECTORS_RESULT, k.NUMBER, groups=[DESCRIPTOR]),
    "writev": _row(k.NUMBER, k.VECTORS, k.NUMBER, groups=[DESCRIPTOR]),
    "newfstatat": _row(k.DIRECTORY, k.PATH, k.STAT, k.PATH_FLAGS, groups=[FILE, DESCRIPTOR]),
    "fstat": _row(k.NUMBER, k.STAT, groups=[DESCRIPTOR]),
    "exit": _row(k.NUMBER, groups=[PROCESS]),
    "exit_group": _row(k.NUMBER, groups=[PROCESS]),
    "nanosleep": _row(k.TIMESPEC, k.POINTER_RESULT, groups=[TIME]),
    "sched_yield": _row(),
    "kill": _row(k.NUMBER, k.SIGNAL, groups=[SIGNAL, PROCESS]),
    "reboot": _row(k.MAGIC, k.MAGIC, k.MAGIC, k.NUMBER),
    "times": _row(k.TMS, groups=[TIME]),
    "getpid": _row(),
    "getppid": _row(),
    "getuid": _row(),
    "geteuid": _row(),
    "getgid": _row(),
    "getegid": _row(),
    "brk": _row(k.POINTER, groups=[MEMORY], pointer=True),
    "clone": Row(((1, k.STACK), (0, k.CLONE_FLAGS)), (PROCESS,)),
    "execve": _row(k.PATH, k.STRINGS, k.ENVIRONMENT, groups=[FILE, PROCESS]),
    "wait4": _row(k.NUMBER, k.STATUS, k.WAIT_OPTIONS, k.RUSAGE, groups=[PROCESS]),
    "clock_gettime": _row(k.CLOCK, k.TIMESPEC_RESULT, groups=[TIME]),
    "proclist": _row(k.POINTER_RESULT, k.SIZE, groups=[PROCESS]),
    "kstat": _row(k.POINTER_RESULT, k.SIZE),
    "window_flush": _row(),
}
UNKNOWN = _row(k.POINTER, k.POINTER, k.POINTER, k.POINTER)
# What people call them who know the C library better than the table of numbers.
ALIASES: Mapping[str, str] = {
    **kernel_points.ALIASES, "access": "faccessat", "usleep": "nanosleep", "dup2": "dup3", "getdents": "getdents64",
    "readdir": "getdents64", "sbrk": "brk", "_exit": "exit",
}  # fmt: skip
GROUPS = (FILE, DESCRIPTOR, PROCESS, SIGNAL, MEMORY, TIME)


class FilterError(Exception):
    """An expression of `-e` that makes no sense; the message is a sentence."""


def row_of(name: str) -> Row:
    """Name of a system call -> its row."""
    return ROWS.get(name, UNKNOWN)


def name_of(number: int) -> str:
    """Number of a system call -> its name; of one that does not exist, such as "syscall_0x3e7"."""
    return call_names().get(number, f"syscall_{number:#x}")


def selected(expression: str) -> frozenset[str]:
    """What stands behind `-e`, as strace has it (trace=open,wait4  trace=%file  trace=!write) -> the names of the calls
    that are meant. Raises FilterError."""
    head, equals, words = expression.rpartition("=")
    if equals and head != "trace":
        raise FilterError(f"-e {expression}: expected trace=NAME,NAME..., as in -e trace=openat,write")
    everything = frozenset(ROWS)
    inverted = words.startswith("!")
    chosen: set[str] = set()
    for word in words.removeprefix("!").split(","):
        if word == "all":
            chosen |= everything
        elif word.startswith("%"):
            if word[1:] not in GROUPS:
                raise FilterError(f"-e {expression}: there is no group {word!r}; expected %{', %'.join(GROUPS)}")
            chosen |= {name for name, row in ROWS.items() if word[1:] in row.groups}
        elif (name := ALIASES.get(word, word)) in everything:
            chosen.add(name)
        elif word != "none":
            there_are = "toyos/include/syscall.inc lists those that there are"
            hint = suggestion(word, [*everything, *ALIASES], otherwise=there_are)
            raise FilterError(f"-e {expression}: there is no system call {word!r}{hint}")
    return everything - chosen if inverted else frozenset(chosen)
