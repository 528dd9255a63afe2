"""README.md: what it shows is what the commands print today, and its example runs."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_demo_prints_what_the_readme_shows() -> None:
    shown = README.split("$ make demo\n...\n")[1].split("\n\n$")[0]
    assert shown + "\n" == (ROOT / "programs/lectures/fork_sum.expect").read_text()


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
