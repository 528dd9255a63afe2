"""What the tests of kernel and programs have in common: where the programs are, and how one of them is run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toyos import boot
from toyos.boot import Result
from toyos.paths import source_folder
from toyos.variants import PART_WINDOWS, PARTITIONED, PARTITIONS_DEFAULT, VARIANTS, WINDOWED_MODES, WINDOWS

PROGRAMS = source_folder("programs")
LIMIT = 200_000_000  # instructions: no test needs as many, and a guest that hangs ends here


def windows_of(mode: str, variant: str) -> tuple[int | None, ...]:
    """-> numbers of register windows to test with: the usual one, which is None, and the least."""
    least = PARTITIONS_DEFAULT * PART_WINDOWS if (mode, variant) == PARTITIONED else WINDOWS[0]
    return (None, least) if mode in WINDOWED_MODES else (None,)


Shell = Callable[..., Result]
# All systems, as the keyword arguments of boot.
SYSTEMS = [
    pytest.param(
        {"mode": mode, "variant": variant, "nwin": nwin}, id="-".join(map(str, filter(None, (mode, variant, nwin))))
    )
    for mode, variants in VARIANTS.items()
    for variant in variants
    for nwin in windows_of(mode, variant)
]
# In an .expect file, stands for a number that is another on every machine: an address of code, a count of instructions.
ANY_NUMBER = "<number>"


def arguments_of(source: Path) -> list[str]:
    """A program's source -> the arguments that its expected output was made with: the lines of NAME.args."""
    file = source.with_suffix(".args")
    return file.read_text().splitlines() if file.exists() else []


def expected_sources() -> list[Path]:
    """-> all programs that have an expected output beside their source."""
    return sorted(path.with_suffix(".s") for path in PROGRAMS.glob("*/*.expect"))


def check_output(source: Path, output: str) -> None:
    """Fails if that is not what the program must print: to the byte but for ANY_NUMBER."""
    expected = source.with_suffix(".expect").read_text()
    lines = output.split("\n")
    for at, line in enumerate(expected.split("\n")[: len(lines)]):
        pattern = re.escape(line).replace(re.escape(ANY_NUMBER), "[0-9a-f]+")
        if ANY_NUMBER in line and re.fullmatch(pattern, lines[at]):
            lines[at] = line
    assert "\n".join(lines) == expected


def shell(text: str, stdin: bytes = b"", **options: Any) -> Result:
    """A text for the guest's shell -> Result of a run that came to its end and gave all memory back."""
    return ended(boot(command=text, stdin=stdin, max_instructions=LIMIT, **options))


def ended(result: Result) -> Result:
    """Result -> the same, after the checks that every run must pass: it ends, nothing panics, no page is lost."""
    assert result.reason == "halt", (result.reason, result.output)
    assert b"panic" not in result.output, result.output.decode()
    assert result.stats["pages_free"] == result.stats["pages_free_at_boot"], result.output.decode()
    return result
