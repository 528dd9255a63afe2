"""`toyos trace`: what goes where, what is refused, and what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.trace.rig import PROGRAMS, computer_for, system
from toyos.cli.main import main
from toyos.trace.report import Report, Wishes

FORK_SUM = str(PROGRAMS / "lectures" / "fork_sum.s")
OUTPUT = (PROGRAMS / "lectures" / "fork_sum.expect").read_text()
ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    """What the command has ended with and printed."""

    status: int
    out: str
    err: str


Trace = Callable[..., Answer]


@pytest.fixture
def trace(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Trace:
    """-> runs `toyos trace WORDS` -> Answer."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Answer:
        status = main(["trace", *words])
        sys.stderr.flush()
        captured = capfd.readouterr()
        return Answer(status, captured.out, captured.err)

    return run


def test_lanes_and_events_fit_a_terminal(trace: Trace) -> None:
    answer = trace(FORK_SUM)
    assert (answer.status, answer.out) == (0, OUTPUT)
    head, events = answer.err.split("\n\n", 2)[0], answer.err.split("\n\n", 2)[2]
    lanes = answer.err.split("\n\n", 2)[1].splitlines()
    assert head.splitlines()[0] == "fork_sum, on the risc kernel (soft)"
    assert "5 switches (0 preemptive), 25 system calls, 4 page faults, 3 pages copied" in head
    assert [line[:22].rstrip() for line in lanes[1:5]] == [
        "  0 idle", "  1 └─ init", "  2    └─ fork_sum", "  3       └─ fork_sum",
    ]  # fmt: skip
    assert all(len(line) <= 80 for line in lanes)
    assert "█" in lanes[4] and "░" in lanes[4] and lanes[4].index("+") < lanes[4].index("░") < lanes[4].index("█")
    assert events.splitlines()[0].split() == ["instructions", "µs", "pid", "event"]
    assert "fork: process 3 is made" in events and "wait: child 3 has been waited for" in events
    assert 'write(1, "parent: child 3 has ended with c"..., 55) = 55' in events


def test_strace_goes_to_a_file_when_asked(trace: Trace, tmp_path: Path) -> None:
    answer = trace("--strace", FORK_SUM)
    assert answer.out == OUTPUT and "[pid 3] +++ exited with 7 +++" in answer.err.splitlines()
    file = tmp_path / "x.strace"
    again = trace("--strace", "-o", str(file), FORK_SUM)
    assert again.out == OUTPUT and again.err == "" and file.read_text() == answer.err


def test_a_selection_means_strace(trace: Trace) -> None:
    answer = trace("-e", "trace=fork", FORK_SUM)
    assert [line for line in answer.err.splitlines() if "+++" not in line] == [
        "[pid 2] clone(child_stack=NULL, flags=SIGCHLD) = 3"
    ]


def test_longer_strings(trace: Trace) -> None:
    assert 'write(1, "before fork: one process\\n", 25)' in trace("--strace", "-s", "24", FORK_SUM).err.replace(
        '"...', '\\n"'
    )
    assert 'write(1, "bef"..., 25)' in trace("--strace", "-s", "3", FORK_SUM).err


def test_counts(trace: Trace) -> None:
    only = trace("--summary-only", FORK_SUM).err.splitlines()
    assert only[0].split()[-1] == "syscall" and only[-1].split()[-1] == "total"
    both = trace("--summary", "-e", "trace=write", FORK_SUM).err.splitlines()
    assert any(line.startswith("[pid 2] write(") for line in both)
    assert both[-1].split() == ["100.00", *both[-1].split()[1:3], "5", "total"]


def test_data_files(trace: Trace, tmp_path: Path) -> None:
    assert trace("--format", "json", FORK_SUM).out == OUTPUT
    data = json.loads(trace("--format", "json", "--mode", "cisc", FORK_SUM).err)
    assert data["system"]["mode"] == "cisc" and (data["reason"], data["status"]) == ("halt", 0)
    assert data["command"] == ["fork_sum"] and len(data["processes"]) == 4
    file = tmp_path / "run.json"
    assert trace("--format", "perfetto", "-o", str(file), FORK_SUM).err == ""
    assert json.loads(file.read_text())["otherData"]["command"] == ["fork_sum"]


def test_arguments_commands_and_status(trace: Trace) -> None:
    answer = trace("--strace", str(PROGRAMS / "lectures" / "execcmd.s"), "--", "echo", "a b")
    assert answer.out == "a b\n" or "a b" in answer.out
    assert 'execve("/run/execcmd", ["execcmd", "echo", "a b"], ' in answer.err
    answer = trace("--strace", "-c", "echo hello; exit 3")
    assert (answer.status, answer.out) == (3, "hello\n")
    assert 'execve("/bin/sh", ["sh", "-c", "echo hello; exit 3"], ' in answer.err


def test_what_was_seen_is_shown_though_the_guest_did_not_end(trace: Trace) -> None:
    answer = trace("--strace", "--max-instructions", "236000", FORK_SUM)
    assert answer.status == 124 and "[pid 3] getppid()" in answer.err
    assert answer.err.splitlines()[-1] == "toyos trace: stopped after 236000 instructions (--max-instructions)"
    assert "+++ exited with 7 +++" in answer.err and "+++ exited with 0 +++" not in answer.err
    early = trace("--max-instructions", "1000", FORK_SUM)
    assert early.status == 124 and "0 switches" in early.err


def test_what_was_seen_is_written_when_the_user_breaks_off(tmp_path: Path) -> None:
    computer = computer_for("lectures/fork_sum.s", system(), bytearray(), observed=True)
    file = tmp_path / "x.strace"
    with pytest.raises(KeyboardInterrupt), Report(computer, ["fork_sum"], Wishes(strace=True), file) as report:
        computer.run(report.run, 236_000)
        raise KeyboardInterrupt
    assert "[pid 3] getppid()                       = 2" in file.read_text().splitlines()


def test_checks_run_beside_it(trace: Trace) -> None:
    assert trace("--strace", "--check", FORK_SUM) == trace("--strace", FORK_SUM)


def test_a_limit_of_events_does_not_stop_the_guest(trace: Trace) -> None:
    answer = trace("--limit", "40", FORK_SUM)
    assert answer.out == OUTPUT and "is neither counted nor drawn" in answer.err
    answer = trace("--strace", "--limit", "40", FORK_SUM)
    assert answer.out == OUTPUT and answer.err.splitlines()[-1] == "stopped recording after 40 events (--limit)"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "expected files, or a command for the shell (-c TEXT), and not both"),
        (["-c", "ls", "--", "x"], "words after -- are arguments of a program; a command for the shell holds its own"),
        (["-c", "ls", FORK_SUM], "expected files, or a command for the shell (-c TEXT), and not both"),
        (["-e", "trace=opne", FORK_SUM], "-e trace=opne: there is no system call 'opne'; did you mean 'open'?"),
        (["--plot", "run.gif", FORK_SUM], "run.gif: expected a name that ends with .svg or .png"),
        (["--plot", "/nowhere/at/all.svg", FORK_SUM], "/nowhere/at/all.svg: there is no folder /nowhere/at"),
        (["--mode", "vax", FORK_SUM], "there is no mode 'vax'; expected one of: risc, window, cisc"),
        (["-o", "/nowhere/at/all", FORK_SUM], "/nowhere/at/all: No such file or directory"),
        (["absent.s"], "absent.s: No such file or directory"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(trace: Trace, words: list[str], sentence: str) -> None:
    answer = trace(*words)
    assert answer.status in (1, 2) and answer.out == ""
    assert answer.err == f"toyos trace: {sentence}\n"


def test_pictures_are_drawn_and_nothing_else_is_printed(trace: Trace, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    svg, png = tmp_path / "run.svg", tmp_path / "run.png"
    answer = trace("--plot", str(svg), "--plot", str(png), "--axis", "time", FORK_SUM)
    assert (answer.out, answer.err) == (OUTPUT, "")
    assert svg.read_bytes().startswith(b"<?xml") and png.read_bytes().startswith(b"\x89PNG")


def test_matplotlib_is_needed_for_pictures_only(trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        f"from toyos.cli.main import main; sys.exit(main(['trace', {FORK_SUM!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == OUTPUT
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = trace("--plot", str(tmp_path / "run.svg"), FORK_SUM)
    assert answer.status == 2 and answer.out == ""
    assert answer.err == "toyos trace: pictures need matplotlib: pip install 'toyos[plot]'\n"
