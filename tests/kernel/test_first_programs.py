"""The first programs of docs/cisc.md and docs/machine.md: followed to the letter, they print what is shown there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from toyos.cli.main import main

DOCUMENTS = Path(__file__).parents[2] / "docs"
NAMES = ("cisc.md", "machine.md")
LISTING = re.compile(r"```asm\n(# (\w+\.s): .*?)```", re.DOTALL)  # a text that begins with its file's name
SESSION = re.compile(r"```console\n(.*?)```", re.DOTALL)


def text_of(name: str) -> str:
    return (DOCUMENTS / name).read_text(encoding="utf-8")


def write_listings(name: str, folder: Path) -> None:
    """Every listing of a document that has a file name -> that file."""
    for listing, file in LISTING.findall(text_of(name)):
        (folder / file).write_text(listing)


@pytest.mark.parametrize(
    ("name", "session"), [(name, session) for name in NAMES for session in SESSION.findall(text_of(name))]
)
def test_a_session_shows_what_is_printed(
    name: str, session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_listings(name, tmp_path)
    monkeypatch.chdir(tmp_path)
    for command, shown in re.findall(r"^\$ toyos (.*)\n((?:[^$].*\n)*)", session, re.MULTILINE):
        status = main(command.split())
        assert (status, *capfd.readouterr()) == (0, shown, "")


def test_every_document_has_a_session() -> None:
    assert [len(SESSION.findall(text_of(name))) for name in NAMES] == [2, 1]


@pytest.mark.parametrize("windows", [4, 32])
def test_the_overflows_are_counted_as_told(
    windows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told = re.search(r"tells of (\d+) window overflows, with `--nwin 32` of none", text_of("machine.md"))
    assert told is not None
    write_listings("machine.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--mode", "window", "--nwin", str(windows), "--stats=json", "calls.s"]) == 0
    exceptions = json.loads(capfd.readouterr().err)["exceptions"]
    assert exceptions.get("window overflow", 0) == {4: int(told[1]), 32: 0}[windows]
