"""`toyos machine --save` and `--restore`: a run that goes on elsewhere, signals, Ctrl-A s, and what cannot be."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images import guest
from tests.machine_cli.test_console import Machine, Stop, busy, sleeps
from toyos.cli.main import main
from toyos.console import Console, Left
from vm import machine as real

# Prints a letter after each 10000 turns of a loop; ends with status 5 after the tenth.
COUNTS = """
        .globl _start
_start: li      s0, 0x10000000
        li      s1, 0
1:      li      t0, 10000
2:      addi    t0, t0, -1
        bnez    t0, 2b
        addi    t0, s1, 'a'
        sb      t0, 0(s0)
        addi    s1, s1, 1
        li      t0, 10
        bltu    s1, t0, 1b
        li      t0, 0x53333
        li      t1, 0x100000
        sw      t0, 0(t1)
"""
ASLEEP = "        .globl _start\n_start: wfi\n        j _start"


@pytest.fixture
def image(tmp_path: Path) -> str:
    made = tmp_path / "guest"
    made.write_bytes(guest(COUNTS))
    return str(made)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return tmp_path / "saved"


def ended(*words: str | Path) -> int:
    """-> exit status of toyos machine."""
    return main(["machine", *map(str, words)])


def test_a_run_goes_on_in_another_process(image: str, saved: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ended("--kernel", image, "--ram", "2M", "--stats=json") == 5
    whole = capfd.readouterr()
    assert whole.out == "abcdefghij"
    assert ended("--kernel", image, "--ram", "2M", "--max-instructions", "70007", "--save", saved) == 124
    first = capfd.readouterr()
    assert f"saved in {saved}: {saved.stat().st_size} bytes, after 70007 instructions" in first.err
    assert ended("--restore", saved, "--max-instructions", "60000", "--save", saved, "--stats=json") == 124
    second = capfd.readouterr()
    assert json.loads(second.err)["started"] == 130_007, "nothing but the object is printed"
    words = [sys.executable, "-m", "toyos.cli.main", "machine", "--restore", str(saved), "--stats=json"]
    third = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (third.returncode, first.out + second.out + third.stdout) == (5, whole.out)
    hosts = {"seconds": 0, "mips": 0}
    assert json.loads(third.stderr) | hosts == json.loads(whole.err) | hosts


def test_a_guest_that_sleeps_is_saved_and_one_that_has_ended_is_not(
    image: str, saved: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "asleep").write_bytes(guest(ASLEEP))
    assert ended("--kernel", image, "--save", saved) == 5
    assert "the guest has ended: there is nothing to save" in capfd.readouterr().err and not saved.exists()
    assert ended("--kernel", tmp_path / "asleep", "--save", saved, "--serial", "none") == 125
    assert "saved in" in capfd.readouterr().err
    assert ended("--restore", saved, "--serial", "none") == 125


def test_a_disk_goes_along(image: str, saved: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(4096))
    script = "import sys; from toyos.cli.main import main; sys.exit(main(sys.argv[1:]))"
    words = ["machine", "--kernel", image, "--disk", str(disk), "--max-instructions", "1000", "--save", str(saved)]
    assert subprocess.run([sys.executable, "-c", script, *words], capture_output=True, timeout=60).returncode == 124
    moved = disk.rename(tmp_path / "moved.img")
    assert ended("--restore", saved) == 1
    assert f"--restore {saved}: made for a machine with a disk, which is missing: {disk}" in capfd.readouterr().err
    assert ended("--restore", saved, "--disk", moved, "--gdb", "0") == 2
    assert "--gdb goes back in time, which a file cannot: add --disk-snapshot" in capfd.readouterr().err
    assert ended("--restore", saved, "--disk", moved, "--disk-snapshot") == 5
    moved.write_bytes(b"x" * 4096)
    assert ended("--restore", saved, "--disk", moved, "--disk-snapshot") == 1
    assert "moved.img, which has been written since" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["--restore", "SAVED", "--ram", "64M"], 2, "--ram: what the machine is, and what runs on it, is in"),
        (["--restore", "SAVED", "--kernel", "x", "--append", "", "--isa", "rv32ima"], 2, "--kernel, --append, --isa: "),
        (["--restore", "IMAGE"], 1, "guest: not a saved machine: it begins otherwise"),
        (["--restore", "/nowhere"], 1, "/nowhere: No such file"),
        (["--kernel", "IMAGE", "--save", "IMAGE"], 1, "--save IMAGE: exists, and is not of toyos; it is not overwritt"),
        (["--kernel", "IMAGE", "--save", "/nowhere/x"], 1, "--save /nowhere/x: there is no folder /nowhere"),
        (["--kernel", "IMAGE", "--save", "/"], 1, "--save /: a folder; expected the name of a file"),
        (["--kernel", "IMAGE", "--save", "SAVED", "--gdb", "0"], 2, "--save and --gdb"),
        (["--kernel", "IMAGE", "--save", "/dev/full", "--max-instructions", "9"], 1, "--save /dev/full: no space left"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    words: list[str], status: int, what: str, image: str, saved: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    places = {"SAVED": str(saved), "IMAGE": image}
    saved.write_bytes(b"")
    assert ended(*(places.get(word, word) for word in words)) == status
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and what.replace("IMAGE", image) in lines[0]


# ---- where a run may be cut ------------------------------------------------------------------------------------------
def console_with_saver(input_fd: int | None = None, output_fd: int | None = None) -> tuple[Console, list[str]]:
    console, saves = Console(input_fd, output_fd), []

    def saver() -> str:
        saves.append("saved")
        return "saved in FILE"

    console.saver = saver
    return console, saves  # type: ignore[return-value]


def test_a_signal_ends_the_run_between_two_instructions() -> None:
    done = []

    def struck(machine: Machine, budget: int) -> Stop:
        os.kill(os.getpid(), signal.SIGTERM)
        done.append("the slice went on")
        return busy(machine, budget)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Left) as left:
        console_with_saver()[0].run(Machine(busy, struck, busy))  # type: ignore[arg-type]
    assert (left.value.status, done) == (128 + signal.SIGTERM, ["the slice went on"])
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_wakes_who_waits_for_input_and_a_second_one_waits_for_nothing() -> None:
    ends = os.pipe()
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Left) as left:
        console_with_saver(ends[0])[0].run(Machine(sleeps))  # type: ignore[arg-type]
    assert left.value.status == 128 + signal.SIGINT

    def struck(machine: Machine, budget: int) -> Stop:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        raise AssertionError("gone by now")

    with pytest.raises(SystemExit) as gone:
        console_with_saver(ends[0])[0].run(Machine(struck))  # type: ignore[arg-type]
    assert gone.value.code == 128 + signal.SIGHUP
    for end in ends:
        os.close(end)


@pytest.mark.parametrize("heard", [True, False], ids=["with input", "without"])
def test_a_signal_ends_the_sleep_of_a_guest_and_the_run_behind_it(heard: bool) -> None:
    """The time that has passed is told first: it is part of what is saved."""
    ends = os.pipe()
    console, slept = console_with_saver(ends[0] if heard else None)[0], []

    def sleeps_an_hour(machine: Machine, budget: int) -> Stop:
        assert machine.pause is not None
        slept.append(machine.pause(3600.0))
        return Stop("pause")

    machine = Machine(sleeps_an_hour)
    machine.host = object()  # type: ignore[assignment]  # so that sleep takes the host's time
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    with pytest.raises(Left) as left:
        console.run(machine)  # type: ignore[arg-type]
    assert left.value.status == 128 + signal.SIGTERM
    assert len(slept) == 1 and 0 < slept[0] < 60
    for end in ends:
        os.close(end)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int, int]]:
    """-> (the user's end, the program's end) of a pseudo terminal, and a file for output."""
    ends = (*pty.openpty(), os.memfd_create("output"))
    yield ends
    for end in ends:
        os.close(end)


def test_ctrl_a_s_saves_behind_what_was_typed(terminal: tuple[int, int, int]) -> None:
    user, program, output = terminal
    console, saves = console_with_saver(program, output)
    heard = []

    def types(machine: Machine, budget: int) -> Stop:
        os.write(user, b"one\x01stwo")
        return Stop("idle")

    def then(machine: Machine, budget: int) -> Stop:
        heard.append((machine.heard, len(saves)))
        os.write(user, b"\x01s\x01?\x01x")
        return Stop("idle")

    with pytest.raises(Left) as left:
        console.run(Machine(types, then))  # type: ignore[arg-type]
    assert (heard, left.value.status) == ([(b"onetwo", 1)], 0)
    written = os.pread(output, 1000, 0)
    assert b"\r\nsaved in FILE\r\n" in written and b"Ctrl-A s saves, Ctrl-A x leaves" in written


def test_without_a_saver_there_is_no_such_key(terminal: tuple[int, int, int]) -> None:
    user, program, output = terminal

    def types(machine: Machine, budget: int) -> Stop:
        os.write(user, b"\x01s\x01x")
        return Stop("idle")

    with pytest.raises(Left):
        Console(program, output).run(Machine(types))  # type: ignore[arg-type]
    assert os.pread(output, 1000, 0) == b"\r\nCtrl-A x leaves, Ctrl-A Ctrl-A sends Ctrl-A\r\n"


def test_the_process_saves_when_it_is_told_to_end(tmp_path: Path, saved: Path) -> None:
    (tmp_path / "endless").write_bytes(guest("        .globl _start\n_start: addi a0, a0, 1\n        j _start"))
    words = ["machine", "--kernel", str(tmp_path / "endless"), "--save", str(saved), "--ram", "1M"]
    with subprocess.Popen([sys.executable, "-m", "toyos.cli.main", *words], stdin=subprocess.PIPE) as process:
        while "SigCgt:\t0000000000000000" in (status := Path(f"/proc/{process.pid}/status").read_text()) or not (
            int(status.split("SigCgt:")[1].split()[0], 16) >> signal.SIGTERM - 1 & 1
        ):
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
        assert process.wait(60) == 128 + signal.SIGTERM
    machine = real.Machine.restore(saved)
    assert machine.started > 0 and abs(int(machine.x[10]) * 2 - machine.started) <= 1
