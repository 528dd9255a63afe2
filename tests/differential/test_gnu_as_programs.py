"""Random programs through both assemblers: labels, branches, alignment, data, .set, .if and .rept in any mixture.

The programs are short of the size at which GNU as leaves some branches long that would reach (docs/assembler.md)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import gnu
from tests.differential.test_gnu_as import check

pytestmark = gnu.needs_as
REGISTERS = ("a0", "a1", "s1", "t6", "zero", "x17")
Maker = Callable[[random.Random, list[str]], str]


def register(chance: random.Random) -> str:
    return chance.choice(REGISTERS)


def branch(chance: random.Random, labels: list[str]) -> str:
    name = chance.choice(("beq", "bne", "blt", "bgtu", "ble"))
    offset = chance.choice(("", "", "+8", "-4"))
    return f"{name} {register(chance)}, {register(chance)}, {chance.choice(labels)}{offset}"


def difference(chance: random.Random, labels: list[str]) -> str:
    one, other = chance.choice(labels), chance.choice(labels)
    return f".word {one} - {other}, {one}, . - {other}, k * {chance.randrange(9)}"


def pairs(chance: random.Random, labels: list[str]) -> str:
    label = chance.choice(labels)
    return f"la a1, {label} + 4; lw a0, {label}; sw a1, {label}, t0; call {label}; tail outside"


MAKERS: tuple[Maker, ...] = (
    branch,
    branch,
    branch,
    difference,
    pairs,
    lambda chance, labels: f"bgtz {register(chance)}, {chance.choice(labels)}",
    lambda chance, labels: f"j {chance.choice(labels)}",
    lambda chance, labels: f".balign {chance.choice((8, 16, 32))}",
    lambda chance, labels: f".space {chance.choice((4, 8, 100, 1000))}",
    lambda chance, labels: f"li {register(chance)}, {chance.randrange(-(1 << 31), 1 << 32) >> chance.randrange(32)}",
    lambda chance, labels: f".set k, k + {chance.randrange(5)}",
    lambda chance, labels: f".if k > {chance.randrange(30)}\nnop\n.else\nnop; nop\n.endif",
    lambda chance, labels: f".rept {chance.randrange(4)}\naddi a0, a0, k\n.endr",
    lambda chance, labels: f"1: bnez a0, 1f\nnop\n1: bltz {register(chance)}, 1b",
    lambda chance, labels: "lui a0, %hi({0}); addi a0, a0, %lo({0}); sb a1, %lo({0}+3)(a0)".format(
        chance.choice(labels)
    ),
    lambda chance, labels: f".data\n.half 1, 2\n.word {chance.choice(labels)} + k\n.balign 8\n.text",
    lambda chance, labels: f"addi a0, a1, k * 2 - {chance.randrange(20)}; lw a0, k - 3(sp)",
    lambda chance, labels: f"{chance.choice(('.globl', '.globl', '.weak'))} {chance.choice(labels)}",
    lambda chance, labels: f"{chance.choice(('add', 'xor', 'mul'))} {register(chance)}, {register(chance)}, a5",
)


def program(chance: random.Random) -> str:
    """-> a source in which every label that is used is defined."""
    count = chance.randrange(5, 150)
    labels = [f"l{number}" for number in range(max(2, count // 6))]
    left = list(labels)
    lines = [".set k, 5"]
    for _ in range(count):
        if left and chance.random() < 0.17:
            lines.append(left.pop() + ":")
        lines.append(chance.choice(MAKERS)(chance, labels))
    lines += [f"{label}: nop" for label in left]
    return "\n".join([*lines, "nop", ""])


@pytest.mark.parametrize("seed", range(30))
def test_program(seed: int, tmp_path: Path) -> None:
    check(program(random.Random(seed)), tmp_path)
