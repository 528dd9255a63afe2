"""Where things lie in RAM: apart from each other, within reach, with room where it is needed; else a sentence."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.images import guest, make_elf
from vm import Machine
from vm.arch import PAGE_SIZE, RAM_BASE
from vm.boot_images import INFO, Plan, planned, read
from vm.isa.sets import DEFAULT_ISA
from vm.loader import LoadError

MIB = 1 << 20
CODE = b"\x13\0\0\0" * 16


def plan(ram: int, **what: object) -> Plan:
    return planned(read(ram, "risc", **what), ram, DEFAULT_ISA)  # type: ignore[arg-type]


def refused(ram: int, **what: object) -> str:
    """-> the sentence that refuses it."""
    with pytest.raises(LoadError) as caught:
        plan(ram, **what)
    return str(caught.value)


def linux(size: int) -> bytes:
    """-> the header of a kernel that says how large it is in RAM, and a little code."""
    return struct.pack("<IIQQ", 0x13, 0x13, 4 * MIB, size).ljust(0x38, b"\0") + b"RSC\x05" + CODE


SIZES = st.sampled_from([1 << 18, MIB, 8 * MIB, 12 * MIB, 64 * MIB, 2048 * MIB])


@settings(max_examples=60)
@given(
    SIZES | st.integers(64, 1 << 19).map(lambda pages: pages * PAGE_SIZE),
    st.none() | st.integers(1, 300_000),
    st.none() | st.integers(1, 3 * MIB),
    st.none() | st.integers(1, 2 * MIB),
)
def test_pieces_are_apart_and_in_ram(ram: int, bios: int | None, kernel: int | None, initrd: int | None) -> None:
    given_ = {"bios": bios, "kernel": kernel, "initrd": initrd}
    what = {name: bytes(size) for name, size in given_.items() if size}
    try:
        made = plan(ram, **what)
    except LoadError as fault:
        assert "RAM" in str(fault)
        assert ram < 16 * MIB, "there is room for all of it"
        return
    pieces = sorted(made.pieces, key=lambda piece: piece.address)
    assert pieces[0].address >= RAM_BASE and pieces[-1].end <= RAM_BASE + ram
    assert all(lower.end <= upper.address for lower, upper in zip(pieces, pieces[1:], strict=False))
    assert made.tree.size - len(made.tree.data) >= min(ram // 1024, 4096), "firmware adds to the tree where it lies"
    assert made.tree.address % 8 == 0 and made.tree.end <= RAM_BASE + 768 * MIB
    names = [piece.what for piece in made.pieces]
    assert ("what firmware is told" in names) == bool(bios) and ("the initrd" in names) == bool(initrd)


def test_a_raw_kernel_lies_at_the_next_boundary_of_four_mebibytes_behind_firmware() -> None:
    for size, address in ((1, 0x8040_0000), (4 * MIB, 0x8040_0000), (4 * MIB + 1, 0x8080_0000)):
        made = plan(64 * MIB, bios=bytes(size), kernel=CODE)
        assert made.pieces[1].address == address
    assert plan(64 * MIB, kernel=CODE).pieces[0].address == RAM_BASE


def test_initrd_lies_half_way_behind_firmware_and_at_the_top_otherwise() -> None:
    def place(ram: int, **what: bytes) -> int:
        return next(p.address for p in plan(ram, initrd=bytes(9000), **what).pieces if p.what == "the initrd")

    assert place(64 * MIB, bios=CODE, kernel=CODE) == 0x8240_0000
    assert place(2048 * MIB, bios=CODE, kernel=CODE) == 0x8840_0000
    assert place(64 * MIB, bios=CODE) == 0x8200_0000
    assert 0x807F_0000 < place(8 * MIB, bios=CODE, kernel=CODE) < 0x807F_D000, "no room half-way: below the tree"
    assert place(64 * MIB, bios=CODE, kernel=linux(33 * MIB)) > 0x83F0_0000, "the kernel's bss lies half-way"
    assert place(64 * MIB, kernel=CODE) > 0x83F0_0000


def test_linux_says_how_large_it_is_in_ram() -> None:
    assert plan(64 * MIB, kernel=linux(20 * MIB)).pieces[0].size == 20 * MIB
    assert plan(64 * MIB, kernel=linux(0)).pieces[0].size == len(linux(0))
    assert "it would have to be at least 104M large" in refused(64 * MIB, bios=CODE, kernel=linux(100 * MIB))
    assert f"{(1 << 64) - 1} bytes belong at 0x80400000" in refused(64 * MIB, bios=CODE, kernel=linux((1 << 64) - 1))


def test_overlaps_name_both() -> None:
    low = make_elf((RAM_BASE, RAM_BASE, CODE, 0x100))
    assert refused(64 * MIB, bios=CODE, kernel=low, what="vmlinux", bios_what="fw.bin") == (
        "vmlinux: 256 bytes belong at 0x80000000, where those of fw.bin lie, 0x80000000..0x8000003f"
    )
    twice = make_elf((RAM_BASE, RAM_BASE, CODE, 0x100), (RAM_BASE, RAM_BASE + 0x3F, CODE, 0x40))
    sentence = "two: 64 bytes belong at 0x8000003f, where those of two lie, 0x80000000..0x8000003f"
    assert refused(MIB, kernel=twice, what="two") == sentence


def test_what_does_not_fit() -> None:
    assert "RAM ends at 0x80100000; it would have to be at least 2M large" in refused(MIB, bios=bytes(MIB + 1))
    assert "belong at 0x80400000, but RAM ends at 0x80100000" in refused(MIB, bios=CODE, kernel=CODE)
    size = len(plan(MIB, kernel=CODE).tree.data)
    assert refused(MIB, kernel=bytes(MIB - 99), what="raw") == (
        f"the device tree of {size} bytes does not fit into RAM beside raw, which lies at 0x80000000..0x800fff9c"
    )
    large = bytes(2 * MIB)
    assert f"the initrd of {len(large)} bytes does not fit into RAM beside " in refused(MIB, kernel=CODE, initrd=large)
    cut = make_elf((RAM_BASE, RAM_BASE, CODE, 0x100))[:100]
    assert "cut: truncated: a segment needs" in refused(MIB, bios=cut, bios_what="cut")
    assert refused(MIB, kernel=CODE, dtb=b"tree").startswith("the device tree: no flattened device tree")


OVER_EVERYTHING = """
# Prints a byte of firmware, initrd and tree, writes over them, and resets; the second time (a mark tells) it ends.
    .globl _start
_start:
    li t0, 0x10000000
    la t1, data
    lbu t2, 0(t1)
    sb t2, 0(t0)
    li t3, {initrd:#x}
    lbu t2, 0(t3)
    sb t2, 0(t0)
    lbu t2, 1(a1)
    sb t2, 0(t0)
    lw t2, 4(a2)
    addi t2, t2, '0'
    sb t2, 0(t0)
    sb zero, 0(t1)
    sb zero, 0(t3)
    sw zero, 0(a1)
    sw zero, 4(a2)
    li t1, {mark:#x}
    lw t2, 0(t1)
    li t0, 0x100000
    bnez t2, end
    sw t0, 0(t1)
    li t1, 0x7777
    sw t1, 0(t0)
end:
    li t1, 0x5555
    sw t1, 0(t0)
    .data
data: .byte 'F'
"""
MARK = RAM_BASE + 0x10_0000


@pytest.mark.parametrize("carried", [False, True], ids=["same machine", "restored elsewhere"])
def test_a_reset_loads_everything_again(carried: bool, tmp_path: Path) -> None:
    shown = bytearray()
    stub = guest(OVER_EVERYTHING.format(initrd=0x8200_0000, mark=MARK))
    machine = Machine(ram=64 * MIB, console=shown.extend)
    own = plan(64 * MIB, kernel=CODE).tree.data
    machine.load(bios=stub, initrd=b"I", dtb=own, bootargs="word")
    if carried:
        machine.run(3)
        machine.save(tmp_path / "saved")
        machine = Machine.restore(tmp_path / "saved", console=shown.extend)
    assert machine.run(1000).reason == "halt"
    assert shown == b"FI\x0d2" * 2
    assert machine.loaded is not None and machine.loaded.bootargs == "word"


def test_what_firmware_is_told_is_as_the_interface_says() -> None:
    info = next(p for p in plan(64 * MIB, bios=CODE, kernel=CODE).pieces if p.what == "what firmware is told")
    assert INFO.unpack(info.data) == (0x4942534F, 2, 0x8040_0000, 1, 0, 0)
    assert plan(64 * MIB, bios=CODE, kernel=CODE).arguments[2] == info.address
