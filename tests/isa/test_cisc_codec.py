"""Bytes of cisc mode: what the rows and specifiers encode, decode to, and what is no instruction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.isa.cisc_samples import everything
from vm.isa import codec
from vm.isa.cisc import BY_OPCODE, ROWS
from vm.isa.cisc_codec import Specifier, by_name, decode_at, encode, operands_of
from vm.isa.codec import EncodingError
from vm.isa.specifiers import BY_NAME, MODES, REGISTERS, mode_of

LONGEST = 1 + 3 * (1 + 1 + 4)  # opcode; three operands, each with an index, a mode and four bytes


def specifier(name: str, register: int = 0, value: int = 0, index: int | None = None) -> Specifier:
    return Specifier(BY_NAME[name], register, value, index)


# The specifiers' bytes are those of the VAX (VAX Architecture Reference Manual, chapter "Addressing modes"), an outside
# source to check against; the opcodes are from the table in vm/isa/cisc.py.
KNOWN = [
    ("movl", [specifier("literal", value=5), specifier("register", 0)], "56 05 50"),
    ("movl", [specifier("deferred", 1), specifier("register", 2)], "56 61 52"),
    ("movl", [specifier("decrement", 8), specifier("increment", 7)], "56 78 87"),
    ("movl", [specifier("immediate32", value=0x12345678), specifier("register", 3)], "56 8f 78 56 34 12 53"),
    ("movl", [specifier("absolute", value=0x80000000), specifier("register", 3)], "56 9f 00 00 00 80 53"),
    ("movl", [specifier("displacement8", 1, -4), specifier("register", 0)], "56 a1 fc 50"),
    ("movl", [specifier("displacement32", 1, 256), specifier("register", 0)], "56 e1 00 01 00 00 50"),
    ("movl", [specifier("relative8", value=16), specifier("register", 0)], "56 af 10 50"),
    ("movl", [specifier("relative32", value=-2), specifier("register", 0)], "56 ef fe ff ff ff 50"),
    ("movb", [specifier("deferred", 1, index=2), specifier("register", 0)], "54 42 61 50"),
    ("addl3", [specifier("register", 1), specifier("register", 2), specifier("register", 0)], "15 51 52 50"),
    ("beql.s", [specifier("register", 0), specifier("literal", value=0), -2], "84 50 00 fe"),
    ("beql.l", [specifier("register", 0), specifier("literal", value=0), 0x1234], "85 50 00 34 12 00 00"),
    ("chmk", [93], "c8 5d 00"),
    ("csrr", [specifier("register", 0), 0x100], "c0 50 00 01"),
    ("calls", [0xC0, specifier("relative32", value=8)], "af c0 ef 08 00 00 00"),
    ("rsb", [], "ae"),
]


@pytest.mark.parametrize(("name", "operands", "code"), KNOWN, ids=[code for *_, code in KNOWN])
def test_known_bytes(name: str, operands: list[Specifier | int], code: str) -> None:
    content = bytes.fromhex(code)
    assert encode(by_name()[name], *operands) == content
    decoded = codec.decode_at(b"\0" + content + b"\0", 1, "cisc")
    assert (decoded.row.name, list(decoded.operands.values()), decoded.length) == (name, operands, len(content))


def test_every_row_with_every_specifier_is_decoded_as_it_was_encoded() -> None:
    seen = set()
    for row, operands in everything():
        code = encode(row, *operands)
        decoded = decode_at(code)
        assert decoded.row is row
        assert operands_of(row, decoded.operands) == operands
        assert decoded.length == len(code) <= LONGEST
        for cut in range(len(code)):
            assert decode_at(code[:cut]).row is None, "an instruction that ends too early is none"
        seen.add(row)
    assert seen == set(ROWS)


def test_opcodes_and_modes_do_not_overlap() -> None:
    assert len(ROWS) == len(BY_OPCODE) == len({row.name for row in ROWS})
    assert 0 not in BY_OPCODE, "cleared memory is no code"
    bytes_of = {mode.name: [byte for byte in range(256) if mode_of(byte) is mode] for mode in MODES}
    for mode in MODES:
        expected = 64 if mode.name == "literal" else len(REGISTERS) if mode.low is None else 1
        assert len(bytes_of[mode.name]) == expected, mode.name


@pytest.mark.parametrize(
    "code",
    [
        "00", "0f", "ff",  # no opcodes
        "56 59 50", "56 69 50", "56 9e 50", "56 b1 50", "56 c0 50", "56 f0 50",  # reserved specifiers
        "56 8c 50", "56 50 8f 00 00 00 00",  # no register 12; an immediate cannot be written
        "56 50 05",  # nor can a literal
        "66 50 51", "66 05 51",  # a register and a literal have no address
        "56 44 50 51", "56 44 05 51", "56 44 44 61 51", "56 44 8d 05 51", "56 49 61 51",  # what cannot be an index
    ],
)  # fmt: skip
def test_what_is_no_instruction(code: str) -> None:
    assert decode_at(bytes.fromhex(code) + bytes(20)) == (None, {}, 1)


def test_nothing_is_decoded_at_the_end() -> None:
    assert decode_at(b"") == (None, {}, 0)
    assert decode_at(b"\x56", 1) == (None, {}, 0)
    assert decode_at(b"\x56") == (None, {}, 1)


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_passed_over(content: bytes) -> None:
    at = 0
    while at < len(content):
        decoded = decode_at(content, at)
        assert 1 <= decoded.length <= min(LONGEST, len(content) - at)
        if decoded.row is not None:
            again = encode(decoded.row, *operands_of(decoded.row, decoded.operands))
            assert again == content[at : at + decoded.length]
        else:
            assert decoded.length == 1
        at += decoded.length


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("movl", [specifier("literal")], "movl has 2 operands, not 1"),
        ("movl", [1, specifier("register")], "src of movl must be a specifier"),
        ("chmk", [specifier("literal")], "code of chmk must be a number"),
        ("chmk", [1 << 16], "code of chmk is 65536, expected 16 bits"),
        ("br.s", [128], "target of br.s is 128, expected 8 bits"),
        ("movl", [specifier("register"), specifier("literal")], "dst of movl cannot have mode literal"),
        ("moval", [specifier("register"), specifier("register")], "src of moval cannot have mode register"),
        ("movl", [specifier("literal", value=64), specifier("register")], "64 is no short literal"),
        ("movl", [specifier("register", 9), specifier("register")], "there is no such register"),
        ("movl", [specifier("register", 1, index=1), specifier("register")], "mode register cannot be indexed"),
        ("movl", [specifier("immediate8", value=128), specifier("register")], "128 does not fit in the 8 bits"),
    ],
)
def test_what_cannot_be_encoded(name: str, operands: list[Specifier | int], message: str) -> None:
    with pytest.raises(EncodingError, match=message):
        encode(by_name()[name], *operands)
