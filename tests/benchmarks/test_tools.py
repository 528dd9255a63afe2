"""What the benchmarks are made with: tables, pictures, jobs in several processes, settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import jobs
from benchmarks.context_switch.balance import crossing
from benchmarks.context_switch.settings import chosen, setting
from benchmarks.plot import Figure, Series, draw
from benchmarks.sheet import Sheet, markdown, shown, write_csv
from toyos.variants import VARIANTS, ChoiceError

ROOT = Path(__file__).parents[2]
SHEET = Sheet("s", "A table", ("name", "n", "m"), (("a", 1, 2.5), ("b", 12345, None)), "words")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7.0, "7"), (7.25, "7.25"), (12.34, "12.3"), (999.94, "999.9"), (1234.5, "1234"), (-0.5, "-0.50"),
     (12345, "12\N{NARROW NO-BREAK SPACE}345"), (None, "-"), ("word", "word")],
)  # fmt: skip
def test_how_values_are_shown(value: float | str | None, text: str) -> None:
    assert shown(value) == text


def test_a_sheet_is_looked_up_and_written(tmp_path: Path) -> None:
    assert SHEET.row("b") == {"name": "b", "n": 12345, "m": None}
    assert SHEET.column("n") == (1, 12345)
    with pytest.raises(KeyError):
        SHEET.row("c")
    assert markdown(SHEET).splitlines()[:3] == ["| name | n | m |", "|---|---:|---:|", "| a | 1 | 2.50 |"]
    write_csv([SHEET], tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text().splitlines() == [
        "sheet,unit,row,column,value", "s,words,a,n,1", "s,words,a,m,2.5", "s,words,b,n,12345",
    ]  # fmt: skip


def test_pictures_are_the_same_every_time_and_say_what_they_show(tmp_path: Path) -> None:
    lines = Figure("l", "Title", "lines", "x", "y", (1.0, 2.0, 4.0), (Series("s", (1.0, None, 3.0)),), "note", "x")
    bars = Figure("b", "Title", "bars", "x", "y", ("one two", "three"), (Series("s", (1.0, 2.0)),), "note")
    first = [path.read_bytes() for path in draw([lines, bars], tmp_path / "1", ("svg",))]
    second = [path.read_bytes() for path in draw([lines, bars], tmp_path / "2", ("svg",))]
    assert first == second
    assert lines.fingerprint.encode() in first[0] and lines.fingerprint != bars.fingerprint



@pytest.mark.parametrize("workers", [1, 2])
def test_jobs_are_done_once_each_and_in_order(workers: int) -> None:
    done = jobs.run(abs, [-3, 1, -3, 2], workers, "numbers")
    assert list(done.items()) == [(-3, 3), (1, 1), (2, 2)]
    assert jobs.run(abs, [], workers, "numbers") == {}


def test_a_job_that_fails_ends_all() -> None:
    with pytest.raises(TypeError):
        jobs.run(abs, [1, "x", 3], 2, "numbers")  # type: ignore[list-item]


@pytest.mark.parametrize("after", [0.7, 3.0])
def test_interrupting_leaves_nothing_behind(after: float) -> None:
    """Ctrl-C reaches all processes of a terminal's job, those just started too."""
    running = subprocess.Popen(
        [sys.executable, "-m", "toyos.cli.main", "bench", "context-switch", "--jobs", "2"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(after)
    os.killpg(running.pid, signal.SIGINT)
    output, complaints = running.communicate(timeout=20)  # the pipes close when the workers are gone, too
    assert (running.returncode, output, complaints) == (130, "", "")


@pytest.mark.parametrize(
    ("gains", "turn"),
    [([-2.0, 2.0, 4.0], 5.0), ([-1.0, -1.0, -1.0], None), ([1.0, 2.0, 3.0], None), ([1.0, -1.0, 1.0], 15.0)],
)
def test_where_gains_begin(gains: list[float], turn: float | None) -> None:
    assert crossing((0, 10, 20), gains) == turn


def test_settings_are_all_modes_and_variants() -> None:
    found = {(each.mode, each.variant) for each in chosen()}
    assert found == {(mode, variant) for mode, names in VARIANTS.items() for variant in names}
    assert [each.label for each in chosen(["window"], ["flush"], 16)] == ["window flush 16"]
    assert setting("window", "partition", 16).label == "window partition 16/2"
    assert [each.label for each in chosen(["window"], windows=3)][-1] == "window partition 3/1"
    assert (setting("window").registers, setting("risc").registers, setting("cisc").registers) == (8 * 16 + 7, 31, 9)
    with pytest.raises(ChoiceError):
        chosen(["risc"], ["flush"])
