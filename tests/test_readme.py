"""README.md: what it shows is what the commands print today, and its example runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_demo_prints_what_the_readme_shows() -> None:
    shown = README.split("$ make demo\n...\n")[1].split("\n\n$")[0]
    assert shown + "\n" == (ROOT / "programs/lectures/fork_sum.expect").read_text()


def test_the_commands_run(tmp_path: Path) -> None:
    """All but the benchmark, which tests/benchmarks/test_command.py runs with fewer experiments."""
    (tmp_path / "programs").symlink_to(ROOT / "programs")
    block = README.split(". .venv/bin/activate\n")[1].split("```")[0]
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert len(commands) > 8
    for program, *words in commands:
        assert program == "toyos"
        if words[0] != "bench":
            done = subprocess.run(
                [sys.executable, "-m", "toyos.cli.main", *words], cwd=tmp_path, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            assert done.returncode == 0, (words, done.stderr)


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    done = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "0 parent: child 3 has ended with code 7; my own sum is 0"
    assert "pages copied" in lines[1]
    assert lines[-1].endswith(" 0 317640"), lines


def test_every_file_and_link_that_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:programs|toyos|vm|assembler|tests|benchmarks)/[\w./]*)`", README)
    named += re.findall(r"\]\(([\w./]+)\)", README)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).exists()] == []
