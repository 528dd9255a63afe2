"""The console as programs and people see it: line editing, end of file, type-ahead, and plain bytes for pipes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from toyos.boot import END_OF_INPUT, Computer, boot

LIMIT = 200_000_000  # instructions: far more than any of these runs needs
TYPE_AHEAD = 1024  # bytes that the kernel keeps for a reader (LINE_SIZE in toyos/kernel/console.inc)


@dataclass
class Session:
    """What the terminal showed, and how the machine stopped."""

    shown: bytes
    status: int | None


def typed(command: list[str], *pieces: bytes) -> Session:
    """Words of a command and what is typed, each piece once the guest sleeps for input -> the session."""
    shown = bytearray()
    computer = Computer(command, terminal=True, console=shown.extend)
    for piece in pieces:
        assert computer.machine.run(LIMIT).reason == "idle"
        computer.machine.uart.receive(piece)
    stop = computer.machine.run(LIMIT)
    assert stop.reason in ("halt", "idle")
    return Session(bytes(shown), stop.status)


@pytest.mark.parametrize(
    ("keys", "shown", "read"),
    [
        (b"plain\r", b"plain\r\n", b"plain\r\n"),
        (b"newline\n", b"newline\r\n", b"newline\r\n"),
        (b"abX\x7fc\n", b"abX\b \bc\r\n", b"abc\r\n"),
        (b"abX\x08c\n", b"abX\b \bc\r\n", b"abc\r\n"),
        (b"\x7f\x7fempty\n", b"empty\r\n", b"empty\r\n"),
        (b"foo\x15bar\n", b"foo" + b"\b \b" * 3 + b"bar\r\n", b"bar\r\n"),
        (b"a\tb\x7f\x7fc\n", b"a^Ib" + b"\b \b" * 3 + b"c\r\n", b"ac\r\n"),
        ("ä€x\x7f\x7f\x7f.\n".encode(), "ä€x".encode() + b"\b \b" * 3 + b".\r\n", b".\r\n"),
        (b"no\x03yes\n", b"no^C\r\nyes\r\n", b"yes\r\n"),
        (b"\xff\xfe\n", b"\xff\xfe\r\n", b"\xff\xfe\r\n"),
    ],
    ids=["return", "newline", "delete", "backspace", "nothing left", "kill", "control", "utf-8", "interrupt", "bytes"],
)
def test_line_editing(keys: bytes, shown: bytes, read: bytes) -> None:
    session = typed(["cat"], keys, b"\x04")
    assert session == Session(shown + read, 0)


def test_a_line_is_read_only_when_it_is_complete() -> None:
    session = typed(["cat"], b"one ", b"line", b"\x7f\x7f\x7f\x7fpiece\n", b"\x04")
    assert session == Session(b"one line" + b"\b \b" * 4 + b"piece\r\none piece\r\n", 0)


def test_end_of_file_inside_a_line_only_sends_it() -> None:
    session = typed(["cat"], b"part\x04", b" rest\n", b"\x04")
    assert session == Session(b"partpart rest\r\n rest\r\n", 0)


def test_the_end_of_file_mark_stays_behind_the_lines_before_it() -> None:
    assert typed(["cat"], b"a\nb\n\x04") == Session(b"a\r\nb\r\na\r\nb\r\n", 0)


def test_a_line_longer_than_the_type_ahead_arrives_whole() -> None:
    line = b"x" * (3 * TYPE_AHEAD + 5)
    assert typed(["wc"], line + b"\n\x04").shown.split()[-3:] == [b"1", b"1", str(len(line) + 1).encode()]


def test_more_type_ahead_than_the_kernel_keeps_is_not_lost() -> None:
    text = b"".join(b"line %d\n" % number for number in range(20 * TYPE_AHEAD // 8))
    result = boot(command="sleep 1; cat", stdin=text, max_instructions=LIMIT)
    assert (result.status, result.output) == (0, text)


def test_without_a_terminal_bytes_pass_unchanged() -> None:
    text = bytes(set(range(256)) - {END_OF_INPUT[0]}) + b"lines\r\n\0\0no newline at the end"
    result = boot(command="cat", stdin=text, max_instructions=LIMIT)
    assert result.output == text


def test_readers_take_turns() -> None:
    session = typed(["sh", "-c", "cat & cat; wait"], b"one\n", b"two\n", b"\x04", b"\x04")
    assert session.status == 0
    assert sorted(session.shown.split()) == [b"one", b"one", b"two", b"two"]


READV = """
.include "common.inc"
.include "syscall.inc"
proc main
        la      s0, vector
        li      a0, 0
        mv      a1, s0
        li      a2, 2
        syscall SYS_readv
        mv      a1, a0
        la      a0, text
        call    printf
        li      a0, 0
        return
endp
.data
.balign 4
vector: .word   first, 4, second, 100
text:   .asciz  "%d\\n"
.bss
first:  .space  4
second: .space  100
"""


@pytest.mark.parametrize(("line", "count"), [(b"abc\n", 4), (b"abcdef\n", 7), (b"a\n", 2)])
def test_a_read_into_two_places_takes_a_line_once(tmp_path: Path, line: bytes, count: int) -> None:
    source = tmp_path / "reader.s"
    source.write_text(READV)
    result = boot(files=[source], stdin=line, max_instructions=LIMIT)
    assert (result.status, result.output) == (0, b"%d\n" % count)
