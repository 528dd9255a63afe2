"""Linking cisc code: distances and addresses of 1, 2 and 4 bytes, at any offset; modes do not mix."""

import pytest

from assembler import LinkError, assemble, link
from assembler.archiver import archive
from assembler.linker import USER_TEXT
from vm import aout
from vm.aout import Object, Relocation, Symbol
from vm.isa.cisc_codec import Specifier, decode_at

FAR = """
        .globl  far, word
far:    rsb
        .data
        .byte   1
word:   .long   7
"""
NEAR = """
        .globl  _start
_start: call    far
        movl    word, a0
        moval   word + 4, -(sp)
        movl    $word, a1
        movl    *$word, a2
        movl    word:32[t0], a3
        jsr     far
        beql    a0, a1, far
        .data
        .word   far, word - 4
"""


def parts() -> tuple[Object, Object]:
    """-> the object that refers and the one that defines."""
    return assemble(NEAR, mode="cisc", filename="near.s"), assemble(FAR, mode="cisc", filename="far.s")


def addresses(program: Object, count: int) -> list[int]:
    """Executable -> the addresses that the first instructions refer to."""
    found: list[int] = []
    at = 0
    for _ in range(count):
        decoded = decode_at(program.text, at)
        end = program.text_address + at + decoded.length
        behind = program.text_address + at + 1
        for operand in decoded.row.operands:
            value = decoded.operands[operand.name]
            if not isinstance(value, Specifier):
                found.append(end + value)
                continue
            behind += 1 + value.mode.extra + (value.index is not None)
            if value.mode.name.startswith("relative"):
                found.append(behind + value.value)
            elif value.mode.name in ("absolute", "immediate32"):
                found.append(value.value)
        at += decoded.length
    return found


def test_every_way_to_name_a_symbol_is_resolved() -> None:
    program = link(parts())
    places = {symbol.name: symbol.value for symbol in program.symbols}
    far, word = places["far"], places["word"]
    assert program.text_address == USER_TEXT
    assert addresses(program, 8) == [far, word, word + 4, word, word, word, far, far]
    assert program.data[:8] == far.to_bytes(4, "little") + (word - 4).to_bytes(4, "little")


def test_linking_in_two_steps_gives_the_same_program() -> None:
    near, far = parts()
    bigger = aout.read(aout.write(link([near, far], relocatable=True)))
    assert bigger.mode == "cisc"
    again, once = link([bigger]), link(parts())
    assert (again.text, again.data, again.entry) == (once.text, once.data, once.entry)


def test_an_archive_serves_cisc_code() -> None:
    near, far = parts()
    library = archive({"far.o": far})
    assert link([near, library]).text == link(parts()).text


@pytest.mark.parametrize(("kind", "size"), [("PC8", 1), ("PC32", 4)])
def test_distances_of_each_size(kind: str, size: int) -> None:
    symbol = Symbol("there")
    content = bytes(40)
    here = Object("cisc", text=content, symbols=[symbol], text_relocations=[Relocation(7, kind, symbol, -size)])
    there = Object("cisc", text=content, symbols=[Symbol("there", "text", 3)])
    made = link([here, there], entry=str(USER_TEXT))
    assert int.from_bytes(made.text[7 : 7 + size], "little", signed=True) == 40 + 3 - (7 + size)
    assert made.text[:7] == bytes(7)
    assert made.text[7 + size : 40] == bytes(33 - size)


def test_a_short_branch_that_does_not_reach_is_reported_with_its_line() -> None:
    near = assemble(".globl _start\n_start: nop\nbr.s far\n.space 200\n", mode="cisc", filename="near.s")
    with pytest.raises(LinkError, match=r"near.s: text\+0x2 \(near.s:3\): PC8 .* 'far': a branch cannot go 201 bytes"):
        link([near, assemble(FAR, mode="cisc")])


def test_an_undefined_weak_symbol_is_address_zero() -> None:
    program = link([assemble(".globl _start\n.weak gone\n_start: moval gone, a0\ncall gone\n", mode="cisc")])
    assert [address % (1 << 32) for address in addresses(program, 2)] == [0, 0]


@pytest.mark.parametrize("modes", [("cisc", "risc"), ("risc", "cisc")])
def test_modes_do_not_mix(modes: tuple[str, str]) -> None:
    objects = [assemble("nop\n", mode=mode, filename=f"{mode}.s") for mode in modes]
    with pytest.raises(LinkError, match=f"{modes[1]}.s is {modes[1]} code, but {modes[0]}.s is {modes[0]} code"):
        link(objects)
