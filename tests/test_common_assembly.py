"""Kernel, library and programs are written in the common assembly, so that every mode of the machine can assemble them.

The subset: registers a0-a3 t0 t1 s0 s1 sp, `zero` as a source, the mnemonics of RV32IM with the usual
pseudo-instructions; everything else is behind a macro of toyos/include/arch, or in a folder arch/MODE.
"""

import re
from pathlib import Path

import pytest

from assembler import Options
from assembler.assembly import assemble_sources
from assembler.parse import operands, statements
from toyos import variants
from vm.isa import rv32i, rv32m
from vm.isa.aliases import ALIASES
from vm.isa.registers import ABI_NAMES, X_NAMES

ROOT = Path(__file__).parent.parent
REGISTERS = set("a0 a1 a2 a3 t0 t1 s0 s1 sp zero".split())
ALL_REGISTERS = {*ABI_NAMES, *X_NAMES, "fp"}
# Of the base set all but those that name the link register, the pc or bare machine words.
LEFT_OUT = set("jal jalr lui auipc tail".split())
ALL_INSTRUCTIONS = {row.name for row in rv32i.ROWS} | {alias.name for alias in ALIASES}
BASE = {row.name for row in rv32i.ROWS + rv32m.ROWS}
ALLOWED = (BASE | {alias.name for alias in ALIASES if alias.row in BASE} | {"la", "li", "call"}) - LEFT_OUT
PRIVILEGED = {"process_calls.s": {"csrr"}}  # used to be refused: every mode has CSRs that programs may not read
INDIRECT = {"jalr", "jr"}  # with a register alone: call and jump through it
NO_RESULT = set("sb sh sw".split()) | {name for name in ALLOWED if name.startswith("b")}
SOURCES = [
    path for folder in ("toyos/kernel", "toyos/lib", "programs") for path in sorted((ROOT / folder).rglob("*.s"))
    if "arch" not in path.parts
]  # fmt: skip
LABELS = re.compile(r"^(?:[\w.$\\@]+:\s*)+")
WORD = re.compile(r"\b[a-z]\w*\b")


def instructions(text: str) -> list[tuple[int, str, list[str]]]:
    """Source -> (line, mnemonic, operands) of every instruction of the RISC modes; macros and directives aside."""
    result = []
    for statement in statements(text)[0]:
        name, _, rest = LABELS.sub("", statement.text).replace("\t", " ").partition(" ")
        if name in ALL_INSTRUCTIONS | ALLOWED | LEFT_OUT:
            result.append((statement.line, name, [part.strip() for part in operands(rest.strip())]))
    return result


def test_the_sources_are_found() -> None:
    assert len(SOURCES) > 100
    assert sum(len(instructions(path.read_text())) for path in SOURCES) > 5000


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_common_subset(path: Path) -> None:
    strange = []
    for line, name, words in instructions(path.read_text()):
        allowed = ALLOWED | PRIVILEGED.get(path.name, set())
        if name not in allowed and not (name in INDIRECT and len(words) == 1):
            strange.append(f"line {line}: {name} is not in the common assembly")
        used = {word for text in words for word in WORD.findall(text)} & ALL_REGISTERS
        strange += [f"line {line}: register {register}" for register in sorted(used - REGISTERS)]
        if words and words[0] == "zero" and name not in NO_RESULT | INDIRECT:
            strange.append(f"line {line}: {name} writes zero")
    assert strange == []


@pytest.mark.parametrize("mode", variants.MODES)
def test_every_source_assembles_in_every_mode(mode: str) -> None:
    """Not a line of the portable sources depends on the mode, and no mode finds one of them odd."""
    choice = variants.choose(mode)
    kernel = (*variants.kernel_include_folders(choice), ROOT / "toyos" / "lib")
    for path in SOURCES:
        options = Options(mode, kernel if "kernel" in path.parts else kernel[-1:], choice.parameters,
                          standard=variants.include_folders(mode))  # fmt: skip
        result = assemble_sources([(path.read_text(), str(path))], options)
        assert result.object.mode == mode and not result.warnings, path
