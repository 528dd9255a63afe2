"""`toyos run` and `toyos boot` as a user meets them: exit statuses, messages, statistics, the terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.guest import PROGRAMS, SYSTEMS
from toyos import build
from toyos.cli.main import main
from vm import aout

HELLO = PROGRAMS / "bin" / "hello.s"
FORK_SUM = PROGRAMS / "lectures" / "fork_sum.s"
SECONDS = 20

EXIT = """
        .include "common.inc"
        proc main, args=2
        lw      a0, 4(a1)
        call    atoi
        return
        endp
"""
ENDLESS = """
        .globl main
main:   j       main
"""
SLEEPY = """
        .include "common.inc"
        proc main
        li      a0, 0x7fffffff
        call    sleep
        li      a0, 3
        return
        endp
"""
OWN_START = """
        .include "common.inc"
        .include "syscall.inc"
        .globl _start
_start: li      a0, 9
        syscall SYS_exit
"""


def toyos(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Words after `toyos` -> exit status, standard output, standard error."""
    status = main([str(word) for word in words])
    out, err = capfd.readouterr()
    assert "Traceback" not in err and "fault in toyos itself" not in err
    return status, out, err


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "program.s"


def test_run_prints_what_the_program_prints(capfd: pytest.CaptureFixture[str]) -> None:
    assert toyos(capfd, "run", FORK_SUM) == (0, FORK_SUM.with_suffix(".expect").read_text(), "")


@pytest.mark.parametrize("status", [0, 1, 7, 124, 255])
def test_exit_status_is_the_program_s(status: int, source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(EXIT)
    assert toyos(capfd, "run", source, "--", str(status)) == (status, "", "")


def test_signals_are_128_and_more(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(" .globl main\nmain: lw a0, 0(zero)\n")
    status, out, _ = toyos(capfd, "run", source)
    assert status == 128 + 11
    assert out.startswith("pid 2 (program): segmentation fault at pc 0x") and "address 0x00000000" in out
    source.write_text(" .globl main\nmain: .word 0\n")
    assert toyos(capfd, "run", source)[0] == 128 + 4
    source.write_text(" .globl main\nmain: ebreak\n")
    assert toyos(capfd, "run", source)[0] == 128 + 5
    source.write_text(" .globl main\nmain: addi t0, sp, 1\n lr.w t0, (t0)\n")
    assert toyos(capfd, "run", source)[0] == 128 + 7


def test_arguments_are_the_words_after_the_dashes(capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--stats", "-n", "a  b", "", "--", "c"]
    status, out, err = toyos(capfd, "run", PROGRAMS / "bin" / "echo.s", "--", *words)
    assert (status, out, err) == (0, " ".join(words) + "\n", "")


def test_several_files_are_one_program(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.s", tmp_path / "two.s"
    one.write_text(' .include "common.inc"\n proc main\n call other\n return\n endp\n')
    two.write_text(" .globl other\nother: li a0, 6\n ret\n")
    assert toyos(capfd, "run", one, two)[0] == 6
    assert toyos(capfd, "as", "-o", tmp_path / "two.o", two)[0] == 0
    assert toyos(capfd, "run", one, tmp_path / "two.o")[0] == 6
    assert toyos(capfd, "ar", "rcs", tmp_path / "two.a", tmp_path / "two.o")[0] == 0
    assert toyos(capfd, "run", one, tmp_path / "two.a")[0] == 6


def test_a_program_may_bring_its_own_start(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(OWN_START)
    assert toyos(capfd, "run", source) == (9, "", "")


def test_executables_run_as_they_are(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    executable = tmp_path / "hi"
    executable.write_bytes(build.program([HELLO]))
    assert toyos(capfd, "run", executable) == (0, "Hello, world\n", "")
    status, _, err = toyos(capfd, "run", executable, HELLO)
    assert status == 1 and "an executable; expected it alone" in err


def test_what_is_odd_is_warned_of(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(" .globl main\nmain: li a0, 4\n ret\n .data\n .byte 300\n")
    status, out, err = toyos(capfd, "run", source)
    assert (status, out) == (4, "") and f"{source}:5:" in err and "300" in err


def test_statistics(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = toyos(capfd, "run", HELLO, "--stats=json")
    assert (status, out) == (0, "Hello, world\n")
    stats = json.loads(err)
    assert stats["forks"] == 1 and stats["instructions"] > 10_000 and stats["mips"] > 0
    assert stats["context_switches"] >= 2 and stats["pages_copied"] >= 1
    assert stats["exceptions"]["ecall from user mode"] == stats["system_calls"]
    assert stats["pages_free"] == stats["pages_free_at_boot"]
    text = toyos(capfd, "run", HELLO, "--stats")[2]
    assert "context switches" in text and "ecall from user mode" in text


def test_traps_are_traced(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, err = toyos(capfd, "run", HELLO, "--trace-traps")
    stats = json.loads(toyos(capfd, "run", HELLO, "--stats=json")[2])
    assert out == "Hello, world\n"
    assert sum("ecall from user mode" in line for line in err.splitlines()) == stats["system_calls"]


def test_a_trap_is_named_after_the_mode_s_instruction(capfd: pytest.CaptureFixture[str]) -> None:
    err = toyos(capfd, "run", "--mode", "cisc", HELLO, "--trace-traps", "--stats")[2]
    trace, stats = err.split("\ninstructions ")
    assert "chmk from user mode at 0x" in trace and "chmk from user mode  " in stats
    assert "ecall" not in err


def test_the_limit_has_its_own_status_and_sentence(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(ENDLESS)
    status, _, err = toyos(capfd, "run", source, "--max-instructions", "3000000")
    assert (status, err) == (124, "toyos run: stopped after 3000000 instructions (--max-instructions)\n")


def test_sleep_for_ages_takes_no_time(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(SLEEPY)
    begun = time.monotonic()
    assert toyos(capfd, "run", source) == (3, "", "")
    assert time.monotonic() - begun < SECONDS


def test_ram_is_what_was_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    for size, pages in (("16M", 4096), ("128M", 32768)):
        status, out, _ = toyos(capfd, "boot", "-c", "free", "--ram", size)
        assert status == 0 and int(out.splitlines()[1].split()[0]) == pages


FAULTS = {
    "missing file": (["nosuch.s"], "nosuch.s: No such file or directory"),
    "a folder": ([str(PROGRAMS)], "Is a directory"),
    "a foreign executable": ([sys.executable], "an ELF file; expected assembly source"),
    "wrong mode": ([str(HELLO), "--mode", "vax"], "there is no mode 'vax'"),
    "wrong variant": ([str(HELLO), "--variant", "vax"], "the risc kernel has no variant 'vax'; it has soft, xdump"),
    "windows where none are": (
        [str(HELLO), "--nwin", "4"],
        "--nwin 4: a risc machine has no register windows, window machines have",
    ),
    "one window": ([str(HELLO), "--mode", "window", "--nwin", "1"], "--nwin 1: expected a number of register windows"),
    "too many windows": ([str(HELLO), "--mode", "window", "--nwin", "33"], "--nwin 33: expected a number"),
    "parts where none are": ([str(HELLO), "--mode", "window", "--partitions", "2"], "--partitions 2: only the window"),
    "too many parts": (
        [str(HELLO), "--mode", "window", "--variant", "partition", "--nwin", "5", "--partitions", "3"],
        "--partitions 3: expected at most 2 of 5 register windows, as a part needs 2",
    ),
    "too small a pool": ([str(HELLO), "--nproc", "2"], "--nproc 2: expected a number from 3 to"),
    "too short a quantum": ([str(HELLO), "--quantum", "1"], "--quantum 1: expected a number from 1000 to"),
    "senseless size": ([str(HELLO), "--ram", "some"], "--ram some: expected a size such as 64M"),
}


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, (words, _) in FAULTS.items()])
def test_faults_are_sentences(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = toyos(capfd, "run", *words)
    assert status in (1, 2) and out == ""
    assert any(text in err for listed, text in FAULTS.values() if listed == words)
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "boot", "machine"])
def test_a_mode_that_does_not_exist_is_wrong_usage(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """As `toyos as` has it: exit status 2."""
    words = {"run": [HELLO], "boot": ["-c", "ls"], "machine": ["--kernel", HELLO]}[command]
    status, out, err = toyos(capfd, command, "--mode", "nonsense", *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"toyos {command}: there is no mode 'nonsense'; expected one of: risc")


@pytest.mark.parametrize("linked", [False, True], ids=["object", "executable"])
def test_files_of_another_mode_are_refused(linked: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    assert toyos(capfd, "as", "-o", other, HELLO)[0] == 0
    if linked:
        other.write_bytes(build.program([other]))
    content = bytearray(other.read_bytes())
    content[2:4] = aout.MACHINE_IDS["cisc"].to_bytes(2, "little")
    other.write_bytes(content)
    sentence = f"toyos run: {other}: made for a cisc machine, but this one is risc; run it with --mode cisc\n"
    assert toyos(capfd, "run", other) == (1, "", sentence)


def test_quantum_and_pool_are_what_was_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    switches = {}
    for quantum in ("10000", "100000"):
        stats = toyos(capfd, "run", PROGRAMS / "lectures/round_robin.s", "--quantum", quantum, "--stats=json")[2]
        switches[quantum] = json.loads(stats)["context_switches"]
    assert switches["10000"] > 5 * switches["100000"]
    assert "room for 9\n" in toyos(capfd, "run", PROGRAMS / "lectures/fork_limit.s", "--nproc", "9")[1]


def test_wrong_source(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(" .globl main\nmain: adi a0, a0, 1\n lw a0\n call nothing\n")
    status, _, err = toyos(capfd, "run", source)
    assert status == 1
    assert f"{source}:2:" in err and "did you mean" in err and f"{source}:3:" in err
    assert err.endswith("toyos run: 2 errors, nothing is run\n")
    source.write_text(" .globl main\nmain: call nothing\n")
    status, _, err = toyos(capfd, "run", source)
    assert status == 1 and "undefined symbol 'nothing'" in err


@pytest.mark.parametrize("size", [0, 1, 4, 31, 32, 40, 100])
def test_cut_and_foreign_executables(size: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = build.program([HELLO])
    cut = tmp_path / "cut"
    cut.write_bytes(whole[:size] or b"\0")
    status, _, err = toyos(capfd, "run", cut)
    assert status == 1 and err.startswith(f"toyos run: {cut}: ")
    cut.write_bytes(whole[:2] + b"\x02\x03" + whole[4:])  # another machine id
    status, _, err = toyos(capfd, "run", cut)
    assert status == 1 and "window" in err


def test_a_program_too_large_for_memory(source: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source.write_text(" .globl main\nmain: li a0, 0\n ret\n .bss\n .space 0x4000000\n")
    status, out, _ = toyos(capfd, "run", source)
    assert (status, out) == (126, "program: Cannot allocate memory\n")
    source.write_text(" .globl main\nmain: li a0, 0\n ret\n .data\n .fill 0x500000, 1, 1\n")
    status, out, err = toyos(capfd, "run", source, "--ram", "4M")
    assert status == 1 and "does not fit into RAM" in err and out == ""


def test_a_kernel_too_large_for_memory(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = toyos(capfd, "run", "--nproc", "20000", "--ram", "1M", HELLO)
    assert (status, out) == (1, "")
    assert err.startswith("toyos run: the kernel: ") and "RAM ends at 0x80100000" in err and len(err.splitlines()) == 1


def test_too_many_arguments(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, _ = toyos(capfd, "run", HELLO, "--", *["word"] * 300)
    assert (status, out.split("\r")[0]) == (126, "init: /etc/init.args is too long")


def test_boot_runs_a_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert toyos(capfd, "boot", "-c", "echo a; ls /nosuch; exit 5") == (
        5, "a\nls: /nosuch: No such file or directory\n", "",
    )  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_boot_and_run_on_every_system(system: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    chosen = [word for name, value in system.items() if value is not None for word in (f"--{name}", str(value))]
    assert toyos(capfd, "boot", *chosen, "-c", "hello; exit 5") == (5, "Hello, world\n", "")
    assert toyos(capfd, "run", *chosen, HELLO) == (0, "Hello, world\n", "")


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "toyos.cli.main", *map(str, words)]


@pytest.mark.parametrize("text", [b"echo a\nexit 2\n", b"echo a\nexit 2"])
def test_input_from_a_pipe_is_not_echoed(text: bytes) -> None:
    done = subprocess.run(command("boot"), input=text, capture_output=True, timeout=SECONDS)
    assert (done.stdout, done.stderr, done.returncode) == (b"$ a\n$ ", b"", 2)


def test_input_from_a_file_and_none_at_all(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"a b\nc")
    with (tmp_path / "words").open("rb") as words:
        done = subprocess.run(
            command("run", PROGRAMS / "bin" / "wc.s"), stdin=words, capture_output=True, timeout=SECONDS
        )
    assert done.stdout.split() == [b"1", b"3", b"5"]
    done = subprocess.run(
        command("run", PROGRAMS / "bin" / "cat.s"), stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS
    )
    assert (done.stdout, done.returncode) == (b"", 0)


class Terminal:
    """A command on a terminal of its own: type, and wait for what is shown."""

    def __init__(self, *words: str) -> None:
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(command(*words), stdin=self.slave, stdout=self.slave, stderr=self.slave)
        self.seen = b""

    def expect(self, text: bytes) -> bytes:
        """-> all that was shown up to and with the text."""
        end = time.monotonic() + SECONDS
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 4096)
        shown, _, self.seen = self.seen.partition(text)
        return shown + text

    def type(self, text: bytes) -> None:
        os.write(self.master, text)

    def leave(self) -> int:
        """-> exit status; the terminal must be as it was before."""
        status = self.process.wait(SECONDS)
        assert termios.tcgetattr(self.slave) == self.before
        os.close(self.master)
        os.close(self.slave)
        return status


def test_a_session_on_a_terminal() -> None:
    terminal = Terminal("boot")
    assert b"Ctrl-A x" in terminal.expect(b"$ ")
    terminal.type(b"echo some worxd\x7f\x7fds\r")
    assert b"echo some wor" in terminal.expect(b"\nsome words\r")
    terminal.expect(b"$ ")
    terminal.type(b"exit 6\r")
    assert terminal.leave() == 6


def test_end_of_file_key_ends_the_shell() -> None:
    terminal = Terminal("boot")
    terminal.expect(b"$ ")
    terminal.type(b"\x04")
    assert terminal.leave() == 0


@pytest.mark.parametrize("busy", [False, True])
def test_control_a_x_leaves_at_once(busy: bool) -> None:
    terminal = Terminal("boot")
    terminal.expect(b"$ ")
    if busy:
        terminal.type(b"sleep 100000 && sleep 100000 && sleep 100000\r")
        terminal.expect(b"\r\n")
    terminal.type(b"\x01x")
    assert terminal.leave() == 0
