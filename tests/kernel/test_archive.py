"""The initial archive: the forms that other tools give it, and damage, which never hurts the kernel."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toyos import build, cpio
from vm import Machine, Stop
from vm.arch import RAM_BASE

LIMIT = 50_000_000  # instructions
FOLDER, PROGRAM, TEXT, DEVICE = 0o40755, 0o100755, 0o100644, 0o20666
HEADER = 110  # bytes (cpio(5), "New ASCII Format")
FIELD, FIELDS = 8, 13
PANIC_STATUS = 255


@cache
def parts() -> build.System:
    return build.system()


def run(archive: bytes) -> tuple[Stop, str]:
    """An archive -> how the machine stopped, and what it printed."""
    stop, shown, _ = observed(archive)
    return stop, shown


def observed(archive: bytes) -> tuple[Stop, str, Machine]:
    """An archive -> how the machine stopped, what it printed, and the machine."""
    shown = bytearray()
    machine = Machine(console=shown.extend)
    machine.load(parts().kernel, initrd=archive)
    stop = machine.run(LIMIT)
    return stop, shown.decode("latin-1").replace("\r\n", "\n"), machine


def members(*words: str, prefix: str = "") -> bytes:
    """A command -> the members that make init run it, without folders: those are implied."""
    files = {f"bin/{name}": parts().programs[f"bin/{name}"] for name in ("init", "sh", "cat", "ls", "echo")}
    body = b"".join(cpio.entry(prefix + path, PROGRAM, content, 1) for path, content in files.items())
    return body + cpio.entry(prefix + "etc/init.args", TEXT, b"".join(word.encode() + b"\0" for word in words), 1)


END = cpio.entry("TRAILER!!!", 0, b"", 0)


@pytest.mark.parametrize("prefix", ["", "./", "/", ".//./"])
def test_names_may_begin_in_several_ways(prefix: str) -> None:
    greeting = cpio.entry(prefix + "etc/deep/greeting", TEXT, b"hello\n", 1)
    stop, shown = run(members("cat", "/etc/deep/greeting", prefix=prefix) + greeting + END)
    assert (stop.status, shown) == (0, "hello\n")


@pytest.mark.parametrize("length", range(5))
def test_contents_of_every_alignment(length: int) -> None:
    first = cpio.entry("a" * (1 + length), TEXT, b"x" * length, 1)
    second = cpio.entry("second", TEXT, b"y" * (8 - length) + b"\n", 1)
    _, shown = run(members("cat", "/second", "/" + "a" * (1 + length)) + first + second + END)
    assert shown == "y" * (8 - length) + "\n" + "x" * length


def test_a_later_member_of_the_same_name_counts() -> None:
    twice = cpio.entry("etc/x", TEXT, b"old\n", 1) + cpio.entry("etc/x", TEXT, b"newer\n", 1)
    assert run(members("cat", "/etc/x") + twice + END)[1] == "newer\n"


def test_with_checksum_in_lower_case_and_without_trailer() -> None:
    greeting = cpio.entry("greeting", TEXT, b"0123456789\n", 1)
    greeting = b"070702" + greeting[6:HEADER].lower() + greeting[HEADER:]
    assert run(members("cat", "/greeting") + greeting)[1] == "0123456789\n"


def test_names_that_lead_nowhere_are_left_out() -> None:
    bad = ["../up", "bin/init/below", "etc/../etc/x", "n" * 256]
    archive = b"".join(cpio.entry(name, TEXT, b"bad\n", 1) for name in bad) + cpio.entry("good", TEXT, b"good\n", 1)
    stop, shown = run(members("cat", "/good") + archive + END)
    assert (stop.status, shown.count("this file is left out"), shown.splitlines()[-1]) == (0, len(bad), "good")


def test_special_files_and_a_file_in_the_place_of_the_root() -> None:
    null = bytearray(cpio.entry("etc/my_null", DEVICE, b"", 1))
    null[6 + 9 * FIELD : 6 + 11 * FIELD] = b"%08x%08x" % (1, 3)
    nobody = bytearray(cpio.entry("etc/nobody", DEVICE, b"", 1))
    root = cpio.entry(".", TEXT, b"", 1)
    command = members("sh", "-c", "cat /etc/my_null; cat /etc/nobody; ls /dev")
    stop, shown = run(command + bytes(null) + bytes(nobody) + root + END)
    assert stop.status == 0
    assert "my_null" not in shown
    assert "/etc/nobody: " in shown
    assert shown.split()[-4:] == ["console", "null", "tty", "zero"]


def test_an_archive_cut_off_says_so() -> None:
    whole = members("cat", "/etc/none")
    stop, shown = run(whole[: HEADER // 2])
    assert stop.status == PANIC_STATUS
    assert "initrd: byte 0: not a header" in shown
    assert "panic: cannot load /bin/init" in shown


numbers = st.sampled_from([0, 1, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF]) | st.integers(0, 20_000)
damages = st.lists(
    st.tuples(st.just("field"), st.integers(0, 8), st.integers(0, FIELDS - 1), numbers)
    | st.tuples(st.just("byte"), st.integers(0, 8), st.integers(0, HEADER + 16), st.integers(0, 255))
    | st.tuples(st.just("cut"), st.integers(0, 20_000), st.just(0), st.just(0)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(damages)
@example([("cut", 190, 0, 0)])
def test_damage_never_hurts_the_kernel(damage: list[tuple[str, int, int, int]]) -> None:
    pieces = [
        cpio.entry("bin/init", PROGRAM, parts().programs["bin/init"], 1),
        cpio.entry("bin/echo", PROGRAM, parts().programs["bin/echo"], 2),
        cpio.entry("etc", FOLDER, b"", 3),
        cpio.entry("etc/init.args", TEXT, b"echo\0hello\0", 4),
        cpio.entry("dev/null", DEVICE, b"", 5),
        END,
    ]
    archive = bytearray(b"".join(pieces) + bytes(HEADER + 17))
    starts = [sum(map(len, pieces[:number])) for number in range(len(pieces))]
    for kind, where, which, value in damage:
        start = starts[where % len(starts)]
        if kind == "field":
            archive[start + 6 + which * FIELD : start + 6 + (which + 1) * FIELD] = b"%08X" % value
        elif kind == "byte":
            archive[start + which] = value
        else:
            archive[where:] = bytes(len(archive[where:]))
    stop, shown, machine = observed(bytes(archive))
    if stop.reason == "limit":  # what is left of init goes round in a loop of its own: that is its right
        assert machine.pc < RAM_BASE, hex(machine.pc)
    assert "the kernel has faulted" not in shown
