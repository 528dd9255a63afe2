"""docs/inspect.md: its example runs, and the questions that it lists are the inspector's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toyos.inspect import Inspector

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "inspect.md").read_text()


def test_the_example_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    exec(compile(example, "docs/inspect.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert "1 0 Sleep init" in lines and "3 2 Ready fork_sum" in lines
    assert any(re.match(r"user main\S* programs/lectures/fork_sum.s:\d+$", line) for line in lines)


def test_the_questions_in_the_table_are_those_of_the_inspector() -> None:
    rows = re.findall(r"^\| (`.*?) \| ", TEXT, re.MULTILINE)
    asked = {name for row in rows for name in re.findall(r"`(\w+)\(", row)}
    public = {
        "processes", "process", "current", "registers", "queue_list", "queues", "backtrace", "page_table",
        "memory_map", "frames", "open_files", "windows",
    }  # fmt: skip
    assert asked == public
    assert all(callable(getattr(Inspector, name)) for name in asked)
