"""What nm and objdump say of a linked program, beside what GNU nm and objdump say of the same program as ELF."""

import re
from pathlib import Path

import pytest

from assembler.disassemble import Style, listing
from assembler.dump import nm_line
from tests.differential.test_gnu_ld import FAR, OTHER, compiled, linked_by_gnu, linked_by_us
from tests.gnu import needs_gcc, run
from vm.aout import Object

pytestmark = needs_gcc
CODE_LINE = re.compile(r" *([0-9a-f]+):\t([0-9a-f]{8}) +\t([^#]*)")
OURS_ALONE = {"_etext", "_edata", "_end", "__bss_start"}  # the linker script of the test does not define these


@pytest.fixture(params=["assembly", "gcc"], scope="module")
def programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Object]:
    """A program, linked twice: (folder with gnu.elf, our Object)."""
    folder = tmp_path_factory.mktemp("binutils")
    sources = compiled(folder, "-O2", "-mcmodel=medany") if request.param == "gcc" else {"far": FAR, "other": OTHER}
    linked_by_gnu(sources, folder)
    return folder, linked_by_us(sources)


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
    theirs = code_lines(run("objdump", "-d", "-M", "no-aliases", folder / "gnu.elf").splitlines())
    mine = code_lines(list(listing(ours, "text", Style(aliases=False))))
    assert len(mine) > 20
    # GNU objdump takes the read-only data that follows the code for instructions: only what we call code counts.
    assert mine == {address: theirs[address] for address in mine}


def test_labels(programs: tuple[Path, Object]) -> None:
    folder, ours = programs
    label = re.compile(r"^[0-9a-f]{8} <.*>:$")
    theirs = set(filter(label.match, run("objdump", "-d", folder / "gnu.elf").splitlines()))
    mine = set(filter(label.match, listing(ours)))
    assert mine >= theirs


def test_symbols(programs: tuple[Path, Object]) -> None:
    folder, ours = programs
    theirs = set(run("nm", "-g", folder / "gnu.elf").splitlines())
    # ELF keeps read-only data in a section of its own; ours is in text, as GNU's is here by the script of the test.
    mine = {nm_line(s) for s in ours.symbols if s.binding != "local" and s.name not in OURS_ALONE}
    assert mine == {line for line in theirs if line.split()[-1] not in OURS_ALONE}
