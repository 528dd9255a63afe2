"""docs/context-switch.md is what the benchmark says now: all numbers, tables and pictures of it are measured again."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.context_switch import document
from benchmarks.context_switch.document import PAGE, PICTURES, Document

WORKERS = 2


@pytest.fixture(scope="module")
def made() -> Document:
    return document.document(WORKERS)


def test_the_page_and_its_pictures_are_fresh(made: Document) -> None:
    assert document.stale(made) == [], f"{document.COMMAND} renews it"


def test_staleness_is_seen(made: Document) -> None:
    first, *others = made.figures
    changed = Document(made.text + "x", (replace(first, title="another"), *others))
    told = document.stale(changed)
    assert told == [
        "context-switch.md is not fresh",
        "figures.json is not fresh",
        f"{first.name}.svg was drawn from other data",
    ]


def test_every_picture_is_shown_and_every_one_shown_is_there(made: Document) -> None:
    shown = set(re.findall(r"\]\(context-switch/([\w-]+)\.svg\)", PAGE.read_text()))
    assert shown == {figure.name for figure in made.figures} == {path.stem for path in PICTURES.glob("*.svg")}
    assert len(shown) >= 8


def test_every_shape_is_in_the_page_and_in_the_tests(made: Document) -> None:
    tests = "".join(path.read_text() for path in PAGE.parents[1].glob("tests/benchmarks/test_shapes_*.py"))
    for number in range(1, 16):
        assert re.search(rf"^\| {number} \| .* \| (holds|\*\*does not)", made.text, re.M), number
        assert f"def test_{number}_" in tests, number


def test_outside_of_a_checkout_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(document, "PAGE", tmp_path / "docs" / PAGE.name)
    monkeypatch.setattr(document, "PICTURES", tmp_path / "docs" / PICTURES.name)
    monkeypatch.setattr(sys, "argv", [document.COMMAND])
    (tmp_path / "docs").mkdir()
    assert document.main() == 1
    assert "expected a checkout" in capsys.readouterr().err
    assert list((tmp_path / "docs").iterdir()) == []
