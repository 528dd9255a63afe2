"""The command frame: help at once, suggestions, and one sentence for whatever goes wrong."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from toyos.cli import main as frame
from toyos.errors import CommandError

ROOT = Path(__file__).resolve().parent.parent.parent


class LibraryError(Exception):
    """Stands for a documented exception of a library."""


def command(monkeypatch: pytest.MonkeyPatch, error: BaseException | None = None, **more: object) -> None:
    """Puts a command `probe` into the table that raises `error`, and has further attributes `more`."""
    module = ModuleType("toyos.cli.probe")

    def main(word: str = "nothing") -> None:
        """Probe the frame.

        \b
        Example:
          toyos probe --word x
        """
        print("probed", word)
        if error is not None:
            raise error

    vars(module).update(main=main, **more)
    monkeypatch.setitem(sys.modules, "toyos.cli.probe", module)
    monkeypatch.setitem(frame.COMMANDS, "probe", ("probe", "probe the frame"))


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main(["--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for name, (_, summary) in frame.COMMANDS.items():
        assert f"  {name} " in out
        assert summary in out


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: toyos COMMAND")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("objdmp", "there is no command 'objdmp'; did you mean 'objdump'?"),
        ("mashine", "there is no command 'mashine'; did you mean 'machine'?"),
        ("zzz", "there is no command 'zzz'; see toyos --help"),
        ("--stat", "there is no option '--stat'; see toyos --help"),
    ],
)
def test_unknown_commands(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.main([word]) == 2
    assert capsys.readouterr() == ("", f"toyos: {hint}\n")


def test_a_command_runs_with_its_arguments(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    command(monkeypatch)
    assert frame.main(["probe", "--word", "seven"]) == 0
    assert capsys.readouterr() == ("probed seven\n", "")


def test_a_command_may_rewrite_its_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, arguments=lambda words: ["--word", words[0].upper()])
    assert frame.main(["probe", "loud"]) == 0
    assert capsys.readouterr().out == "probed LOUD\n"


def test_help_of_a_command_keeps_its_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch)
    for words in (["probe", "--help"], ["help", "probe"], ["probe", "-h"]):
        assert frame.main(words) == 0
        out = capsys.readouterr().out
        assert "Usage: toyos probe [OPTIONS]" in out
        assert "  Example:\n    toyos probe --word x\n" in out


def test_wrong_options_are_usage_errors(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    command(monkeypatch)
    assert frame.main(["probe", "--wrod", "x"]) == 2
    err = capsys.readouterr().err
    assert "--wrod" in err
    assert "toyos probe" in err


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (CommandError("a.o: no such section", 3), 3, "toyos probe: a.o: no such section\n"),
        (CommandError(""), 1, ""),
        (LibraryError("x.o: truncated"), 1, "toyos probe: x.o: truncated\n"),
        (FileNotFoundError(2, "No such file or directory", "x.s"), 1, "toyos probe: x.s: No such file or directory\n"),
        (OSError(28, "No space left on device"), 1, "toyos probe: No space left on device\n"),
        (MemoryError(), 1, "toyos probe: the host has not enough memory for this\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_failures_become_sentences(
    error: BaseException,
    status: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command(monkeypatch, error, ERRORS=(LibraryError,))
    assert frame.main(["probe"]) == status
    assert capsys.readouterr().err == sentence


def test_a_fault_of_ours_asks_to_be_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, ZeroDivisionError("division by zero"))
    monkeypatch.delenv("TOYOS_TRACEBACK", raising=False)
    assert frame.main(["probe"]) == 1
    err = capsys.readouterr().err
    assert "fault in toyos itself" in err
    assert "ZeroDivisionError: division by zero" in err
    assert "Traceback" not in err
    monkeypatch.setenv("TOYOS_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        frame.main(["probe"])


def test_a_reader_that_goes_away_is_no_fault() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "toyos.cli.main", "--help"],
        cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=30, check=False,
    )  # fmt: skip
    os.close(write_end)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "closed", "status", "out", "err"),
    [
        (["--help"], "<&-", 0, "Usage: toyos COMMAND", ""),
        (["--help"], ">&-", 1, "", "toyos: standard output: Bad file descriptor\n"),
        (["--help"], ">/dev/full", 1, "", "toyos: standard output: No space left on device\n"),
        (["nosuch"], "2>&-", 2, "", ""),
        (["--help"], "<&- >&- 2>&-", 1, "", ""),
        (["as", "-"], "<&- 2>&-", 0, "", ""),
    ],
)
def test_closed_and_full_streams(
    words: list[str], closed: str, status: int, out: str, err: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m toyos.cli.main "$@" {closed}', sys.executable, *words],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert done.stdout.startswith(out)
    assert done.stderr == err


def test_bytes_of_a_source_leave_as_they_came_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "odd.s").write_bytes(".word 1 # caf\u00e9 ".encode() + b"\xe9\n")
    (tmp_path / "wrong.s").write_bytes(b"caf\xe9 a0\n")
    for encoding in ("ascii", "utf-8"):
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
        command = [sys.executable, "-m", "toyos.cli.main", "as"]
        done = subprocess.run(
            [*command, "-a", "odd.s"], cwd=tmp_path, env=environment, capture_output=True, timeout=30, check=False
        )
        assert done.returncode == 0
        assert b"caf\xc3\xa9 \xe9\n" in done.stdout
        done = subprocess.run(
            [*command, "wrong.s"], cwd=tmp_path, env=environment, capture_output=True, timeout=30, check=False
        )
        assert done.returncode == 1
        assert b"there is no instruction or macro 'caf\xe9'" in done.stderr


def test_help_answers_at_once() -> None:
    """Budget 0.15 s of CPU; a process that imported numpy or typer's world by accident would show here."""
    before = os.times()
    for _ in range(5):
        subprocess.run(
            [sys.executable, "-m", "toyos.cli.main", "--help"],
            cwd=ROOT, stdout=subprocess.DEVNULL, timeout=30, check=True,
        )  # fmt: skip
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent / 5 < 0.15, f"toyos --help costs {spent / 5:.2f} s of CPU"
