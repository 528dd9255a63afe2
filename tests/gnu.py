"""GNU binutils for RISC-V as an outside oracle: assembles, links, and reads what they made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PREFIX = "riscv64-unknown-elf-"
MARCH = "rv32ima_zicsr_zifencei"

needs_as = pytest.mark.skipif(not shutil.which(PREFIX + "as"), reason="GNU as for RISC-V is not installed")
needs_gcc = pytest.mark.skipif(not shutil.which(PREFIX + "gcc"), reason="gcc for RISC-V is not installed")

# The layout of our linker: code and read-only data together, then data at the next page.
SCRIPT = """SECTIONS {
  . = 0x10000;
  .text : SUBALIGN(4) { *(.text .text.*) *(.rodata .rodata.* .srodata .srodata.*) }
  . = ALIGN(4096);
  .data : { *(.data .data.* .sdata .sdata.* .init_array .fini_array) }
  .bss : { *(.bss .bss.* .sbss .sbss.*) *(COMMON) }
  /DISCARD/ : { *(*) }
}
"""


def run(tool: str, *arguments: str | Path) -> str:
    """Runs a GNU tool -> its standard output; a failure shows what it said."""
    done = subprocess.run([PREFIX + tool, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{tool}: {done.stderr}"
    return done.stdout


def assemble(source: str, folder: Path, include: tuple[Path, ...] = ()) -> Path:
    """Source text -> path of the object that GNU as made of it."""
    text, made = folder / "gnu.s", folder / "gnu.o"
    text.write_text(source)
    run("as", "-march=" + MARCH, "-mabi=ilp32", "-mno-relax", *(f"-I{path}" for path in include), text, "-o", made)
    return made


def sections(path: Path) -> dict[str, bytes]:
    """ELF file -> its sections' bytes by name."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        return {section.name: section.data() for section in ELFFile(file).iter_sections() if section.name}


def relocations(path: Path, section: str) -> list[tuple[int, int]]:
    """ELF object, section -> (offset, type number) of the section's relocations."""
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        found = ELFFile(file).get_section_by_name(".rela" + section)
        return [(each["r_offset"], each["r_info_type"]) for each in found.iter_relocations()] if found else []
