"""`toyos record` and `toyos replay` as a user meets them."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from toyos import build
from toyos.boot import observed_program
from toyos.recorded import check_program, open_recording
from vm import container, recording
from vm.container import RecordingError
from vm.inputs import RECEIVE, WAIT, Input
from vm.points import CodePoint
from vm.recording import of_timeline, write

PROGRAMS = build.PROJECT / "programs"
FORK_SUM = PROGRAMS / "lectures" / "fork_sum.s"
SECONDS = 30
ENDLESS = """
        .globl main
main:   j       main
"""
TICKING = """
        .include "common.inc"
proc main
        li      s0, 3
1:      la      a0, tick
        call    puts
        li      a0, 1
        call    sleep
        addi    s0, s0, -1
        bnez    s0, 1b
        li      a0, 4
        return
endp
.section .rodata
tick:   .asciz "tick"
"""


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "toyos.cli.main", *map(str, words)]


def toyos(folder: Path, *words: str | Path, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command in a folder, with something piped in."""
    environment = {**os.environ, "PYTHONPATH": str(build.PROJECT)}
    return subprocess.run(
        command(*words), input=typed, capture_output=True, cwd=folder, timeout=SECONDS, env=environment
    )


def sentence(done: subprocess.CompletedProcess[bytes]) -> str:
    """-> what it said to standard error, one line without traceback."""
    text = done.stderr.decode()
    assert text.count("\n") == 1, text
    return text.rstrip()


@pytest.mark.parametrize(
    ("options", "typed"),
    [
        ([FORK_SUM], b""),
        (["--mode", "cisc", "--variant", "pushr", "--quantum", "2000", PROGRAMS / "lectures" / "round_robin.s"], b""),
        (["--mode", "window", "--nwin", "4", PROGRAMS / "bin" / "cat.s"], b"some\nlines\n"),
        ([], b"echo two; ls /lectures\nsleep 2; ps\nexit 9\n"),
    ],
    ids=["program", "options", "input", "shell"],
)
def test_a_replay_says_and_returns_what_the_run_did(options: list[str | Path], typed: bytes, tmp_path: Path) -> None:
    alone = toyos(tmp_path, *(["run", *options] if options else ["boot"]), typed=typed)
    recorded = toyos(tmp_path, "record", "-o", "a.rec", *options, typed=typed)
    assert (recorded.stdout, recorded.returncode) == (alone.stdout, alone.returncode)
    assert b"instructions" in recorded.stderr and b"bytes in a.rec" in recorded.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "a.rec").rename(elsewhere / "b.rec")
    replayed = toyos(elsewhere, "replay", "b.rec", typed=b"not read")
    assert (replayed.stdout, replayed.returncode, replayed.stderr) == (alone.stdout, alone.returncode, b"")


def test_the_file_has_the_programs_name_and_replaces_only_recordings(tmp_path: Path) -> None:
    for _ in range(2):
        assert toyos(tmp_path, "record", FORK_SUM).returncode == 0
        assert [file.name for file in tmp_path.iterdir()] == ["fork_sum.rec"]
    (tmp_path / "fork_sum.rec").write_text("my notes")
    done = toyos(tmp_path, "record", FORK_SUM)
    assert (done.returncode, done.stdout) == (1, b"")
    assert sentence(done) == "toyos record: fork_sum.rec: exists, and is not of toyos; it is not overwritten"
    assert (tmp_path / "fork_sum.rec").read_text() == "my notes"
    done = toyos(tmp_path, "record", "-o", "no/such/folder.rec", FORK_SUM)
    assert (done.returncode, sentence(done)) == (
        1,
        "toyos record: no/such/folder.rec: there is no folder no/such",
    )


def test_a_part_of_a_run_and_a_run_that_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "endless.s").write_text(ENDLESS)
    done = toyos(tmp_path, "record", "--max-instructions", "300000", "endless.s")
    assert done.returncode == 124 and b"--max-instructions" in done.stderr
    done = toyos(tmp_path, "replay", "endless.rec")
    assert (done.returncode, sentence(done)) == (
        0,
        "toyos replay: the recording ends here, after 300000 instructions",
    )
    done = toyos(tmp_path, "replay", "endless.rec", "--to", "1000", "--stats")
    assert b"stopped as asked, after 1000 instructions" in done.stderr and b"started       1,000" in done.stderr


def test_what_is_no_recording_of_this_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fork_sum.rec"
    assert toyos(tmp_path, "record", FORK_SUM).returncode == 0
    found = recording.read(file)
    extra = {**found.extra, "made_by": "99.5"}
    write(tmp_path / "newer.rec", recording.Recording(found.machine, found.start, found.log, found.end, "", extra))
    (tmp_path / "half.rec").write_bytes(file.read_bytes()[:5000])
    for name, what in (
        ("newer.rec", "newer.rec: made by toyos 99.5, and this is "),
        ("half.rec", "half.rec: cut short: "),
        ("none.rec", "none.rec: No such file or directory"),
        (str(FORK_SUM), f"{FORK_SUM}: not a recording of a run: it begins otherwise"),
    ):
        done = toyos(tmp_path, "replay", name)
        assert done.returncode == 1 and sentence(done).startswith(f"toyos replay: {what}")


def test_a_recording_broken_off_by_a_signal_can_be_replayed(tmp_path: Path) -> None:
    (tmp_path / "endless.s").write_text(ENDLESS)
    environment = {**os.environ, "PYTHONPATH": str(build.PROJECT)}
    running = subprocess.Popen(
        command("record", "endless.s"), cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=SECONDS)
    assert running.returncode == 130 and b"bytes in endless.rec" in said
    assert toyos(tmp_path, "replay", "--to", "200000", "endless.rec").returncode == 0


def test_what_was_typed_on_a_terminal_comes_at_its_instruction_again(tmp_path: Path) -> None:
    (tmp_path / "ticking.s").write_text(TICKING)
    ends = pty.openpty()
    before = termios.tcgetattr(ends[1])
    environment = {**os.environ, "PYTHONPATH": str(build.PROJECT)}
    running = subprocess.Popen(
        command("record", "ticking.s"), cwd=tmp_path, stdin=ends[1], stdout=ends[1], stderr=subprocess.DEVNULL,
        env=environment,
    )  # fmt: skip
    shown, begun = b"", time.monotonic()
    while running.poll() is None:
        if select.select([ends[0]], [], [], 0.2)[0]:
            shown += os.read(ends[0], 4096)
        elif 0 < shown.count(b"tick") < 3:
            os.write(ends[0], b"k")  # the program sleeps for real seconds, and each key wakes the hart
        assert time.monotonic() - begun < SECONDS, shown
    assert termios.tcgetattr(ends[1]) == before and running.returncode == 4
    log = [entry for entry in recording.read(tmp_path / "ticking.rec").log if isinstance(entry, Input)]
    assert {RECEIVE, WAIT} == {entry.kind for entry in log}
    assert b"".join(entry.data for entry in log).count(b"k") > 3
    begun = time.monotonic()
    done = toyos(tmp_path, "replay", "ticking.rec")
    assert done.returncode == 4
    assert done.stdout.count(b"tick") == shown.count(b"tick") == 3
    assert time.monotonic() - begun < 3, "what the run waited for takes no time again"


def test_a_recording_brings_its_names_and_is_of_one_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert toyos(tmp_path, "record", "--mode", "window", FORK_SUM).returncode == 0
    opened = open_recording(tmp_path / "fork_sum.rec")
    assert (opened.title, list(opened.own)) == ("fork_sum", ["run/fork_sum"])
    opened.timeline.observer.add(CodePoint(opened.parts.symbols["wake_all"]))
    assert opened.timeline.run().reason == "hit" and opened.timeline.reverse_step().reason == "limit"
    parts = build.system("window")
    check_program(opened, observed_program([FORK_SUM], parts)[2], "fork_sum.rec")
    changed = tmp_path / "fork_sum.s"
    changed.write_text(FORK_SUM.read_text().replace("LAST, 100", "LAST, 99"))
    with pytest.raises(RecordingError, match="fork_sum.rec: a run of another run/fork_sum"):
        check_program(opened, observed_program([changed], parts)[2], "fork_sum.rec")
    hello = PROGRAMS / "bin" / "hello.s"
    with pytest.raises(RecordingError, match="a run of run/fork_sum, and not of run/hello"):
        check_program(opened, observed_program([hello], parts)[2], "fork_sum.rec")
    # Where the kernel's sources are others by now, names come from the recording alone.
    monkeypatch.setattr(build, "system_of", lambda choice: parts._replace(kernel=b"another"))
    foreign = open_recording(tmp_path / "fork_sum.rec").parts
    assert foreign.kernel == parts.kernel and foreign.symbols == parts.symbols and not foreign.programs


def test_nonsense_beside_the_run_is_refused(tmp_path: Path) -> None:
    assert toyos(tmp_path, "record", FORK_SUM).returncode == 0
    file = tmp_path / "fork_sum.rec"
    timeline = open_recording(file).timeline
    good = recording.read(file).extra
    for key, value in (
        ("choice", None), ("choice", ["vax", "soft", {}]), ("choice", ["risc", "soft", {"NPROC": "many"}]),
        ("kernel", 5), ("programs", {"a": 1}), ("programs", None),
    ):  # fmt: skip
        write(file, of_timeline(timeline, {**good, key: value}))
        with pytest.raises(RecordingError, match="it does not say which"):
            open_recording(file)
    assert container.begins_as_one(file)
