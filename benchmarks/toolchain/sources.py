"""Source texts to measure the assembler with, made up with a fixed seed: the same texts at every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

REGISTERS = ("a0", "a1", "a2", "a3", "a4", "a5", "t0", "t1", "t2", "s0", "s1", "s2", "s3", "sp", "ra", "zero")
COMMON_REGISTERS = ("a0", "a1", "a2", "a3", "t0", "t1", "s0", "s1", "sp")  # those of every mode
THREE = ("add", "sub", "and", "or", "xor", "sll", "srl", "sra", "slt", "sltu", "mul", "div", "rem")
IMMEDIATE = ("addi", "andi", "ori", "xori", "slti")
LOADS = ("lw", "lh", "lb", "lbu", "lhu")
STORES = ("sw", "sh", "sb")
BRANCHES = ("beq", "bne", "blt", "bge", "bltu", "bgeu")


def plain(lines: int, registers: Sequence[str] = REGISTERS) -> str:
    """Number of lines -> code as a compiler writes it: a label every eighth line, a branch or a jump as often."""
    chance = random.Random(lines)

    def register() -> str:
        return chance.choice(registers)

    kinds: tuple[Callable[[], str], ...] = (
        lambda: f"{chance.choice(THREE)}\t{register()},{register()},{register()}",
        lambda: f"{chance.choice(IMMEDIATE)}\t{register()},{register()},{chance.randrange(-2048, 2048)}",
        lambda: f"{chance.choice(LOADS)}\t{register()},{chance.randrange(0, 256) * 4}({register()})",
        lambda: f"{chance.choice(STORES)}\t{register()},{chance.randrange(0, 256) * 4}({register()})",
        lambda: f"li\t{register()},{chance.randrange(-5000, 5000)}",
        lambda: f"mv\t{register()},{register()}",
    )
    text = []
    for number in range(lines):
        if number % 8 == 0:
            text.append(f".L{number // 8}:")
        elif number % 8 == 5:
            text.append(f"\t{chance.choice(BRANCHES)}\t{register()},{register()},.L{max(0, number // 8 - 3)}")
        elif number % 32 == 6:
            text.append(f"\tcall\tf{number % 100}")
        else:
            text.append("\t" + chance.choice(kinds)())
    return "\n".join(text) + "\n"


def data(lines: int) -> str:
    """Number of lines -> tables and strings."""
    chance = random.Random(lines)
    kinds: tuple[Callable[[], str], ...] = (
        lambda: f"\t.word\t{chance.getrandbits(32):#x}",
        lambda: f"\t.half\t{chance.randrange(65536)}, {chance.randrange(65536)}",
        lambda: f'\t.asciz\t"text number {chance.randrange(1000)}\\n"',
        lambda: f"\t.byte\t{chance.randrange(256)}",
        lambda: "\t.balign\t4",
    )
    return "\t.data\n" + "\n".join(chance.choice(kinds)() for _ in range(lines - 1)) + "\n"


def macros(lines: int) -> str:
    """Number of lines -> short procedures through macros, expressions with constants, conditions."""
    head = """\t.macro enter name, frame=16
\\name: addi sp, sp, -(\\frame + 16)
\tsw ra, \\frame + 12(sp)
\t.if \\frame > 16
\tsw s0, \\frame + 8(sp)
\t.endif
\t.endm
\t.macro leave frame=16
\tlw ra, \\frame + 12(sp)
\taddi sp, sp, \\frame + 16
\tret
\t.endm
\t.equ FIELD, 12
"""

    def body() -> Iterator[str]:
        for number in range((lines - head.count("\n")) // 6):
            frame = 16 * (number % 4)
            yield f"\tenter f{number}, frame={frame}"
            yield "\tlw a0, FIELD+4(a1)"
            yield f"\tli a1, FIELD*4 + {number % 50}"
            yield f"\tbeqz a0, f{max(number - 1, 0)}"
            yield f"\taddi a0, a0, (FIELD << 2) - {number % 20}"
            yield f"\tleave frame={frame}"

    return head + "\n".join(body()) + "\n"


SOURCES: dict[str, Callable[[int], str]] = {"plain code": plain, "data": data, "macros": macros}
