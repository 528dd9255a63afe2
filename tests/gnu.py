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


KINDS = {"text": (".text", ".rodata", ".srodata"), "data": (".data", ".sdata", ".init_array", ".fini_array")}


def joined(path: Path, kind: str) -> tuple[bytes, list[tuple[int, int]]]:
    """ELF object, "text" or "data" -> the bytes of all sections that an a.out keeps there, in its order, and the
    (offset, type number) of the relocations that apply to them."""
    from elftools.elf.elffile import ELFFile

    content = bytearray()
    relocations: list[tuple[int, int]] = []
    with path.open("rb") as file:
        elf = ELFFile(file)
        parts = [section for section in elf.iter_sections() if section.name.startswith(KINDS[kind])]
        for section in sorted(parts, key=lambda section: "rodata" in section.name):
            content += bytes(-len(content) % section["sh_addralign"])
            base = len(content)
            content += section.data()
            found = elf.get_section_by_name(".rela" + section.name)
            if found:
                relocations += [(base + each["r_offset"], each["r_info_type"]) for each in found.iter_relocations()]
    return bytes(content), relocations
