"""Console passthrough and the options that several commands share, with a stand-in for the machine."""

import os
import pty
import termios
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from toyos.cli.options import StatsStyle, print_stats, ram_size, stats_words
from toyos.console import Console, Left, raw_terminal
from toyos.errors import CommandError


@dataclass
class Stop:
    reason: str
    status: int | None = None


class Machine:
    """Runs a script: each step says what the guest does with its budget, the bytes it got so far at hand."""

    def __init__(self, *steps: Callable[["Machine", int], Stop]) -> None:
        self.steps = list(steps)
        self.started = 0
        self.heard = b""
        self.budgets: list[int] = []
        self.uart = self
        self.waiting = 0
        self.host = None

    def receive(self, data: bytes) -> None:
        self.heard += data

    def run(self, max_instructions: int) -> Stop:
        self.budgets.append(max_instructions)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return step(self, max_instructions)


def busy(machine: Machine, budget: int) -> Stop:
    machine.started += budget
    return Stop("limit")


def sleeps(machine: Machine, budget: int) -> Stop:
    return Stop("idle")


def halts(machine: Machine, budget: int) -> Stop:
    return Stop("halt", 7)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_runs_in_slices_until_the_guest_halts() -> None:
    machine = Machine(busy, busy, busy, halts)
    stop = Console(None).run(machine)  # type: ignore[arg-type]
    assert (stop.reason, stop.status) == ("halt", 7)
    assert len(machine.budgets) == 4


def test_the_limit_is_exact_over_all_slices() -> None:
    machine = Machine(busy)
    stop = Console(None).run(machine, 1_234_567)  # type: ignore[arg-type]
    assert stop.reason == "limit"
    assert machine.started == 1_234_567


def test_a_sleeping_guest_without_input_ends_the_run() -> None:
    assert Console(None).run(Machine(sleeps)).reason == "idle"  # type: ignore[arg-type]


def test_a_sleeping_guest_hears_a_pipe_to_its_end(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"one\n")

    def writes_more(machine: Machine, budget: int) -> Stop:
        assert machine.heard == b"one\n"
        os.write(pipe[1], b"two\n")
        os.close(pipe[1])
        return Stop("idle")

    machine = Machine(sleeps, writes_more, sleeps)
    assert Console(pipe[0]).run(machine).reason == "idle"  # type: ignore[arg-type]
    assert machine.heard == b"one\ntwo\n"


def test_a_polling_guest_hears_a_pipe_too(pipe: tuple[int, int]) -> None:
    os.write(pipe[1], b"x")
    machine = Machine(lambda machine, budget: halts(machine, 0) if machine.heard else busy(machine, budget))
    assert Console(pipe[0]).run(machine).reason == "halt"  # type: ignore[arg-type]
    assert machine.heard == b"x"


def test_a_file_is_there_from_the_start(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_bytes(b"ls\n" * 5000)
    with script.open("rb") as file:
        machine = Machine(halts)
        Console(file.fileno()).run(machine)  # type: ignore[arg-type]
    assert machine.heard == b"ls\n" * 5000


def test_a_closed_descriptor_is_no_input() -> None:
    assert Console(987).run(Machine(sleeps)).reason == "idle"  # type: ignore[arg-type]


def test_output_reaches_the_host_by_lines_and_at_the_end(pipe: tuple[int, int]) -> None:
    console = Console(None, pipe[1])
    seen = []

    def prints(machine: Machine, budget: int) -> Stop:
        console.sink(b"a")
        console.sink(b"b\n")
        seen.append(os.read(pipe[0], 100))
        console.sink(b"prompt> ")
        return Stop("halt", 0)

    console.run(Machine(prints))  # type: ignore[arg-type]
    assert [*seen, os.read(pipe[0], 100)] == [b"ab\n", b"prompt> "]


def test_a_full_pipe_that_does_not_block_loses_nothing(pipe: tuple[int, int]) -> None:
    os.set_blocking(pipe[1], False)
    text = b"x" * 300_000
    got = bytearray()

    def drain() -> None:
        while len(got) < len(text):
            got.extend(os.read(pipe[0], 65536))

    reader = threading.Thread(target=drain)
    reader.start()
    Console(None, pipe[1]).sink(text)
    reader.join(10)
    assert got == text


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """-> (the user's end, the program's end) of a pseudo terminal."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


def test_keys_reach_the_guest_raw_and_ctrl_a_x_leaves(terminal: tuple[int, int], pipe: tuple[int, int]) -> None:
    user, program = terminal
    before = termios.tcgetattr(program)

    def types(text: bytes) -> Callable[[Machine, int], Stop]:
        def step(machine: Machine, budget: int) -> Stop:
            assert not termios.tcgetattr(program)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
            os.write(user, text)
            return Stop("idle")

        return step

    machine = Machine(types(b"ls\r\x03"), types(b"\x01\x01"), types(b"\x01?z"), types(b"q\x01x"))
    with pytest.raises(Left):
        Console(program, pipe[1]).run(machine)  # type: ignore[arg-type]
    assert machine.heard == b"ls\r\x03\x01z"
    assert b"Ctrl-A x leaves" in os.read(pipe[0], 1000)
    assert termios.tcgetattr(program) == before


def test_who_types_ctrl_c_twice_is_told_how_to_leave(terminal: tuple[int, int], pipe: tuple[int, int]) -> None:
    user, program = terminal

    def types(text: bytes) -> Callable[[Machine, int], Stop]:
        def step(machine: Machine, budget: int) -> Stop:
            os.write(user, text)
            return Stop("idle")

        return step

    machine = Machine(types(b"\x03a\x03"), types(b"b\x01x"))
    with pytest.raises(Left):
        Console(program, pipe[1]).run(machine)  # type: ignore[arg-type]
    os.write(pipe[1], b"nothing\n")
    assert os.read(pipe[0], 1000) == b"nothing\n"
    machine = Machine(types(b"\x03\x03\x03"), types(b"\x01x"))
    with pytest.raises(Left):
        Console(program, pipe[1]).run(machine)  # type: ignore[arg-type]
    assert machine.heard == b"\x03\x03\x03"
    assert os.read(pipe[0], 1000).count(b"Ctrl-A x leaves") == 1


def test_a_full_disk_is_reported_once_and_as_the_guests_output() -> None:
    with open("/dev/full", "wb") as full:
        console = Console(None, full.fileno())
        with pytest.raises(OSError, match="No space left on device") as caught:
            console.sink(b"words\n")
        assert caught.value.filename == "the guest's output"
        console.flush()


def test_the_terminal_is_restored_whatever_happens(terminal: tuple[int, int]) -> None:
    before = termios.tcgetattr(terminal[1])
    with pytest.raises(ZeroDivisionError), raw_terminal(terminal[1]):
        assert termios.tcgetattr(terminal[1]) != before
        raise ZeroDivisionError
    assert termios.tcgetattr(terminal[1]) == before


def test_what_is_typed_before_the_machine_runs_is_not_lost(terminal: tuple[int, int]) -> None:
    os.write(terminal[0], b"root\r")
    with raw_terminal(terminal[1]):
        assert os.read(terminal[1], 9) == b"root\n", "the terminal still made a newline of the key"


@pytest.mark.parametrize(
    ("text", "size"), [("64M", 64 << 20), ("128m", 128 << 20), ("1G", 1 << 30), ("2048K", 2 << 20), ("32", 32 << 20)]
)
def test_ram_sizes(text: str, size: int) -> None:
    assert ram_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-4M", "64MB", "1.5G", "4G", "0", "1025K", "512K", "٣M"])
def test_bad_ram_sizes_are_named(text: str) -> None:
    with pytest.raises(CommandError, match="--ram") as caught:
        ram_size(text)
    assert caught.value.status == 2


def test_bare_stats_becomes_text_but_not_behind_the_guests_dashes() -> None:
    assert stats_words(["--stats", "a", "--", "--stats"]) == ["--stats=text", "a", "--", "--stats"]
    assert stats_words(["--stats=json"]) == ["--stats=json"]
    words = ["--stats", "json", "json"]
    assert stats_words(words) == ["--stats=text", "json", "json"], "a program of that name"
    assert stats_words(words, styled=True) == ["--stats=json", "json"]


def test_statistics_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    stats = {"instructions": 1234567, "mips": 512.25, "traps": {"breakpoint": 2}, "interrupts": {}}
    print_stats(stats, StatsStyle.json)
    assert capsys.readouterr() == (
        "",
        '{"instructions": 1234567, "mips": 512.25, "traps": {"breakpoint": 2}, "interrupts": {}}\n',
    )
    print_stats(stats, StatsStyle.text)
    assert capsys.readouterr().err == (
        "instructions  1,234,567\nmips          512.25\ntraps\n  breakpoint  2\ninterrupts    none\n"
    )
