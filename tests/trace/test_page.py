"""docs/trace.md shows what its commands print, and its picture is of the run that there is today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.trace.rig import traced
from toyos.trace import gantt, page
from toyos.trace.choices import Unit

TEXT = page.PAGE.read_text(encoding="utf-8")
PICTURE = "docs/trace-fork_sum.svg"
TITLE = "fork_sum, on the risc kernel (soft)"
REFRESH = "python -m toyos.trace.page writes it anew"


def test_examples_are_fresh() -> None:
    assert TEXT.count("$ toyos trace ") == 3
    assert page.fresh(TEXT) == TEXT, REFRESH


def test_the_picture_is_fresh(tmp_path: Path) -> None:
    assert page.pictures(TEXT) == {PICTURE: f"trace --plot {PICTURE} programs/lectures/fork_sum.s"}
    assert f"({Path(PICTURE).name})" in TEXT
    kept = (page.ROOT / PICTURE).read_text(encoding="utf-8")
    history = traced("lectures/fork_sum.s").history
    assert gantt.fingerprint(history, TITLE, Unit.instructions) in kept, REFRESH
    pytest.importorskip("matplotlib")
    gantt.draw(history, TITLE, tmp_path / "now.svg")
    now = (tmp_path / "now.svg").read_text(encoding="utf-8")
    versions = [re.search("<dc:title>(.*?)</dc:title>", text) for text in (kept, now)]
    same_matplotlib = versions[0] and versions[1] and versions[0][1] == versions[1][1]
    assert kept == now or not same_matplotlib, REFRESH


def test_options_on_the_page_exist() -> None:
    from toyos.cli import trace

    options = set(re.findall(r"`(-{1,2}[a-zA-Z-]+)", TEXT)) - {"-f", "---"}
    source = Path(trace.__file__).read_text(encoding="utf-8")
    assert options and {option for option in options if f'"{option}"' not in source} == set()
