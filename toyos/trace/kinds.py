"""The kinds of arguments that system calls have: a word, and what it leads to in memory -> text as strace prints it.

One function a kind. Those made by `result_kind` are shown when the call has returned, as the kernel writes what they
lead to; of a call that failed they show the address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from toyos.constants import code_of, equates, signal_names, signal_of
from toyos.inspect.memory import UserMemory
from toyos.trace.quoting import address, flags, one_of, quoted, signed
from vm.arch import WORD

PATH_SIZE = 4096  # names are shown whole
ARGUMENTS_SHOWN = 32
_FCNTL, _WAIT, _TERMIOS = (equates("include", f"{name}.inc") for name in ("fcntl", "wait", "termios"))
_TIME, _DESCRIPTORS = equates("include", "time.inc"), equates("kernel", "fd.s")
_OPEN_FLAGS = [
    name for name in _FCNTL if name.startswith("O_") and name not in ("O_ACCMODE", "O_RDONLY", "O_WRONLY", "O_RDWR")
]
_ACCESS = ((4, "R_OK"), (2, "W_OK"), (1, "X_OK"))


class View(NamedTuple):
    """An argument to show. word: its own; words: all four; at: which it is; result: of the call, None before it
    returns; offsets: of the guest's structures, by name; room: bytes of a string that are shown."""

    memory: UserMemory
    words: tuple[int, int, int, int]
    at: int
    result: int | None
    offsets: Mapping[str, int]
    room: int

    @property
    def word(self) -> int:
        return self.words[self.at]

    @property
    def next(self) -> int:
        """-> the argument behind it."""
        return self.words[self.at + 1]

    def field(self, structure: bytes, name: str, size: int = WORD) -> int:
        """Bytes of a structure and the name of a field's offset -> the field's value."""
        at = self.offsets[name]
        return int.from_bytes(structure[at : at + size], "little")

    def structure(self, size: str) -> bytes | None:
        """-> the structure that the argument leads to; size: the name of its size."""
        return self.memory.read(self.word, self.offsets[size]) if self.word else None


class Kind(NamedTuple):
    """show: what prints it; late: whether it can be shown only when the call has returned."""

    show: Callable[[View], str]
    late: bool = False


def result_kind(show: Callable[[View], str]) -> Kind:
    """What prints a result in memory -> the kind."""
    return Kind(lambda view: address(view.word) if (view.result or 0) < 0 else show(view), late=True)


def _bytes(view: View, where: int, size: int) -> str:
    content = view.memory.read(where, min(size, view.room))
    return address(where) if content is None else quoted(content, size > view.room)


def _text(view: View, where: int, room: int) -> str:
    content = view.memory.string(where, room + 1)
    return address(where) if not where or content is None else quoted(content[:room], len(content) > room)


def _timespec(view: View) -> str:
    content = view.structure("TIMESPEC_SIZE")
    if content is None:
        return address(view.word)
    return f"{{tv_sec={view.field(content, 'TIMESPEC_SEC', 8)}, tv_nsec={view.field(content, 'TIMESPEC_NSEC')}}}"


def _strings(view: View) -> str:
    shown: list[str] = []
    at = view.word
    while at and len(shown) < ARGUMENTS_SHOWN:
        pointer = view.memory.word(at)
        if pointer is None:
            return address(view.word)
        if not pointer:
            return f"[{', '.join(shown)}]"
        shown.append(_text(view, pointer, view.room))
        at += WORD
    return f"[{', '.join(shown)}, ...]" if at else "NULL"


def _environment(view: View) -> str:
    count, at = 0, view.word
    while at and view.memory.word(at):
        count, at = count + 1, at + WORD
    return f"{address(view.word)} /* {count} var{'s' if count != 1 else ''} */" if view.word else "NULL"


def _open_flags(view: View) -> str:
    access = one_of(view.word & _FCNTL["O_ACCMODE"], ("O_RDONLY", "O_WRONLY", "O_RDWR"), _FCNTL)
    more = flags(view.word & ~_FCNTL["O_ACCMODE"], _OPEN_FLAGS, _FCNTL, none="")
    return f"{access}|{more}" if more else access


def _open_mode(view: View) -> str:
    return f"{view.word:#03o}".replace("0o", "0") if view.words[view.at - 1] & _FCNTL["O_CREAT"] else ""


def _command_argument(view: View) -> str:
    command = view.words[view.at - 1]
    if command in (_DESCRIPTORS["F_GETFD"], _DESCRIPTORS["F_GETFL"]):
        return ""
    if command == _DESCRIPTORS["F_SETFD"]:
        return flags(view.word, ("FD_CLOEXEC",), _DESCRIPTORS)
    return _open_flags(view) if command == _DESCRIPTORS["F_SETFL"] else str(signed(view.word))


def _access(view: View) -> str:
    return "|".join(name for bit, name in _ACCESS if view.word & bit) or "F_OK"


def status_text(status: int) -> str:
    """Status of wait(2) -> the macros that hold of it."""
    number = signal_of(status)
    if number:
        return f"WIFSIGNALED(s) && WTERMSIG(s) == {signal_names().get(number, number)}"
    return f"WIFEXITED(s) && WEXITSTATUS(s) == {code_of(status)}"


def _status(view: View) -> str:
    content = view.memory.word(view.word) if view.word and view.result else None
    return address(view.word) if content is None else f"[{{{status_text(content)}}}]"


def _rusage(view: View) -> str:
    content = view.structure("RUSAGE_SIZE") if view.result else None
    if content is None:
        return address(view.word)
    seconds, micro = (view.field(content, f"RUSAGE_UTIME_{unit}") for unit in ("SEC", "USEC"))
    return f"{{ru_utime={{tv_sec={seconds}, tv_usec={micro}}}, ...}}"


def _stat(view: View) -> str:
    content = view.structure("STAT_SIZE")
    if content is None:
        return address(view.word)
    mode, size = view.field(content, "STAT_MODE"), view.field(content, "STAT_BYTES", 8)
    kind = one_of(mode & _FCNTL["S_IFMT"], ("S_IFDIR", "S_IFCHR", "S_IFREG"), _FCNTL)
    return f"{{st_mode={kind}|0{mode & ~_FCNTL['S_IFMT']:o}, st_size={size}, ...}}"


def _tms(view: View) -> str:
    content = view.structure("TMS_SIZE")
    if content is None:
        return address(view.word)
    values = (
        f"tms_{name.lower()}={view.field(content, f'TMS_{name}')}" for name in ("UTIME", "STIME", "CUTIME", "CSTIME")
    )
    return f"{{{', '.join(values)}}}"


def _entries(view: View) -> str:
    content = view.memory.read(view.word, view.result or 0) or b""
    count, at = 0, 0
    while at < len(content):
        length = view.field(content[at:], "DIRENT_LENGTH", 2)
        count, at = count + 1, at + max(length, 1)
    return f"{address(view.word)} /* {count} entr{'ies' if count != 1 else 'y'} */"


def _vectors(view: View) -> str:
    shown, left = [], view.result if view.result is not None else 1 << 31
    for number in range(min(view.next, ARGUMENTS_SHOWN)):
        base, size = (view.memory.word(view.word + WORD * (2 * number + part)) for part in (0, 1))
        if base is None or size is None:
            return address(view.word)
        shown.append(f"{{iov_base={_bytes(view, base, min(size, left))}, iov_len={size}}}")
        left = max(left - size, 0)
    return f"[{', '.join(shown)}{', ...' if view.next > ARGUMENTS_SHOWN else ''}]"


def _settings(view: View) -> str:
    if view.words[1] not in (_TERMIOS[name] for name in _REQUESTS):
        return address(view.word)
    content = view.structure("TC_SIZE")
    if content is None:
        return address(view.word)
    parts = (
        f"c_{name.lower()}={flags(view.field(content, f'TC_{name}'), names, _TERMIOS)}"
        for name, names in _SETTINGS.items()
    )
    return f"{{{', '.join(parts)}, ...}}"


def _clone_flags(view: View) -> str:
    number = view.word & _EXIT_SIGNAL
    more = [f"{view.word & ~_EXIT_SIGNAL:#x}"] if view.word & ~_EXIT_SIGNAL else []
    return "flags=" + "|".join([*more, signal_names().get(number, str(number))])


_EXIT_SIGNAL = 0xFF  # the part of clone's flags that is a signal's number
_REQUESTS = ("TCGETS", "TCSETS", "TCSETSW", "TCSETSF")
_SETTINGS = {"IFLAG": ("ICRNL",), "OFLAG": ("OPOST", "ONLCR"), "LFLAG": ("ISIG", "ICANON", "ECHO")}
_COMMANDS = ("F_DUPFD", "F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL", "F_DUPFD_CLOEXEC")
_REBOOT = ("REBOOT_MAGIC1", "REBOOT_MAGIC2", "REBOOT_POWER_OFF")

NUMBER = Kind(lambda view: str(signed(view.word)))
SIZE = Kind(lambda view: str(view.word))
POINTER = Kind(lambda view: address(view.word))
POINTER_RESULT = result_kind(lambda view: address(view.word))
DIRECTORY = Kind(lambda view: one_of(view.word, ("AT_FDCWD",), _FCNTL))
PATH = Kind(lambda view: _text(view, view.word, PATH_SIZE))
PATH_RESULT = result_kind(lambda view: _text(view, view.word, PATH_SIZE))
DATA = Kind(lambda view: _bytes(view, view.word, view.next))
DATA_RESULT = result_kind(lambda view: _bytes(view, view.word, view.result or 0))
VECTORS = Kind(_vectors)
VECTORS_RESULT = result_kind(_vectors)
OPEN_FLAGS, OPEN_MODE = Kind(_open_flags), Kind(_open_mode)
DUP_FLAGS = Kind(lambda view: flags(view.word, ("O_CLOEXEC",), _FCNTL))
ACCESS = Kind(_access)
PATH_FLAGS = Kind(lambda view: flags(view.word, ("AT_EMPTY_PATH",), equates("kernel", "stat.s")))
WHENCE = Kind(lambda view: one_of(view.word, ("SEEK_SET", "SEEK_CUR", "SEEK_END"), _FCNTL))
COMMAND = Kind(lambda view: one_of(view.word, _COMMANDS, _DESCRIPTORS))
COMMAND_ARGUMENT = Kind(_command_argument)
REQUEST = Kind(lambda view: one_of(view.word, _REQUESTS, _TERMIOS))
SETTINGS = result_kind(_settings)
ENTRIES = result_kind(_entries)
STAT = result_kind(_stat)
TIMESPEC, TIMESPEC_RESULT = Kind(_timespec), result_kind(_timespec)
TMS = result_kind(_tms)
CLOCK = Kind(
    lambda view: one_of(
        view.word, [name for name in _TIME if name.startswith("CLOCK_") and name != "CLOCK_TICKS"], _TIME
    )
)
SIGNAL = Kind(lambda view: signal_names().get(view.word, str(signed(view.word))))
STATUS, RUSAGE = result_kind(_status), result_kind(_rusage)
WAIT_OPTIONS = Kind(lambda view: flags(view.word, ("WNOHANG", "WUNTRACED"), _WAIT))
CLONE_FLAGS = Kind(_clone_flags)
STACK = Kind(lambda view: f"child_stack={address(view.word)}")
STRINGS, ENVIRONMENT = Kind(_strings), Kind(_environment)
MAGIC = Kind(
    lambda view: next(
        (name for name in _REBOOT if equates("include", "syscall.inc")[name] == view.word), f"{view.word:#x}"
    )
)
