"""Our assembler against GNU as: the same source, the same bytes, except where the linker is to fill something in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assembler import assemble
from tests import gnu
from toyos import variants
from vm.isa import aliases, codec, fields
from vm.isa.csrs import names as csr_names
from vm.isa.fields import Field
from vm.isa.registers import ABI_NAMES
from vm.isa.row import OPERAND_NAME

pytestmark = gnu.needs_as
ROOT = Path(__file__).parents[2]
GUEST = {
    "kernel": variants.kernel_sources(variants.choose()),
    "lib": variants.library_sources(),
    "programs": [path for path in sorted((ROOT / "programs").rglob("*.s")) if "arch" not in path.parts],
}
INCLUDE = (*variants.kernel_include_folders(variants.choose()), ROOT / "toyos" / "lib")

WORD, HALF, BYTE = (Field(f"{bits}", ((0, bits, 0),)) for bits in (32, 16, 8))
# Number of an ELF relocation (RISC-V ELF psABI) -> the fields at the place, by byte offset, that the linker fills.
FILLED: dict[int, list[tuple[int, Field]]] = {
    16: [(0, fields.B_IMM)], 17: [(0, fields.J_IMM)],
    18: [(0, fields.U_IMM), (4, fields.I_IMM)], 19: [(0, fields.U_IMM), (4, fields.I_IMM)],
    23: [(0, fields.U_IMM)], 24: [(0, fields.I_IMM)], 25: [(0, fields.S_IMM)],
    26: [(0, fields.U_IMM)], 27: [(0, fields.I_IMM)], 28: [(0, fields.S_IMM)],
    1: [(0, WORD)], 35: [(0, WORD)], 39: [(0, WORD)],
    34: [(0, HALF)], 38: [(0, HALF)], 33: [(0, BYTE)], 37: [(0, BYTE)],
}  # fmt: skip


def without_filled(content: bytes, relocations: list[tuple[int, int]]) -> bytes:
    """Section bytes -> the same with zeros where relocations of the GNU object apply."""
    result = bytearray(content)
    for offset, kind in relocations:
        for delta, field in FILLED[kind]:
            at, size = offset + delta, min(4, field.width // 8 or 4) if field in (WORD, HALF, BYTE) else 4
            word = int.from_bytes(result[at : at + size], "little")
            result[at : at + size] = field.set(word, 0).to_bytes(size, "little")
    return bytes(result)


def without_end(theirs: bytes, size: int) -> bytes:
    """GNU as fills a section up to its alignment: its bytes -> those without that filling."""
    filling = theirs[size:]
    assert not filling.replace(b"\x13\0\0\0", b"").strip(b"\0\x01"), f"GNU as made {len(theirs)} bytes, we {size}"
    return theirs[:size]


def check(source: str, folder: Path, name: str = "<source>") -> None:
    """Asserts that both assemblers make the same code and data of a source."""
    ours = assemble(source, filename=name, include=INCLUDE)
    for want, content in (("text", ours.text), ("data", ours.data)):
        theirs, relocations = gnu.joined(gnu.assemble(source, folder, INCLUDE), want)
        theirs = without_end(theirs, len(content))
        masked = without_filled(content, relocations)
        expected = without_filled(theirs, relocations)
        if masked != expected:
            at = next(i for i in range(0, len(expected), 4) if masked[i : i + 4] != expected[i : i + 4])
            pytest.fail(f"{want}+{at:#x}: ours {masked[at : at + 4].hex()}, GNU as {expected[at : at + 4].hex()}")


def operand(name: str, field: Field, chance: random.Random) -> str:
    """A random operand of a row, as it is written."""
    low, high = field.range
    if name in ("rd", "rs1", "rs2"):
        number = chance.randrange(32)
        return chance.choice((ABI_NAMES[number], f"x{number}"))
    if name == "target":
        # Near enough for every branch, so that none is made long.
        return f".{chance.randrange(-2000, 2000) & ~1:+d}"
    if name == "uimm":
        return hex(chance.randrange(1 << 20))
    if name == "csr":
        number = chance.choice(list(csr_names()))
        return str(number)
    if name in ("pred", "succ"):
        return "".join(letter for letter in "iorw" if chance.random() < 0.5) or "rw"
    return str(chance.choice((low, high, 0, chance.randrange(low, high + 1))))


def written(syntax: str, operands: dict[str, Field], chance: random.Random) -> str:
    return OPERAND_NAME.sub(lambda match: operand(match[0], operands[match[0]], chance), syntax)


def test_every_instruction(tmp_path: Path) -> None:
    chance = random.Random(3)
    lines = []
    for row in codec.rows("risc"):
        if row.ext == "Xdump":  # is ours alone
            continue
        orderings = ("", ".aq", ".rl", ".aqrl") if "aqrl" in row.operands else ("",)
        for ordering in orderings:
            lines += [f"{row.name}{ordering} {written(row.syntax, row.operands, chance)}" for _ in range(25)]
    assert len(lines) > 2000
    check("\n".join(lines) + "\n", tmp_path)


def test_every_alias(tmp_path: Path) -> None:
    chance = random.Random(4)
    not_in_gnu = {"pause"}  # an extension that was not asked of GNU as
    lines = []
    for alias in aliases.ALIASES:
        if alias.name not in not_in_gnu:
            operands = codec.by_name()[alias.row].operands
            lines += [f"{alias.name} {written(alias.syntax, operands, chance)}" for _ in range(20)]
    assert len(lines) > 1000
    check("\n".join(lines) + "\n", tmp_path)


def test_li_of_every_size(tmp_path: Path) -> None:
    chance = random.Random(5)
    edges = [
        0,
        1,
        -1,
        2047,
        2048,
        -2048,
        -2049,
        4095,
        4096,
        0x7FFFF7FF,
        0x7FFFF800,
        0x7FFFFFFF,
        -0x80000000,
        0xFFFFFFFF,
    ]
    values = edges + [chance.getrandbits(chance.randrange(1, 33)) for _ in range(300)]
    values += [-value for value in values if value <= 0x80000000]
    check("\n".join(f"li a0, {value}\nli s11, {value & 0xFFFFFFFF:#x}" for value in values) + "\n", tmp_path)


SOURCES = sorted((Path(__file__).parent / "sources").glob("*.s"))


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_source(file: Path, tmp_path: Path) -> None:
    check(file.read_text(), tmp_path, str(file))


BINARY = ("+", "-", "*", "|", "&", "^", "!", "<<", ">>", "==", "!=", "<>", "<", "<=", ">", ">=", "&&", "||", "/", "%")


def expression(chance: random.Random, depth: int) -> str:
    """A random expression, blanks and parentheses here and there."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice((str(chance.randrange(100)), hex(chance.getrandbits(31)), "'a'", "017", "size", "half*2"))
    kind = chance.random()
    if kind < 0.15:
        return chance.choice("-~!+") + f"({expression(chance, depth - 1)})"
    if kind < 0.35:
        return f"({expression(chance, depth - 1)})"
    operator = chance.choice(BINARY)
    left, right = expression(chance, depth - 1), expression(chance, depth - 1)
    if operator in ("/", "%", "<<", ">>"):  # no division by zero, no shift beyond the word
        right = str(chance.randrange(1, 31))
    return f"{left} {operator} {right}" if chance.random() < 0.5 else f"{left}{operator}{right}"


def test_random_expressions(tmp_path: Path) -> None:
    """Precedence, associativity and arithmetic of the expression grammar."""
    chance = random.Random(6)
    lines = [f".dword {expression(chance, 4)}" for _ in range(500)]
    check(".data\n.set size, 1234\n.set half, -56\n" + "\n".join(lines) + "\n", tmp_path)


@pytest.mark.parametrize("folder", GUEST)
def test_the_sources_of_this_repository(folder: str, tmp_path: Path) -> None:
    """Kernel, library and programs, as they are for risc mode, mean the same to both assemblers."""
    assert len(GUEST[folder]) > 20
    for file in GUEST[folder]:
        check_file(file, tmp_path)


def check_file(file: Path, folder: Path) -> None:
    ours = assemble(file.read_text(), filename=str(file), include=INCLUDE)
    theirs, relocations = gnu.joined(gnu.assemble(file.read_text(), folder, (file.parent, *INCLUDE)), "text")
    theirs = without_end(theirs, len(ours.text))
    assert without_filled(ours.text, relocations) == without_filled(theirs, relocations), file


C_FILES = sorted((Path(__file__).parent / "c").glob("*.c"))
C_OPTIONS = ["-O0", "-O1 -g", "-O2", "-O3 -funroll-loops", "-Os -fno-common", "-O2 -mcmodel=medany"]


@gnu.needs_gcc
@pytest.mark.parametrize("options", C_OPTIONS)
@pytest.mark.parametrize("file", C_FILES, ids=lambda file: file.stem)
def test_output_of_gcc(file: Path, options: str, tmp_path: Path) -> None:
    assert C_FILES
    made = tmp_path / "gcc.s"
    gnu.run("gcc", "-march=" + gnu.MARCH, "-mabi=ilp32", "-ffreestanding", *options.split(), "-S", file, "-o", made)
    check(made.read_text(), tmp_path, str(file))
