"""What nm and objdump say of a linked program, beside what GNU nm and objdump say of the same program as ELF."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from assembler.disassemble import Style, listing
from assembler.dump import nm_line
from tests.differential.test_gnu_ld import C_MAIN, C_OTHER, FAR, ISA, OTHER, PREFIX, gnu, linked_by_gnu, linked_by_us
from vm.aout import Object

pytestmark = pytest.mark.skipif(shutil.which(PREFIX + "gcc") is None, reason="gcc-riscv64-unknown-elf is not installed")
CODE_LINE = re.compile(r" *([0-9a-f]+):\t([0-9a-f]{8}) +\t([^#]*)")
OURS_ALONE = {"_etext", "_edata", "_end", "__bss_start"}  # the linker script of the test does not define these


@pytest.fixture(params=["assembly", "gcc"], scope="module")
def programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Object]:
    """A program, linked twice: (folder with gnu.elf, our Object)."""
    folder = tmp_path_factory.mktemp("binutils")
    sources = {"far": FAR, "other": OTHER}
    if request.param == "gcc":
        sources = {}
        for name, text in (("main", C_MAIN), ("other", C_OTHER)):
            (folder / f"{name}.c").write_text(text)
            options = ["-O2", "-mcmodel=medany", "-ffreestanding", "-fno-merge-constants", "-fno-pic", "-S"]
            gnu("gcc", *ISA, *options, f"{name}.c", folder=folder)
            sources[name] = (folder / f"{name}.s").read_text()
    linked_by_gnu(sources, folder)
    return folder, linked_by_us(sources)


def output_of(tool: str, *arguments: str, folder: Path) -> str:
    return subprocess.run(
        [PREFIX + tool, *arguments, "gnu.elf"], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def code_lines(lines: list[str]) -> dict[str, tuple[str, str]]:
    """Lines of a disassembly -> address -> (bytes, instruction), comments left out; data is not of interest."""
    found = {}
    for line in lines:
        match = CODE_LINE.match(line)
        if match and not match[3].startswith("."):
            found[match[1]] = match[2], match[3].rstrip()
    return found


def test_disassembly(programs: tuple[Path, Object]) -> None:
    folder, ours = programs
    theirs = code_lines(output_of("objdump", "-d", "-M", "no-aliases", folder=folder).splitlines())
    mine = code_lines(list(listing(ours, "text", Style(aliases=False))))
    assert len(mine) > 20
    # GNU objdump takes the read-only data that follows the code for instructions: only what we call code counts.
    assert mine == {address: theirs[address] for address in mine}


def test_labels(programs: tuple[Path, Object]) -> None:
    folder, ours = programs
    label = re.compile(r"^[0-9a-f]{8} <.*>:$")
    theirs = set(filter(label.match, output_of("objdump", "-d", folder=folder).splitlines()))
    mine = set(filter(label.match, listing(ours)))
    assert mine >= theirs


def test_symbols(programs: tuple[Path, Object]) -> None:
    folder, ours = programs
    theirs = set(output_of("nm", "-g", folder=folder).splitlines())
    # ELF keeps read-only data in a section of its own; ours is in text, as GNU's is here by the script of the test.
    mine = {nm_line(s) for s in ours.symbols if s.binding != "local" and s.name not in OURS_ALONE}
    assert mine == {line for line in theirs if line.split()[-1] not in OURS_ALONE}
