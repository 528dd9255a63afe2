"""Our assembler against GNU as: the same source, the same bytes, except where the linker is to fill something in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assembler import assemble
from tests import gnu
from vm.isa import aliases, codec, fields
from vm.isa.csrs import NAMES as CSR_NAMES
from vm.isa.fields import Field
from vm.isa.registers import ABI_NAMES
from vm.isa.row import OPERAND_NAME

pytestmark = gnu.needs_as
ROOT = Path(__file__).parents[2]
INCLUDE = tuple(
    ROOT / "toyos" / folder for folder in ("include", "include/arch/risc", "kernel", "kernel/arch/risc", "lib")
)

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
        number = chance.choice(list(CSR_NAMES))
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


SOURCES = {
    "pseudo": """
        la a0, near; lla a1, far; la a2, near+12; lw a3, near; lbu a4, far+1; sw a5, near, t0; sb a6, far-4, t1
        call far; call t0, far; tail near; jump far, t2; j near; jal near; jal t0, far; jr a0; jalr a0; jalr a1, a2
        jalr a0, 4(a1); jalr a0, a1, 8; jr 12(a1); lui a0, %hi(near+4096); addi a0, a0, %lo(near+4096)
        lw a1, %lo(near)(a0); sw a1, %lo(far)(a0); lb a0, %lo(far-4)(a1); li a0, %lo(0x12345); lui a0, %hi(0x12fff)
    1:  auipc a0, %pcrel_hi(far)
        addi a0, a0, %pcrel_lo(1b)
        sw a1, %pcrel_lo(1b)(a0)
        lw a0, (a1); lw a0, -4 ( a1 ); sw a0, 2*3+1(a1); amoadd.w a0, a1, 0(a2); add a0, a1, 5; sll a0, a0, 3
    near: nop
    """,
    "data": r"""
        .data
        .byte 1, -1, 255, 'a', '\n', 0x7f, 0b101, 017
        .half 0x1234, -2
        .short 1; .2byte 2; .hword 3
        .word 0x12345678, -1, sym, sym+4, end-sym, (end-sym)/2, later*3
        .long 7; .int 8; .4byte 9
        .dword 0x0123456789abcdef, -2
        .quad 5; .8byte 6
        .ascii "a\"b\\c\n\t\101\x41", "second"
        .asciz "zero", "ed"
        .string "text"
        .zero 3
    sym: .skip 5, 0xaa
        .space 2
        .fill 3, 2, 0x1234
        .fill 2, 8, 0x12345678
        .fill 3
        .float 1.5, -0.25
        .double 3.25
        .align 3
        .byte 1
        .balign 8, 0xff
        .p2align 4
        .byte 2
        .balign 16, 0, 3
        .uleb128 624485
        .sleb128 -123456
        .sleb128 63
        .sleb128 64
    end:
        .set later, 14
        .org sym + 300, 1
        .byte 5
        .section .rodata
        .word near, near - here
    here: .asciz "read only"
        .section .rodata.str1.4,"aMS",@progbits,1
        .asciz "merged"
        .text
    near: .word end - sym, . - near
    """,
    "expressions": """
        .word 1+2*3, (1+2)*3, 7/2, -7/2, 7%3, -7%3, 1<<4, 256>>3, -1>>60, 1|2+4, 6&3|8, 5^1, ~5, !5, !0, -5, - -5, +3
        .word 1==1, 1==2, 1!=2, 1<>1, 1<2, 2<=1, 2>1, 1>=2, 1&&2, 0&&1, 0||3, 0||0, 5!3, 'a'+1, '\\\\', 10-3-2, 100/10/2
        .word 1+1==2, 2*3<<1, 1<<2+1, 4-2&3, 1 + 2 == 3 && 4 > 3, -1 < 0, 0x10 , 0b11 ,010
        .set a, 5
        .set b, a*2
        .set a, a+1
        c = b + a
        .word a, b, c
        .equ d, c << 2
        li a0, d*2 + (c & 3)
        addi a0, a1, d - 100
        lw a0, d+4(sp)
        lw a0, (d+4)(sp)
        lui a0, 0xfffff & 0x12345
    """,
    "macros": r"""
        .macro three first, second=a1, third:req
        add \first, \second, \third
        .endm
        three a0, , a2
        three a0, third=a3
        three third=a4, first=t0, second=t1
        three a0 s1 a2
        .macro count n, rest:vararg
        li a0, \n
        .ifnb \rest
        count \rest
        .endif
        .endm
        count 1, 2, 3, 4
        .macro unique
    label\@: j label\@
        .word \@
        .endm
        unique
        unique
        .macro define name, value
        \name\()_field = \value
        .endm
        define alpha, 12
        li a0, alpha_field
        .rept 3
        addi a0, a0, 1
        .rept 2
        nop
        .endr
        .endr
        .irp reg, a0, a1, s5
        sw \reg, 4(sp)
        .endr
        .irp reg a0 a1
        mv \reg, zero
        .endr
        .irpc digit, 0123
        li t0, \digit
        .endr
        .macro early n
        .if \n > 2
        nop
        .exitm
        .endif
        li a0, \n
        .endm
        early 1
        early 3
        .macro outer x
        .macro inner_\x y
        li a0, \x + \y
        .endm
        inner_\x 4
        .endm
        outer 5
        inner_5 6
        .macro text s
        .asciz "\s"
        .balign 4
        .endm
        text "hello world"
        text hello
        .purgem text
    """,
    "conditions": r"""
        .set x, 3
        .macro emit n
        .word \n
        .endm
        .if x == 3
        emit 1
        .else
        emit 2
        .endif
        .if x == 2
        emit 3
        .elseif x == 3
        emit 4
        .if 0
        emit 5
        .else
        emit 6
        .endif
        .else
        emit 7
        .endif
        .ifdef x
        emit 8
        .endif
        .ifndef nothing
        emit 9
        .endif
        .ifc a b, a b
        emit 10
        .endif
        .ifnc one, two
        emit 11
        .endif
        .ifeq x-3
        emit 12
        .endif
        .ifge x
        emit 13
        .endif
        .iflt x
        emit 14
        .endif
        .ifb
        emit 15
        .endif
        .ifeqs "p", "p"
        emit 16
        .endif
        .ifle x - 3
        emit 17
        .endif
        .ifgt x - 3
        emit 18
        .endif
    """,
    "branches": """
    start: beq a0, a1, far_forward
        bnez a0, undefined
        blt a0, a1, start
        bgeu a0, a1, 1f
        .space 4088
    1:  beq a0, a1, start
        bne a0, a1, 1b
        .balign 16
        .rept 1000
        bgt a0, a1, far_forward
        .endr
    far_forward: nop
        j start
        .globl known
        .weak loose
    known: beqz a0, known
    loose: beqz a0, loose
        bleu a0, a1, known
        .word . - start
    """,
    "far section": """
    start: bltz a0, elsewhere
        j elsewhere
        .section .text.other, "ax"
    elsewhere: beqz a0, start
        j start
    """,
    "alignment": """
        .byte 1
        .balign 8
        nop
        .balign 16
        .byte 1, 2
        .balign 8
        nop
        .p2align 4, 0x5a
        .byte 1
        .balign 4, 0, 1
        .byte 2
        .balignw 4, 0x1234
        .p2align 5, , 12
        .p2align 5, , 40
    """,
    "struct": """
        .struct 0
    first: .skip 4
    second: .skip 2
        .align 2
    third: .zero 8
    size:
        .text
        lw a0, second(a1)
        lw a1, third+4(a2)
        li a2, size
        .word first, second, third, size
    """,
    "comments": """
        nop # to the end
        nop /* within */ ; nop /* over
        several lines */
        nop
        .ascii "# no comment ; /* */"
        .balign 4
    # 1 "other.c"
        li a0, ';'
        li a0, '#'
    a: b: c: nop; d: nop
    """,
}


@pytest.mark.parametrize("name", SOURCES)
def test_source(name: str, tmp_path: Path) -> None:
    check(SOURCES[name], tmp_path)


@pytest.mark.parametrize("folder", ["toyos/kernel", "toyos/lib", "programs"])
def test_the_sources_of_this_repository(folder: str, tmp_path: Path) -> None:
    """Kernel, library and programs mean the same to both assemblers."""
    files = sorted((ROOT / folder).rglob("*.s"))
    assert files
    for file in files:
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
