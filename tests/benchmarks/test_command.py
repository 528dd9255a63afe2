"""`toyos bench` and its like: what they print and write, and what they say about senseless wishes."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.context_switch import costs
from benchmarks.context_switch.report import EXPERIMENTS
from toyos.variants import MODES, VARIANTS

ROOT = Path(__file__).parents[2]
SMALL = ("--mode", "risc", "--variant", "soft", "--model", "neutral", "--only", "primitives", "--only", "masked")


def toyos(*words: str, timeout: int = 120) -> subprocess.CompletedProcess[str]:
    """Words after `toyos` -> the finished command."""
    command = [sys.executable, "-m", "toyos.cli.main", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """-> a folder with all that a small run writes."""
    folder = tmp_path_factory.mktemp("bench")
    names = ("--json", str(folder / "b.json"), "--csv", str(folder / "b.csv"), "--plot", str(folder / "pictures"))
    done = toyos("bench", "context-switch", "--quick", *SMALL, *names, "--jobs", "1")
    assert done.returncode == 0
    told = r"accounting: \d+ million .* without it, \d+ with it, \d+ with caches and TLB \(.* as long\)\n"
    assert re.fullmatch(told, done.stderr)
    (folder / "out.txt").write_text(done.stdout)
    return folder


def test_tables_have_conditions_and_sources_beside_the_numbers(written: Path) -> None:
    text = (written / "out.txt").read_text()
    for wanted in ("risc soft", "null call", "voluntary switch", "CVAX", "as quoted, not checked", "ASSUMED"):
        assert wanted in text, wanted


def test_json_and_csv_hold_all_tables(written: Path) -> None:
    data = json.loads((written / "b.json").read_text())
    assert data["benchmark"] == "context-switch" and data["quick"] is True
    assert data["settings"] == [
        {"mode": "risc", "variant": "soft", "windows": 0, "parts": 0, "label": "risc soft", "registers": 31}
    ]
    sheets = {sheet["name"]: sheet for sheet in data["sheets"]}
    assert {"settings", "primitives-instructions", "primitives-cycles-neutral", "masked"} <= set(sheets)
    assert all(sheet["rows"] for sheet in data["sheets"])
    first = sheets["primitives-instructions"]
    row = dict(zip(first["columns"], first["rows"][0], strict=True))
    assert 50 < row["null call"] < row["voluntary switch"] < 1000
    with (written / "b.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    cell = next(line for line in lines if line["sheet"] == "primitives-instructions" and line["column"] == "null call")
    assert (cell["unit"], cell["row"], float(cell["value"])) == ("instructions", "risc soft", row["null call"])


def test_pictures_are_drawn_in_both_formats(written: Path) -> None:
    assert sorted(path.name for path in (written / "pictures").iterdir()) == ["masked.png", "masked.svg"]
    assert (written / "pictures" / "masked.png").read_bytes().startswith(b"\x89PNG")


def test_numbers_do_not_depend_on_the_run_or_the_processes(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    done = toyos("bench", "context-switch", "--quick", *SMALL, "--json", str(again), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert again.read_text() == (written / "b.json").read_text()
    assert done.stdout == (written / "out.txt").read_text()


def test_calls(tmp_path: Path) -> None:
    file = tmp_path / "calls.json"
    words = ("--quick", "--mode", "cisc", "--variant", "svpctx", "--model", "i486", "--json", str(file))
    done = toyos("bench", "calls", *words)
    assert done.returncode == 0, done.stderr
    names = {sheet["name"] for sheet in json.loads(file.read_text())["sheets"]}
    assert names == {
        "calls-instructions", "calls-words-moved", "calls-bytes-fetched", "calls-cycles-i486", "calls-size",
        "calls-depth",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("context-switch", "--mode", "vax"), "there is no mode 'vax'; expected one of: risc, window, cisc"),
        (("calls", "--variant", "eager"), "expected one of: soft, xdump, flush, lazy, partition, svpctx, pushr\n"),
        (("context-switch", "--mode", "risc", "--variant", "lazy"), "no variant 'lazy'; expected one of: soft"),
        (("context-switch", "--nwin", "1"), "--nwin 1: expected a number of register windows from 2 to 32"),
        (("context-switch", "--nwin", "33"), "from 2 to 32"),
        (("context-switch", "--mode", "risc", "--nwin", "8"), "only window mode has register windows"),
        (("context-switch", "--model", "z80"), "there is no cost model 'z80'; expected one of: cvax"),
        (("context-switch", "--model", "cvax"), "model cvax is for cisc, not for risc, window: expected as"),
        (("context-switch", "--model", "/tmp"), "there is no cost model '/tmp'; expected one of: cvax"),
        (("context-switch", "--only", "lunch"), "no experiment 'lunch' in context-switch; there are: primitives"),
        (("calls", "--only", "ring"), "there is no experiment 'ring' in calls"),
    ],
    ids=lambda value: "_".join(value[1:]) if isinstance(value, tuple) else "",
)
def test_senseless_wishes_are_answered_by_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    refused(words, sentence, status=2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--json", "/"), "/: a folder; expected the name of a file to write"),
        (("--csv", "/"), "/: a folder; expected the name of a file to write"),
        (("--plot", __file__), "expected a folder for the pictures"),
        (("--json", "/nowhere/at/all.json"), "there is no folder /nowhere/at"),
        (("--model", "nosuch.toml"), "nosuch.toml: cannot be read: No such file or directory\n"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, tuple) else "",
)
def test_files_that_cannot_be_used_are_named(words: tuple[str, ...], sentence: str) -> None:
    refused(("context-switch", *words), sentence, status=1)


def test_a_model_s_file_must_be_toml(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"a = 1\n\xff\xfe")
    (tmp_path / "text.toml").write_text("no model")
    sentences = {
        "folder": "cannot be read: Is a directory\n",
        "bytes": "is not TOML: the byte at offset 6 is no text in UTF-8\n",
        "text": "is not TOML: Expected",
    }
    for name, sentence in sentences.items():
        file = tmp_path / f"{name}.toml"
        refused(("calls", "--model", str(file)), f"toyos bench: {file}: {sentence}", status=1)


def refused(words: tuple[str, ...], sentence: str, status: int) -> None:
    """Words after `toyos bench` -> one line with the sentence, and the exit status: 2 for what no system has."""
    done = toyos("bench", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("toyos bench: ") and len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr


def test_help_names_all_that_can_be_chosen() -> None:
    text = " ".join(toyos("bench", "--help").stdout.split())
    for word in (*MODES, *(name for names in VARIANTS.values() for name in names), *costs.names()):
        assert re.search(rf"\b{word}\b", text), word
    assert ", ".join(experiment.name for experiment in EXPERIMENTS) in text


def test_an_unknown_benchmark() -> None:
    done = toyos("bench", "lunch")
    assert done.returncode == 2 and "'lunch'" in done.stderr and "context-switch" in done.stderr


def test_a_model_of_ones_own_is_used(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = (ROOT / "benchmarks/context_switch/models/neutral.toml").read_text()
    own.write_text(text.replace('name = "neutral"', 'name = "own"'))
    done = toyos("bench", "context-switch", "--quick", "--mode", "risc", "--model", str(own), "--only", "primitives")
    assert done.returncode == 0, done.stderr
    assert "cycles, own" in done.stdout
    own.write_text(text.replace("cycles = 20", "cycles = -20", 1))
    done = toyos("bench", "context-switch", "--mode", "risc", "--model", str(own))
    assert done.returncode == 1 and "own.toml: penalties" in done.stderr and "expected 0 or more" in done.stderr


@pytest.mark.parametrize("module", ["context_switch", "calls"])
def test_the_benchmarks_are_programs_too(module: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{module}", "--mode", "vax"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        f"benchmarks.{module.replace('_', '-')}: there is no mode 'vax'; expected one of: risc, window, cisc\n"
    )
