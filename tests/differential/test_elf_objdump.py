"""toyos objdump -d of ELF files by gcc, beside GNU objdump; compressed instructions where a file has any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gnu import needs_gcc, run
from toyos.cli.main import main

pytestmark = needs_gcc
SOURCE = Path(__file__).with_name("c") / "control.c"
COMMENT = re.compile(r"\s+# .*")  # GNU's names addresses outside the section, too
# Names that 2.40 and some others show for forms with an immediate.
OLD_NAMES = re.compile(r"\t(add|and|or|xor|sll|srl|sra)\t(\w+,\w+,-?\d\w*)$")


def built(folder: Path, isa: str, *options: str) -> Path:
    made = folder / f"{isa}.o"
    run("gcc", f"-march={isa}", "-mabi=ilp32", "-O2", "-ffreestanding", *options, SOURCE, "-o", made)
    return made


def lines(text: str) -> list[str]:
    """-> what is shown, names and comments aside."""
    return [OLD_NAMES.sub(r"\t\1i\t\2", COMMENT.sub("", line.rstrip())) for line in text.splitlines()]


@pytest.mark.parametrize("isa", ["rv32ima", "rv32imac"])
@pytest.mark.parametrize("kind", ["-c", "-nostdlib"])
def test_code_is_shown_as_by_gnu_objdump(
    isa: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = built(tmp_path, isa, kind, *([] if kind == "-c" else ["-Wl,--unresolved-symbols=ignore-all"]))
    for style in ([], ["-M", "no-aliases"]):
        assert main(["objdump", "-d", *style, str(path)]) == 0
        ours, theirs = lines(capsys.readouterr().out), lines(run("objdump", "-d", *style, path))
        assert len(ours) > 100
        assert ours == theirs
    assert any("c." in line for line in ours) == (isa == "rv32imac")


def test_of_an_elf_only_code_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = built(tmp_path, "rv32imac", "-c")
    assert main(["objdump", "-t", str(path)]) == 1
    assert "an ELF file, of which only code can be shown: -d" in capsys.readouterr().err
    path.write_bytes(path.read_bytes()[:60])
    assert main(["objdump", "-d", str(path)]) == 1
    err = capsys.readouterr().err
    assert "damaged" in err and "Traceback" not in err
