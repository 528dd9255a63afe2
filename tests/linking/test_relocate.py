"""Relocation kinds at the edges of their ranges, read back from the instruction as the manual draws it."""

import pytest

from assembler.relocate import RULES, ReachError, patch, value_of
from vm.aout import RELOCATION_KINDS
from vm.isa.codec import by_name, decode_at, encode

ROWS = by_name("risc")
PLACE = 0x8000_0000


def patched(kind: str, row: str, target: int, place: int = PLACE) -> int:
    """The immediate of instruction `row` after relocation, as its own field reads it."""
    content = bytearray(encode(ROWS[row]).to_bytes(4, "little"))
    patch(content, 0, kind, value_of(kind, target, place))
    decoded = decode_at(content)
    assert decoded.row is ROWS[row]
    return next(decoded.operands[name] for name in ("imm", "uimm", "target") if name in decoded.operands)


def test_every_kind_of_the_file_format_has_a_rule() -> None:
    assert RULES.keys() == RELOCATION_KINDS.keys()
    for kind, (_, size) in RELOCATION_KINDS.items():
        assert max(offset + width for offset, width, _, _ in RULES[kind].parts) == size


@pytest.mark.parametrize("distance", [-4096, -2, 0, 2, 4094])
def test_branches_reach_4_kib(distance: int) -> None:
    assert patched("BRANCH", "bltu", PLACE + distance) == distance


@pytest.mark.parametrize("distance", [-(1 << 20), -2, 0, 2, (1 << 20) - 2])
def test_jumps_reach_1_mib(distance: int) -> None:
    assert patched("JAL", "jal", PLACE + distance) == distance


@pytest.mark.parametrize(
    ("kind", "distance", "sentence"),
    [
        ("BRANCH", -4098, "a branch cannot go -4098 bytes, expected -4096 to 4094"),
        ("BRANCH", 4096, "a branch cannot go 4096 bytes"),
        ("BRANCH", 3, "odd distance"),
        ("JAL", 1 << 20, "a jump cannot go 1048576 bytes"),
        ("JAL", -(1 << 20) - 2, "expected -1048576 to 1048574"),
        ("JAL", 7, "odd distance"),
    ],
)
def test_targets_out_of_reach_are_refused(kind: str, distance: int, sentence: str) -> None:
    content = bytearray(4)
    with pytest.raises(ReachError, match=sentence):
        patch(content, 0, kind, value_of(kind, PLACE + distance, PLACE))
    assert content == bytes(4)


@pytest.mark.parametrize(
    "address", [0, 4, 0x7FF, 0x800, 0xFFF, 0x1000, 0x7FFF_F800, 0x8000_0000, 0xFFFF_F800, 0xFFFF_FFFF]
)
def test_high_and_low_parts_make_the_address(address: int) -> None:
    high = patched("HI20", "lui", address)
    assert high + patched("LO12_I", "lw", address) & 0xFFFFFFFF == address
    assert high + patched("LO12_S", "sw", address) & 0xFFFFFFFF == address


@pytest.mark.parametrize("target", [0, PLACE - 0x800, PLACE + 0x7FF, PLACE + 0x800, PLACE + 0x7FFF_FFFF, 0xFFFF_FFFF])
def test_a_call_reaches_every_address(target: int) -> None:
    content = bytearray(
        encode(ROWS["auipc"], rd=1).to_bytes(4, "little") + encode(ROWS["jalr"], rs1=1).to_bytes(4, "little")
    )
    patch(content, 0, "CALL", value_of("CALL", target, PLACE))
    upper, lower = decode_at(content, 0).operands["uimm"], decode_at(content, 4).operands["imm"]
    assert PLACE + upper + lower & 0xFFFFFFFF == target


@pytest.mark.parametrize(
    ("kind", "before", "value", "after"),
    [
        ("ABS32", b"\xff\xff\xff\xff", 0x1_2345_6789, b"\x89\x67\x45\x23"),
        ("ABS16", b"\0\0", -2, b"\xfe\xff"),
        ("ABS16", b"\0\0", 0xFFFF, b"\xff\xff"),
        ("ABS8", b"\0", 0x80, b"\x80"),
        ("ADD32", b"\x01\0\0\0", 0xFFFF_FFFF, b"\0\0\0\0"),
        ("SUB32", b"\x01\0\0\0", 2, b"\xff\xff\xff\xff"),
        ("ADD16", b"\xff\xff", 2, b"\x01\0"),
        ("SUB16", b"\0\0", 1, b"\xff\xff"),
        ("ADD8", b"\xf0", 0x11, b"\x01"),
        ("SUB8", b"\x10", 0x1F, b"\xf1"),
    ],
)
def test_data(kind: str, before: bytes, value: int, after: bytes) -> None:
    content = bytearray(before)
    patch(content, 0, kind, value)
    assert content == after


@pytest.mark.parametrize(("kind", "value"), [("ABS8", 256), ("ABS8", -129), ("ABS16", 65536), ("ABS16", -32769)])
def test_data_that_does_not_fit_is_refused(kind: str, value: int) -> None:
    with pytest.raises(ReachError, match="does not fit in"):
        patch(bytearray(2), 0, kind, value)
