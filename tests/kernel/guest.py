"""What the tests of kernel and programs have in common: where the programs are, and how one of them is run."""

from __future__ import annotations

from pathlib import Path

from toyos import boot
from toyos.boot import Result
from toyos.paths import source_folder

PROGRAMS = source_folder("programs")
LIMIT = 200_000_000  # instructions: no test needs as many, and a guest that hangs ends here


def arguments_of(source: Path) -> list[str]:
    """A program's source -> the arguments that its expected output was made with: the lines of NAME.args."""
    file = source.with_suffix(".args")
    return file.read_text().splitlines() if file.exists() else []


def expected_sources() -> list[Path]:
    """-> all programs that have an expected output beside their source."""
    return sorted(path.with_suffix(".s") for path in PROGRAMS.glob("*/*.expect"))


def shell(text: str, stdin: bytes = b"", **options: int) -> Result:
    """A text for the guest's shell -> Result of a run that came to its end and gave all memory back."""
    return ended(boot(command=text, stdin=stdin, max_instructions=LIMIT, **options))


def ended(result: Result) -> Result:
    """Result -> the same, after the checks that every run must pass: it ends, nothing panics, no page is lost."""
    assert result.reason == "halt", (result.reason, result.output)
    assert b"panic" not in result.output, result.output.decode()
    assert result.stats["pages_free"] == result.stats["pages_free_at_boot"], result.output.decode()
    return result
