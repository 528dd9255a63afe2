"""The table of system calls is that of the kernel; arguments and results become text as strace writes them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.rig import system
from toyos.constants import call_names, equates, error_names, error_text, error_texts, signal_names
from toyos.inspect.memory import UserMemory
from toyos.trace.calls import ALIASES, GROUPS, ROWS, FilterError, name_of, row_of, selected
from toyos.trace.counts import table
from toyos.trace.decode import Decoder
from toyos.trace.events import Attempt, Call
from toyos.trace.quoting import flags, quoted, signed

STRING, NOWHERE = 0x1000, 0xF000_0000
CONTENT = b"/etc/a file\n\0" + b"x" * 50 + b"\0"


class Memory(UserMemory):
    """A page of CONTENT at STRING, and nothing else."""

    def __init__(self) -> None:
        self._page = CONTENT.ljust(0x1000, b"\0")

    def read(self, address: int, size: int) -> bytes | None:
        inside = STRING <= address and address + size <= STRING + len(self._page)
        return self._page[address - STRING : address - STRING + size] if inside else None


def decoded(name: str, *words: int, result: int | None = 0) -> str:
    """A call with these words -> how it is shown."""
    a0, a1, a2, a3 = [word & 0xFFFF_FFFF for word in (*words, 0, 0, 0, 0)][:4]
    number = next((number for number, each in call_names().items() if each == name), 999)
    call = Call(2, number, name, (a0, a1, a2, a3), 0, [])
    decoder = Decoder(system().symbols)
    decoder.begin(call, Memory())
    decoder.end(call, Memory(), None if result is None else result & 0xFFFF_FFFF)
    return f"{name}({', '.join(text for text in call.texts if text)}) = {call.returned}"


def test_every_system_call_has_a_row() -> None:
    assert set(ROWS) == set(call_names().values())
    assert set(ALIASES.values()) <= set(ROWS)
    assert {group for row in ROWS.values() for group in row.groups} == set(GROUPS)
    assert all(at in range(4) for row in ROWS.values() for at, _ in row.arguments)


def test_numbers_are_the_kernels() -> None:
    symbols = system().symbols
    for number, name in call_names().items():
        assert symbols[f"SYS_{name}"] == number
    for file in ("fcntl.inc", "wait.inc", "time.inc"):
        for name, value in equates("include", file).items():
            assert symbols.get(name, value & 0xFFFF_FFFF) in (value, value & 0xFFFF_FFFF), name
    assert signal_names()[9] == "SIGKILL" and error_names()[2] == "ENOENT"
    assert all(number < len(error_texts()) for number in error_names())


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (("write", 1, STRING, 12, 12), r'write(1, "/etc/a file\n", 12) = 12'),
        (("write", 1, STRING + 13, 50, 50), f'write(1, "{"x" * 32}"..., 50) = 50'),
        (("write", 1, NOWHERE, 5, -14), "write(1, 0xf0000000, 5) = -1 EFAULT (Bad address)"),
        (("read", 0, STRING, 100, 4), 'read(0, "/etc", 100) = 4'),
        (("read", 0, STRING, 100, -9), "read(0, 0x1000, 100) = -1 EBADF (Bad file descriptor)"),
        (
            ("openat", -100, STRING, 0x241, 0o644, 3),
            r'openat(AT_FDCWD, "/etc/a file\n", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3',
        ),
        (("openat", -100, STRING, 0x80000, 7, 3), r'openat(AT_FDCWD, "/etc/a file\n", O_RDONLY|O_CLOEXEC) = 3'),
        (("openat", 5, 0, 0x40000003, -14), "openat(5, NULL, 3|0x40000000) = -1 EFAULT (Bad address)"),
        (("wait4", -1, 0, 3, 0, -10), "wait4(-1, NULL, WNOHANG|WUNTRACED, NULL) = -1 ECHILD (No child processes)"),
        (("wait4", -1, STRING, 1, 0, 0), "wait4(-1, 0x1000, WNOHANG, NULL) = 0"),
        (("kill", 3, 15, 0), "kill(3, SIGTERM) = 0"),
        (("kill", -3, 77, -22), "kill(-3, 77) = -1 EINVAL (Invalid argument)"),
        (("lseek", 3, -5, 2, 7), "lseek(3, -5, SEEK_END) = 7"),
        (("fcntl", 3, 2, 1, 0), "fcntl(3, F_SETFD, FD_CLOEXEC) = 0"),
        (("fcntl", 3, 4, 0x400, 0), "fcntl(3, F_SETFL, O_RDONLY|O_APPEND) = 0"),
        (("fcntl", 3, 0, 10, 10), "fcntl(3, F_DUPFD, 10) = 10"),
        (("ioctl", 1, 0x5413, STRING, -25), "ioctl(1, 21523, 0x1000) = -1 ENOTTY (Inappropriate ioctl for device)"),
        (("brk", 0, 0x12000), "brk(NULL) = 0x12000"),
        (("exit", 7, None), "exit(7) = ?"),
        (("clone", 0x111, 0x5000, 5), "clone(child_stack=0x5000, flags=0x100|SIGCHLD) = 5"),
        (
            ("reboot", 0xFEE1DEAD, 672274793, 0x4321FEDC, 3, None),
            "reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 3) = ?",
        ),
        (("execve", STRING, 0, 0, -8), r'execve("/etc/a file\n", NULL, NULL) = -1 ENOEXEC (Exec format error)'),
        (("execve", NOWHERE, NOWHERE, 0, -14), "execve(0xf0000000, 0xf0000000, NULL) = -1 EFAULT (Bad address)"),
        (("faccessat", -100, STRING, 0, 0), r'faccessat(AT_FDCWD, "/etc/a file\n", F_OK) = 0'),
        (("faccessat", -100, STRING, 6, 0), r'faccessat(AT_FDCWD, "/etc/a file\n", R_OK|W_OK) = 0'),
        (("newfstatat", 1, STRING + 12, NOWHERE, 0x1000, 0), 'newfstatat(1, "", 0xf0000000, AT_EMPTY_PATH) = 0'),
        (("readv", 3, STRING, 2000, -22), "readv(3, 0x1000, 2000) = -1 EINVAL (Invalid argument)"),
        (("writev", 3, NOWHERE, 2, -14), "writev(3, 0xf0000000, 2) = -1 EFAULT (Bad address)"),
        (
            ("syscall_0x3e7", 1, 2, 3, 4, -38),
            "syscall_0x3e7(0x1, 0x2, 0x3, 0x4) = -1 ENOSYS (Function not implemented)",
        ),
        (("getpid", -4000), "getpid() = -1 4000"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_calls_are_shown_as_strace_shows_them(shown: tuple[str, *tuple[int, ...]], expected: str) -> None:
    name, *words, result = shown
    assert decoded(name, *words, result=result) == expected


def test_numbers_without_a_call() -> None:
    assert name_of(999) == "syscall_0x3e7" and len(row_of(name_of(999)).arguments) == 4
    assert error_text(999) == "999"


@given(st.binary(max_size=40))
def test_quoted_text_means_the_bytes(content: bytes) -> None:
    assert ast.literal_eval("b" + quoted(content)) == content
    assert quoted(content, cut=True) == quoted(content) + "..."


@given(st.integers(0, 0xFFFF_FFFF))
def test_flags_and_signs_lose_nothing(word: int) -> None:
    values = {"A": 1, "B": 0x40, "C": 0x80000}
    parts = [values[part] if part in values else int(part, 0) for part in flags(word, values, values).split("|")]
    assert sum(parts) == word
    assert signed(word) & 0xFFFF_FFFF == word and -(1 << 31) <= signed(word) < 1 << 31


def test_selections() -> None:
    assert selected("trace=open,write") == {"openat", "write"} == selected("openat,write")
    assert selected("trace=%process") >= {"clone", "execve", "exit", "wait4", "kill"}
    assert selected("trace=!write") == set(ROWS) - {"write"}
    assert selected("trace=all") == set(ROWS) and selected("trace=none") == set()
    for wrong, hint in (
        ("trace=opne", "'open'"),
        ("trace=%files", "%file"),
        ("signal=x", "trace=NAME"),
        ("trace=", "''"),
    ):
        with pytest.raises(FilterError, match=hint):
            selected(wrong)


def test_the_table_of_counts() -> None:
    def call(name: str, work: int, attempts: int = 1, failed: bool = False) -> Call:
        pieces = [Attempt(0, 0, work, work)] * attempts
        return Call(2, 0, name, (0, 0, 0, 0), 0, [], attempts=pieces, failed=failed)

    lines = table(
        [call("write", 100), call("write", 100), call("wait4", 100, attempts=2), call("openat", 200, failed=True)]
    )
    rows = [line.split() for line in lines]
    assert rows[0] == ["%", "work", "instructions", "per", "call", "calls", "errors", "retries", "syscall"]
    assert rows[2:5] == [
        ["33.33", "200", "200", "1", "1", "openat"],
        ["33.33", "200", "200", "1", "1", "wait4"],
        ["33.33", "200", "100", "2", "write"],
    ]
    assert rows[-1] == ["100.00", "600", "150", "4", "1", "1", "total"]
    assert table([])[-1].split() == ["0.00", "0", "0", "0", "total"]
