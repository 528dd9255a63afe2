"""`toyos machine`: images in, exit statuses and statistics out, every wrong image a sentence."""

import json
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.engine.workloads import SMALL
from tests.images import guest, guest_elf, program
from toyos.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent
WORKLOADS = ROOT / "benchmarks" / "engine" / "workloads"

FINISH = """
    .globl _start
_start:
    li t0, 0x100000
    li t1, {word:#x}
    sw t1, 0(t0)
1:  j 1b
"""
ENDLESS = """
    .globl _start
_start: j _start
"""
SLEEP = """
    .globl _start
_start:
    csrw mie, zero
    wfi
    j _start
"""
TOHOST = """
    .globl _start
_start:
    la t0, tohost
    li t1, {word}
    {first}
    {second}
1:  j 1b
    .data
    .balign 8
    .globl tohost
tohost: .dword 0
"""
# Prints each byte it receives plus one, until it receives a dot; waits for input by polling or by sleeping.
ECHO = """
    .equ UART, 0x10000000
    .globl _start
_start:
    li s0, UART
    li t0, 1
    sb t0, 1(s0)            # receive interrupt
    li t1, 0x0c000028
    sw t0, 0(t1)            # priority of source 10
    li t1, 0x0c002000
    li t0, 1 << 10
    sw t0, 0(t1)            # enabled for machine mode
    li t0, 1 << 11
    csrw mie, t0
again:
    {wait}
    lbu t0, 5(s0)
    andi t0, t0, 1
    beqz t0, again
    lbu a0, 0(s0)
    li t1, '.'
    beq a0, t1, done
    addi a0, a0, 1
    sb a0, 0(s0)
    j again
done:
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b
"""


def image(folder: Path, content: bytes) -> str:
    """-> path of a file with this content."""
    path = folder / "guest"
    path.write_bytes(content)
    return str(path)


def run(*words: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """`toyos machine WORDS` as a process of its own, `text` on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "toyos.cli.main", "machine", *words],
        cwd=ROOT, input=text, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def no_input() -> Iterator[None]:
    """Commands run inside the test process find an empty standard input."""
    null = os.open(os.devnull, os.O_RDONLY)
    saved = os.dup(0)
    os.dup2(null, 0)
    os.close(null)
    yield
    os.dup2(saved, 0)
    os.close(saved)


@pytest.mark.parametrize(
    ("word", "status"),
    [(0x5555, 0), (0x3333 | 7 << 16, 7), (0x3333 | 255 << 16, 255), (0x3333 | 256 << 16, 255), (0x3333, 1)],
)
def test_exit_status_comes_from_the_finisher(tmp_path: Path, word: int, status: int) -> None:
    assert main(["machine", "--kernel", image(tmp_path, guest(FINISH.format(word=word)))]) == status


@pytest.mark.parametrize(("word", "status"), [(1, 0), (7, 3), (513, 255)])
@pytest.mark.parametrize(
    ("first", "second"),
    [("sw t1, 0(t0)", "sw zero, 4(t0)"), ("sw zero, 4(t0)", "sw t1, 0(t0)"), ("sw t1, 0(t0)", "nop")],
)
def test_exit_status_comes_from_tohost(tmp_path: Path, word: int, status: int, first: str, second: str) -> None:
    elf = guest_elf(TOHOST.format(word=word, first=first, second=second), "tohost")
    assert main(["machine", "--kernel", image(tmp_path, elf), "--max-instructions", "100000"]) == status


def test_a_raw_image_starts_at_the_beginning_of_ram(tmp_path: Path) -> None:
    raw = program(FINISH.format(word=0x3333 | 9 << 16)).text
    assert main(["machine", "--kernel", image(tmp_path, raw)]) == 9


def test_workloads_print_their_lines_and_retire_exact_counts(capfd: pytest.CaptureFixture[str]) -> None:
    for workload in SMALL:
        assert main(["machine", "--kernel", str(workload.image), "--ram", "16M", "--stats=json"]) == 0
        out, err = capfd.readouterr()
        assert out == workload.output
        assert json.loads(err)["instructions"] == workload.instructions


def test_reaching_the_limit_has_its_own_status(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["machine", "--kernel", image(tmp_path, guest(ENDLESS)), "--max-instructions", "12345", "--stats"]
    assert main(words) == 124
    err = capfd.readouterr().err
    assert "toyos machine: stopped after 12345 instructions (--max-instructions)\n" in err
    assert "instructions  12,345\n" in err


def test_json_statistics_are_all_there_is_on_standard_error(tmp_path, capfd):
    """Also when there is something to say: that is in the object then."""
    words = ["machine", "--kernel", image(tmp_path, guest(ENDLESS)), "--max-instructions", "12345", "--stats=json"]
    assert main(words) == 124
    stats = json.loads(capfd.readouterr().err)
    assert stats["instructions"] == 12345
    assert stats["stopped"] == "stopped after 12345 instructions (--max-instructions)"


def test_a_guest_that_nothing_can_wake_ends_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["machine", "--kernel", image(tmp_path, guest(SLEEP))]) == 125
    assert capfd.readouterr().err == "toyos machine: the guest sleeps, and nothing can wake it any more\n"


def test_traps_are_traced_to_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = """
        .globl _start
    _start:
        la t0, handler
        csrw mtvec, t0
        ecall
        .balign 4
    handler:
        li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
    """
    assert main(["machine", "--kernel", image(tmp_path, guest(text)), "--trace-traps"]) == 0
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "ecall from machine mode at 0x8000000c" in lines[0]


@pytest.mark.parametrize("wait", ["nop", "wfi"])
def test_a_pipe_reaches_the_uart(tmp_path: Path, wait: str) -> None:
    done = run("--kernel", image(tmp_path, guest(ECHO.format(wait=wait))), text=b"HAL.")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"IBM", b"")


def test_long_input_and_output_arrive_whole(tmp_path: Path) -> None:
    text = bytes(range(ord("0"), ord("z"))) * 150
    done = run("--kernel", image(tmp_path, guest(ECHO.format(wait="wfi"))), text=text + b".")
    assert done.stdout == bytes(byte + 1 for byte in text)


def test_equal_inputs_give_equal_runs(tmp_path: Path) -> None:
    kernel = image(tmp_path, guest(ECHO.format(wait="wfi")))
    counts = {json.loads(run("--kernel", kernel, "--stats=json", text=b"abc.").stderr)["clock"] for _ in range(3)}
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["--kernel", "no/such/file"], 1, "toyos machine: no/such/file: No such file or directory\n"),
        (["--kernel", str(ROOT)], 1, f"toyos machine: {ROOT}: Is a directory\n"),
        (["--kernel", str(WORKLOADS / "mem.elf"), "--ram", "4M"], 1, "it would have to be at least 9M large\n"),
        (["--kernel", str(WORKLOADS / "mem.elf"), "--ram", "lots"], 2, "--ram lots: expected a size"),
        (["--kernel", str(WORKLOADS / "mem.elf"), "--mode", "vax"], 2, "there is no mode 'vax'"),
        (["--kernel", str(WORKLOADS / "mem.elf"), "--nwin", "8"], 2, "a risc machine has no register windows"),
        (["--kernel", str(WORKLOADS / "mem.elf"), "--mode", "window", "--nwin", "33"], 2, "--nwin 33: expected"),
        (["--kernel", str(WORKLOADS / "tiny.elf"), "--initrd", "none.cpio"], 1, "none.cpio: No such file"),
        (["--kernel", str(WORKLOADS / "tiny.elf"), "--initrd", "/dev/zero"], 1, "/dev/zero: a device"),
        (["--kernel", str(WORKLOADS / "tiny.elf"), "--max-instructions", "0"], 2, "--max-instructions"),
        ([], 2, "--kernel"),
    ],
)
def test_wrong_command_lines_and_images(
    words: list[str], status: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["machine", *words]) == status
    out, err = capfd.readouterr()
    assert out == ""
    assert sentence in err
    assert "Traceback" not in err


def test_a_foreign_program_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    host_program = os.path.realpath(sys.executable)
    assert main(["machine", "--kernel", host_program]) == 1
    assert "expected" in capfd.readouterr().err


def on_terminal(kernel: str, *keys: bytes) -> tuple[bytes, int]:
    """Runs the guest on a pseudo terminal and types, each time a dollar sign is seen -> (screen, exit status)."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "toyos.cli.main", "machine", "--kernel", kernel])
    before = termios.tcgetattr(terminal)
    screen, waiting = b"", list(keys)
    while select.select([terminal], [], [], 30)[0]:
        try:
            data = os.read(terminal, 1000)
        except OSError:  # how Linux reports that the other side has closed
            break
        screen += data
        if b"$" in data and waiting:
            os.write(terminal, waiting.pop(0))
    _, status = os.waitpid(child, 0)
    assert termios.tcgetattr(terminal) == before, "the terminal is as it was"
    os.close(terminal)
    return screen, os.waitstatus_to_exitcode(status)


def test_on_a_terminal_every_key_reaches_the_guest_and_ctrl_a_x_leaves(tmp_path: Path) -> None:
    prompting = ECHO.format(wait="wfi").replace("again:", "li t0, '$'\n    sb t0, 0(s0)\nagain:", 1)
    kernel = image(tmp_path, guest(prompting))
    assert on_terminal(kernel, b"HAL.") == (b"$IBM", 0)
    assert on_terminal(kernel, b"\x02#", b"\x01x") == (b"$\x03$", 0)
