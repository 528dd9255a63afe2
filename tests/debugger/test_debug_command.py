"""`toyos debug` as a command: scripts, pipes, files of former sessions, exit statuses, wrong command lines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.debugger.rig import FORK_SUM, GOLDEN, HERE, MODES, PROGRAMS, PROJECT

SCRIPT = HERE / "scripts" / "fork_sum.dbg"
COMMAND = [sys.executable, "-m", "toyos.cli.main", "debug"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT)}


def debug(*words: str | Path, stdin: str = "", folder: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=120, cwd=folder,
        env=ENVIRONMENT,
    )  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_a_script_in_another_process_and_folder_gives_the_golden_text(mode: str, tmp_path: Path) -> None:
    done = debug("--strict", "--mode", mode, "--batch", SCRIPT, FORK_SUM, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (GOLDEN / f"fork_sum.{mode}.txt").read_text()


def test_a_pipe_is_a_script_too() -> None:
    done = debug("--batch", "-", FORK_SUM, stdin="print 6 * 7\n")
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, ["(toyos) print 6 * 7", "$1 = 42"])
    done = debug(FORK_SUM, stdin="print 6 * 7\nquit\nprint 1\n")
    assert done.stdout.splitlines()[-2:] == ["$1 = 42", "(toyos) quit"]


def test_commands_of_the_command_line_come_first() -> None:
    done = debug("-ex", "break fork", "-ex", "continue", "--plain", FORK_SUM, stdin="print $pid\n")
    assert "breakpoint 1: " in done.stdout
    assert done.stdout.endswith("$1 = 2\n")


def test_strict_counts_what_could_not_be_done() -> None:
    for strict, status in (([], 0), (["--strict"], 1)):
        done = debug(*strict, "--batch", "-", FORK_SUM, stdin="frob\nprint 5\n")
        assert done.returncode == status
        assert done.stdout.endswith("$1 = 5\n")


def test_from_reset_and_arguments_and_the_shell() -> None:
    done = debug("--from-reset", "--batch", "-", FORK_SUM, "--", "one", stdin="here\n")
    assert done.stdout.startswith("[0] machine, no process yet, _start")
    done = debug("--batch", "-", PROJECT / "programs/lectures/argv_envp.s", "--", "one two", stdin="continue\n")
    assert "one two" in done.stdout
    done = debug("--batch", "-", stdin="print $pid\n")
    assert "process 2 (sh), main" in done.stdout


def test_a_run_and_a_machine_are_saved_and_opened_elsewhere(tmp_path: Path) -> None:
    script = "break fork\ncontinue\nsave machine.sav\nrecord save run.rec\ngcore core\n"
    done = debug("--strict", "--batch", "-", FORK_SUM, stdin=script, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("machine.sav", "run.rec", "core"):
        (tmp_path / name).rename(elsewhere / name)
    loaded = debug("--load", "machine.sav", "--batch", "-", stdin="bt\ncontinue\n", folder=elsewhere)
    assert "#1  0x" in loaded.stdout
    assert "in main+" in loaded.stdout
    assert "exit status 0" in loaded.stdout
    replayed = debug("--replay", "run.rec", "--batch", "-", stdin="continue\nbt\nrsi 100\n", folder=elsewhere)
    assert "this is the end of the recording" in replayed.stdout
    assert "in main+" in replayed.stdout
    core = debug("--core", "core", "--batch", "-", stdin="bt\nps\nprint $pc\nhere\ncontinue\nrsi\n", folder=elsewhere)
    assert "in main+" in core.stdout
    assert "a core dump: process 2 (fork_sum) as it was when the core was written; nothing in it runs" in core.stdout
    assert "continue: a core dump can be looked at, but it does not run" in core.stdout
    assert "reverse-stepi: a core dump" in core.stdout


def test_a_recording_of_another_program_is_refused(tmp_path: Path) -> None:
    debug("--batch", "-", FORK_SUM, stdin="record save run.rec\n", folder=tmp_path)
    done = debug("--replay", "run.rec", PROGRAMS / "recursion.s", "--batch", "-", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "toyos debug: run.rec: a run of run/fork_sum, and not of run/recursion\n"
    changed = tmp_path / "fork_sum.s"
    changed.write_text(FORK_SUM.read_text().replace("LAST, 100", "LAST, 10"))
    done = debug("--replay", "run.rec", changed, "--batch", "-", folder=tmp_path)
    assert "the program has been changed since" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--batch", "nosuch", FORK_SUM], "nosuch: No such file or directory"),
        (["--batch", "-", "nosuch.s"], "nosuch.s: No such file or directory"),
        (["--replay", "nosuch", "--batch", "-"], "nosuch: No such file or directory"),
        (["--replay", FORK_SUM, "--batch", "-"], "fork_sum.s: "),
        (["--load", FORK_SUM, "--batch", "-"], "fork_sum.s: "),
        (["--core", FORK_SUM, "--batch", "-"], "no ELF file; expected a core file"),
        (["--core", "a", "--load", "b"], "expected one thing to debug"),
        (["--core", "a", FORK_SUM], "expected one thing"),
        (["--core", "a", "--mode", "cisc"], "a says itself what machine it is of"),
        (["--replay", "a", "--ram", "1M"], "a says itself what machine it is of"),
        (["--batch", "-", "--web", FORK_SUM], "--batch has no screen"),
        (["--ram", "x", FORK_SUM], "--ram x: expected a size"),
        (["--mode", "vax", FORK_SUM], "vax"),
    ],
)  # fmt: skip
def test_wrong_command_lines_are_answered_by_a_sentence(words: list[str | Path], sentence: str) -> None:
    done = debug(*words)
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert done.stderr.startswith("toyos debug: ")
    assert "Traceback" not in done.stderr


def test_a_damaged_recording_is_refused(tmp_path: Path) -> None:
    debug("--batch", "-", FORK_SUM, stdin="record save run.rec\n", folder=tmp_path)
    content = bytearray((tmp_path / "run.rec").read_bytes())
    content[len(content) // 2] ^= 0x10
    (tmp_path / "run.rec").write_bytes(content)
    done = debug("--replay", "run.rec", "--batch", "-", folder=tmp_path)
    assert (done.returncode, "damaged" in done.stderr) == (1, True), done.stderr


def test_a_file_that_is_no_recording_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "precious.s").write_text("nop\n")
    done = debug("--batch", "-", FORK_SUM, stdin="save precious.s\nrecord save precious.s\n", folder=tmp_path)
    assert done.stdout.count("it is not overwritten") == 2
    assert (tmp_path / "precious.s").read_text() == "nop\n"


def test_an_endless_program_is_interrupted_at_a_terminal(tmp_path: Path) -> None:
    """Ctrl-C ends the move, and not the debugger: on a terminal, where lines are read by input()."""
    import pty

    (tmp_path / "endless.s").write_text('.include "common.inc"\n.text\nproc main\n1:      j       1b\nendp\n')
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--plain", "endless.s"], stdin=follower, stdout=follower, stderr=follower, cwd=tmp_path,
        env={**ENVIRONMENT, "TERM": "dumb"}, start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    seen = b""

    def expect(text: bytes) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while text not in seen and time.monotonic() < end:
            seen += os.read(leader, 4096)
        assert text in seen, seen
        seen = seen.partition(text)[2]

    try:
        expect(b"(toyos) ")
        os.write(leader, b"continue\n")
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        expect(b"interrupted")
        expect(b"main+")
        os.write(leader, b"reverse-stepi\n")
        expect(b"main+")
        os.write(leader, b"quit\n")
        assert process.wait(30) == 0
    finally:
        process.kill()
        os.close(leader)
