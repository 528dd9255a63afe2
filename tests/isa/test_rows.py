"""The rows account for every bit, never overlap, and encode what an outside source says they encode."""

import random

import pytest

from vm.isa import codec, fields
from vm.isa.row import row

ROWS = codec.rows("window")  # those of risc are among them

# Words taken from the listings of GNU objdump for hand-written sources: an oracle that our own table cannot bend.
KNOWN = [
    (0x12345537, "lui", {"rd": 10, "uimm": 0x12345000}),
    (0x00000297, "auipc", {"rd": 5, "uimm": 0}),
    (0xFF9FF06F, "jal", {"rd": 0, "target": -8}),
    (0x00008067, "jalr", {"rd": 0, "rs1": 1, "imm": 0}),
    (0xFEB50CE3, "beq", {"rs1": 10, "rs2": 11, "target": -8}),
    (0xFFC52583, "lw", {"rd": 11, "rs1": 10, "imm": -4}),
    (0xFEB52E23, "sw", {"rs1": 10, "rs2": 11, "imm": -4}),
    (0x40155513, "srai", {"rd": 10, "rs1": 10, "shamt": 1}),
    (0x02C5C533, "div", {"rd": 10, "rs1": 11, "rs2": 12}),
    (0x06C5A52F, "amoadd.w", {"rd": 10, "rs1": 11, "rs2": 12, "aqrl": 3}),
    (0x1005252F, "lr.w", {"rd": 10, "rs1": 10, "aqrl": 0}),
    (0x30051073, "csrrw", {"rd": 0, "csr": 0x300, "rs1": 10}),
    (0x10016073, "csrrsi", {"rd": 0, "csr": 0x100, "zimm": 2}),
    (0x0FF0000F, "fence", {"pred": 15, "succ": 15}),
    (0x0000100F, "fence.i", {}),
    (0x30200073, "mret", {}),
    (0x12000073, "sfence.vma", {"rs1": 0, "rs2": 0}),
]


@pytest.mark.parametrize("word, name, values", KNOWN, ids=[name for _, name, _ in KNOWN])
def test_known_words(word: int, name: str, values: dict[str, int]) -> None:
    assert codec.encode(codec.by_name()[name], **values) == word
    decoded = codec.decode_at(word.to_bytes(4, "little"))
    assert decoded.row is codec.by_name()[name]
    assert decoded.length == 4
    assert {key: decoded.operands[key] for key in values} == values


def test_every_bit_is_accounted_for() -> None:
    for each in ROWS:
        covered = each.mask
        for field in each.operands.values():
            assert covered & field.mask == 0, each.name
            covered |= field.mask
        assert covered == 0xFFFF_FFFF, each.name
        assert each.match & ~each.mask == 0, each.name


def test_no_word_belongs_to_two_rows() -> None:
    for index, one in enumerate(ROWS):
        for other in ROWS[index + 1 :]:
            both = one.mask & other.mask
            assert one.match & both != other.match & both, f"{one.name} and {other.name} overlap"


def test_decode_agrees_with_a_plain_search() -> None:
    chance = random.Random(1)
    found = 0
    for _ in range(20_000):
        each = chance.choice(ROWS)
        word = each.match | chance.getrandbits(32) & ~each.mask
        word ^= 1 << chance.randrange(32) if chance.random() < 0.5 else 0
        expected = [row for row in ROWS if word & row.mask == row.match]
        assert codec.decode(word, "window") is (expected[0] if expected else None)
        found += bool(expected)
    assert found > 10_000


def test_names_are_unique() -> None:
    assert len({each.name for each in ROWS}) == len(ROWS) == len({each.micro for each in ROWS})


@pytest.mark.parametrize(
    "field", [v for v in vars(fields).values() if isinstance(v, fields.Field)], ids=lambda f: f.name
)
def test_fields_get_what_they_set(field: fields.Field) -> None:
    low, high = field.range
    chance = random.Random(2)
    step = 1 << field.shift
    for value in [low, high, *(chance.randrange(low, high + 1, step) for _ in range(50))]:
        noise = chance.getrandbits(32)
        word = field.set(noise, value)
        assert field.get(word) == value
        assert word & ~field.mask == noise & ~field.mask
        assert field.fits(value)
    assert not field.fits(low - step)
    assert not field.fits(high + step)
    if field.shift:
        assert not field.fits(low + 1)


def test_encode_refuses_what_does_not_fit() -> None:
    with pytest.raises(codec.EncodingError, match="imm of addi is 2048, expected -2048 to 2047") as error:
        codec.encode(codec.by_name()["addi"], rd=1, rs1=1, imm=2048)
    assert error.value.operand == "imm"
    with pytest.raises(codec.EncodingError, match="in steps of 2"):
        codec.encode(codec.by_name()["beq"], target=3)


def test_truncated_and_foreign_bytes_decode_to_nothing() -> None:
    assert codec.decode_at(b"\x13\x00\x00") == (None, {}, 3)
    assert codec.decode_at(b"\x01\x00\x00\x00") == (None, {}, 2)  # c.nop: 16 bits long, and not in this set
    assert codec.decode_at(b"\xff\xff\xff\xff") == (None, {}, 4)
    assert codec.decode_at(b"\x00" * 8 + b"\x13\0\0\0", 8).row is codec.by_name()["addi"]


def test_unknown_mode() -> None:
    with pytest.raises(ValueError, match="no instruction set for mode 'vax'"):
        codec.rows("vax")


@pytest.mark.parametrize(
    "bits, fault",
    [
        ("0000000 ..... ..... 000 ..... 011001", "32 bits"),
        ("0000000 ..... 0.... 000 ..... 0110011", "overlaps"),
        ("......0 ..... ..... 000 ..... 0110011", "belong to no operand"),
    ],
)
def test_a_wrong_table_line_is_refused(bits: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        row("bad", "R", bits, "rd, rs1, rs2", "alu", "I", "")
