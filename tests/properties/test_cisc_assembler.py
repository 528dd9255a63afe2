"""Cisc mode: every instruction goes to text and back; any text is assembled or refused."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assembler import AssemblyError, assemble
from tests.isa.cisc_samples import operands_of, specifiers
from vm import aout
from vm.isa.cisc import ROWS, Operand, Row
from vm.isa.cisc_codec import Specifier, decode_at, encode, write_specifier
from vm.isa.cisc_text import text


def here(target: int) -> str:
    """Address, seen from 0 -> text that means it from wherever it stands."""
    return f".{(target + (1 << 31)) % (1 << 32) - (1 << 31):+d}"


def written(code: bytes) -> str:
    """An instruction -> source text."""
    decoded = decode_at(code)
    return text(decoded.row, decoded.operands, address=here)


def check_all(codes: list[bytes]) -> None:
    """The texts of instructions assemble to these; if not, the first that does not is named."""
    source = "".join(written(code) + "\n" for code in codes)
    if assemble(source, mode="cisc").text != b"".join(codes):
        for code in codes:
            assert assemble(written(code) + "\n", mode="cisc").text == code, written(code)
        raise AssertionError("each alone assembles to itself, but not all together")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_specifier_of_every_row_goes_to_text_and_back(row: Row) -> None:
    check_all([encode(row, *operands) for operands in operands_of(row)])


@st.composite
def instructions(draw: st.DrawFn) -> bytes:
    """Any instruction: specifiers with any register and any value."""
    row = draw(st.sampled_from(ROWS))
    return encode(row, *(draw_operand(draw, operand) for operand in row.operands))


def draw_operand(draw: st.DrawFn, operand: Operand) -> Specifier | int:
    bits = 8 * operand.size
    if not operand.access:
        signed = operand.width[0] == "d"
        return draw(st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1))
    pattern = draw(st.sampled_from(list(specifiers(operand))))
    mode, value = pattern.mode, pattern.value
    if mode.name == "literal":
        value = draw(st.integers(0, 63))
    elif mode.extra:
        low, count = (-(1 << 8 * mode.extra - 1) if mode.signed else 0), 1 << 8 * mode.extra
        high = low + count - 1
        value = draw(st.one_of(st.integers(max(low, -200), min(high, 200)), st.integers(low, high)))
    register = draw(st.integers(0, 8)) if pattern.register else 0
    index = draw(st.integers(0, 8)) if pattern.index is not None else None
    return Specifier(mode, register, value, index)


@settings(max_examples=300)
@given(st.lists(instructions(), min_size=1, max_size=20))
def test_what_is_disassembled_assembles_to_itself(codes: list[bytes]) -> None:
    check_all(codes)


def branches(seed: int) -> str:
    """Number -> a source whose branches and relative operands are near the limit of their reach."""
    chance = random.Random(seed)
    count = chance.randrange(5, 60)
    lines = []
    for number in range(count):
        lines.append(f"L{number}:")
        target = f"L{min(max(number + chance.randrange(-20, 20), 0), count - 1)}"
        lines.append(
            chance.choice(
                [f"beq a0, a1, {target}", f"j {target}", f"call {target}", f"moval {target}, a0", f"bnez a0, {target}",
                 f"sob (a0), {target}", f".space {chance.randrange(20)}", "addl3 $1000, 4(a0), a1", "call away"]
            )
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def distances(code: bytes) -> Iterator[tuple[int, int, int]]:
    """Code -> (offset behind a relative operand, its bits, distance) of each."""
    at = 0
    while at < len(code):
        decoded = decode_at(code, at)
        end = at + 1
        for operand in decoded.row.operands if decoded.row else ():
            value = decoded.operands[operand.name]
            if isinstance(value, Specifier):
                end += len(write_specifier(value))
                if value.mode.name.startswith("relative"):
                    yield end, 8 * value.mode.extra, value.value
            else:
                end += operand.size
                if operand.width[0] == "d":
                    yield end, 8 * operand.size, value
        at += decoded.length


@pytest.mark.parametrize("seed", range(60))
def test_places_of_several_sizes_are_as_short_as_they_can_be(seed: int) -> None:
    made = assemble(branches(seed), mode="cisc")
    labels = {symbol.value for symbol in made.symbols if symbol.section == "text" and symbol.name[0] == "L"}
    outside = {relocation.address + 4 for relocation in made.text_relocations}
    found = [(end, bits, distance) for end, bits, distance in distances(made.text) if end not in outside]
    assert found
    for end, bits, distance in found:
        assert end + distance in labels
        if bits == 32:
            short = distance + 3 if distance < 0 else distance  # what it would be without the three bytes more
            assert not -128 <= short <= 127, f"the place before {end:#x} is long without need"


@given(st.text(alphabet=st.sampled_from(list("ab0159.:,()[]%$\\\"'#;/*+-<>=!&| \t\n_@{}~^\x00é")), max_size=60))
@example("movl $")
@example("movl [a0], a1")
@example("movl $5:7, a0")
@example("movl a0[a1")
@example("pushr a0/")
@example("pushr a0-a0-a1")
@example("movl (a0)+[a1][a2], a0")
@example("csrw ,")
@example("beql ,,")
@example("movl $" + "9" * 5000 + ", a0")
@example("addi a0, a0, 1 << 70")
@example("movl *$-1, a0")
@example("chmk $1 - x\nx = 3")
def test_any_text_is_assembled_or_refused(source: str) -> None:
    check(source)


NAMES = ["movl", "addl3", "add", "addi", "lw", "sw", "beq", "beql", "bsr", "call", "la", "li", "pushr", "calls", "chmk",
         "csrw", "csrr", "moval", "jmp", "jr", "sob", "x:", ".set x,", ".data", ".text", ".balign 8", "movb", "movzbl",
         "insque", "movc"]  # fmt: skip
OPERANDS = ["a0", "$5", "$x", "x", "x:8", "4(a0)", "(a0)+", "-(sp)", "x[a1]", "*$x", "a0-a3/s0", "zero", "a7", "%lo(x)",
            "", "5", "x - .", "$x - y", "1f", "sstatus", "$300", "-1"]  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(OPERANDS), max_size=4)), max_size=10))
def test_any_heap_of_statements_is_assembled_or_refused(statements: list[tuple[str, list[str]]]) -> None:
    check("\n".join(f"{name} {', '.join(operands)}" for name, operands in statements))


def check(source: str) -> None:
    """A source gives an object that can be written and read again, or an error that shows lines of the source."""
    try:
        made = assemble(source, mode="cisc", filename="any.s")
    except AssemblyError as error:
        assert error.diagnostics
        assert all(each.column >= 1 and each.width >= 1 for each in error.diagnostics)
        assert str(error).startswith("any.s:")
    else:
        assert aout.read(aout.write(made), "any.s") == made
