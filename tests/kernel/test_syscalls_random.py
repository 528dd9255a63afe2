"""Random system calls from user mode: the kernel lives on, tells its panic from a user's fault, and loses no page."""

from __future__ import annotations

import functools
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kernel.guest import LIMIT, PROGRAMS
from toyos import build
from toyos.boot import Computer
from toyos.paths import source_folder
from toyos.variants import MODES

BUFFER = 0xB0F0_0000  # programs/tests/syscalls.s: upper half of a pointer to its own buffer
CALLS_MAX = 40


def known_numbers() -> dict[str, int]:
    """-> the system calls that the kernel's own table names."""
    words = [line.split() for line in (source_folder("include") / "syscall.inc").read_text().splitlines()]
    return {w[1].rstrip(",").removeprefix("SYS_"): int(w[2]) for w in words if w[:1] == [".equ"] and "SYS_" in w[1]}


NUMBERS = known_numbers()
number = st.one_of(st.sampled_from(sorted(NUMBERS.values())), st.integers(0, 1100), st.integers(0, 2**32 - 1))
edges = [0, 1, 2, 3, 4, 16, 17, 4095, 4096, 0xFFF, 0x1_0000, 0x1_1000, 0x7FFF_EFFC, 0x7FFF_FFFF, 0x8000_0000]
edges += [0xC000_0000, 0xFFFF_F000, 0xFFFF_FF9C, 0xFFFF_FFFC, 0xFFFF_FFFE, 0xFFFF_FFFF]
value = st.one_of(
    st.sampled_from(edges),
    st.integers(0, 64),
    st.integers(0, 0x1100).map(lambda offset: BUFFER + offset),
    st.sampled_from([BUFFER + offset for offset in (0, 16, 32, 48, 64)]),
    st.integers(0, 2**32 - 1),
)
call = st.tuples(number, value, value, value, value)


@functools.cache
def fuzzer(mode: str) -> bytes:
    return build.program([PROGRAMS / "tests" / "syscalls.s"], mode)


def run(calls: list[tuple[int, ...]], mode: str = "risc") -> bytes:
    """Calls -> what the guest printed; checks that the machine came to its end and every page came back."""
    listed = b"".join(struct.pack("<5I", *record) for record in calls)
    output = bytearray()
    files = {"run/syscalls": fuzzer(mode), "etc/calls": listed}
    computer = Computer(["syscalls"], files, console=output.extend, parts=build.system(mode))
    stop = computer.run(max_instructions=LIMIT)
    assert stop.reason == "halt", (stop, bytes(output))
    assert b"panic" not in output, bytes(output)
    assert computer.counter("KS_FREE") == computer.counter("KS_FREE_BOOT"), bytes(output)
    return bytes(output)


def test_the_table_is_read() -> None:
    assert NUMBERS["exit"] == 93 and NUMBERS["kstat"] == 2001 and len(NUMBERS) > 25


def test_sensible_calls_do_what_they_should(mode: str) -> None:
    """Shows that the list reaches the kernel: write() of the buffer's first text."""
    assert run([(NUMBERS["write"], 1, BUFFER, 10, 0)], mode) == b"/bin/hellothe kernel is alive\n"


def test_calls_may_end_the_child_but_not_the_parent() -> None:
    assert run([(NUMBERS["exit"], 3, 0, 0, 0)]) == b"the kernel is alive\n"
    assert run([(NUMBERS["execve"], BUFFER, BUFFER + 48, 0, 0)]).endswith(b"the kernel is alive\n")
    assert run([(NUMBERS["nanosleep"], BUFFER + 64, 0, 0, 0)]) == b"the kernel is alive\n"
    assert run([(NUMBERS["read"], 0, BUFFER, 10, 0)]).endswith(b"the kernel is alive\n")


def test_only_init_may_stop_the_machine() -> None:
    stop = (NUMBERS["reboot"], 0xFEE1DEAD, 672274793, 0x4321FEDC, 9)
    assert run([stop]) == b"the kernel is alive\n"


def test_forks_without_end_are_bounded() -> None:
    assert run([(NUMBERS["clone"], 17, 0, 0, 0)] * 12).endswith(b"the kernel is alive\n")


@given(st.lists(call, min_size=1, max_size=CALLS_MAX))
@example([(NUMBERS["kill"], 1, 9, 0, 0)])
@example([(NUMBERS["kill"], 0, 9, 0, 0)])
@example([(NUMBERS["kill"], 0xFFFF_FFFF, 9, 0, 0)])
@example([(NUMBERS["brk"], 0x7FFF_0000, 0, 0, 0), (NUMBERS["clone"], 17, 0, 0, 0)])
@example([(NUMBERS["brk"], 0x7000_0000, 0, 0, 0), (NUMBERS["read"], 0, 0x1000_0000, 0xFFFF_FFFF, 0)])
def test_random_calls(calls: list[tuple[int, ...]]) -> None:
    run(calls)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(NUMBERS.values())), value, value, value, value),
        min_size=20,
        max_size=CALLS_MAX,
    )
)
def test_known_calls_with_random_arguments(calls: list[tuple[int, ...]]) -> None:
    run(calls)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "risc"])
@settings(max_examples=20)
@given(calls=st.lists(call, min_size=1, max_size=CALLS_MAX))
@example(calls=[(0xFFFF, 0, 0, 0, 0), (0xFFFF_FFFF, 0, 0, 0, 0)])
def test_random_calls_in_other_modes(calls: list[tuple[int, ...]], mode: str) -> None:
    run(calls, mode)
