"""The device tree, read back by an independent reader; by dtc and beside QEMU's own tree where those are installed."""

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm.devices import fdt
from vm.devices.boardtree import board_tree, choose
from vm.devices.fdt import FdtError, Node, encode, flatten


def unflatten(blob: bytes) -> dict[str, Any]:
    """Blob -> nested dict: properties as bytes, children under their names."""
    header = struct.unpack_from(">10I", blob)
    assert header[0] == 0xD00DFEED
    assert header[1] <= len(blob)
    assert header[5] == 17
    structure, strings = header[2], header[3]
    at = structure
    stack: list[dict[str, Any]] = [{}]
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:
            end = blob.index(0, at)
            child: dict[str, Any] = {}
            stack[-1][blob[at:end].decode()] = child
            stack.append(child)
            at = end + 4 - end % 4
        elif token == 2:
            stack.pop()
        elif token == 3:
            length, name_at = struct.unpack_from(">2I", blob, at)
            name = blob[strings + name_at : blob.index(0, strings + name_at)].decode()
            stack[-1][name] = blob[at + 8 : at + 8 + length]
            at += 8 + length + -length % 4
        else:
            assert token == 9
            assert at == structure + header[9]
            root = stack[0][""]
            assert isinstance(root, dict)
            return root


names = st.from_regex(r"[a-z][a-z0-9,#-]{0,12}(@[0-9a-f]{1,8})?", fullmatch=True)
values = st.one_of(
    st.none(),
    st.binary(max_size=20),
    st.text("abc,-", max_size=9),
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4),
    st.lists(st.text("xyz", max_size=5), min_size=1, max_size=3),
)
trees = st.recursive(
    st.builds(Node, names, st.dictionaries(names, values, max_size=3)),
    lambda inner: st.builds(Node, names, st.dictionaries(names, values, max_size=3), st.lists(inner, max_size=3)),
    max_leaves=8,
)


def plain(node: Node) -> dict[str, Any]:
    """Node -> what unflatten should make of it."""
    properties: dict[str, Any] = {name: encode(value) for name, value in node.properties.items()}
    return properties | {child.name: plain(child) for child in node.children}


reservations = st.lists(st.tuples(st.integers(1, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=3)


@settings(max_examples=40)
@given(trees, reservations)
def test_what_is_written_can_be_read(tree: Node, reserved: list[tuple[int, int]]) -> None:
    tree.name = ""
    blob = flatten(tree, reserved)
    assert len(blob) % 8 == 0
    assert int.from_bytes(blob[4:8], "big") == len(blob)
    assert unflatten(blob) == plain(tree)
    root, found = fdt.unflatten(blob)
    assert (plain(root), found) == (plain(tree), reserved)
    assert flatten(root, found) == blob


BOARD = board_tree(64 << 20, "quiet")


@given(st.integers(0, len(BOARD) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_tree_is_read_or_refused(at: int, noise: bytes) -> None:
    try:
        root, reserved = fdt.unflatten(BOARD[:at] + noise + BOARD[at + len(noise) :])
        flatten(root, reserved)
    except FdtError as fault:
        assert str(fault)


@pytest.mark.parametrize(
    ("at", "word", "sentence"),
    [
        (0, 0xD00DFEEE, "no flattened device tree, which begins with the bytes d0 0d fe ed"),
        (4, len(BOARD) + 1, f"cut short: the device tree has {len(BOARD) + 1} bytes, the file {len(BOARD)}"),
        (20, 3, "a device tree in version 3 of its format; expected version 17"),
        (24, 18, "a device tree in version 17 of its format; expected version 17"),
        (8, 1 << 20, f"damaged: parts of the device tree lie behind its end, {len(BOARD)} bytes from its beginning"),
        (8, len(BOARD), "damaged: the device tree ends in the middle of a node, or a name in it is no text"),
        (56, 7, "damaged: 0x7 at byte 56, where no such part of a device tree can be"),
        (68, 1 << 24, "damaged: a property of 16777216 bytes reaches behind the end of the device tree"),
    ],
)
def test_what_is_wrong_with_a_damaged_tree_is_said(at: int, word: int, sentence: str) -> None:
    with pytest.raises(FdtError) as caught:
        fdt.unflatten(BOARD[:at] + struct.pack(">I", word) + BOARD[at + 4 :])
    assert str(caught.value) == sentence


def test_trees_without_end_are_refused() -> None:
    def nested(depth: int) -> bytes:
        root = Node()
        inner = root
        for _ in range(depth - 1):
            inner = inner.add("", {})
        return flatten(root)

    fdt.unflatten(nested(fdt.DEEPEST))
    whole = nested(1)
    endless = bytearray(whole[:56] + struct.pack(">2I", fdt.BEGIN_NODE, 0) * 100_000 + whole[-16:])
    struct.pack_into(">I", endless, 4, len(endless))
    struct.pack_into(">I", endless, 12, len(endless))
    for blob in (nested(fdt.DEEPEST + 1), bytes(endless)):
        with pytest.raises(FdtError, match="damaged: 0x1 at byte"):
            fdt.unflatten(blob)


def test_names_that_share_their_bytes_do_not_add_up() -> None:
    """So many properties whose names are all but one byte of each other's would take gigabytes."""
    count = 20_000
    names = b"a" * count + b"\0"
    structure = struct.pack(">2I", fdt.BEGIN_NODE, 0)
    structure += b"".join(struct.pack(">3I", fdt.PROPERTY, 0, at) for at in range(count))
    structure += struct.pack(">2I", fdt.END_NODE, fdt.END)
    at = fdt.HEADER.size + fdt.RESERVATION.size
    total = at + len(structure) + len(names)
    parts = (fdt.MAGIC, total, at, at + len(structure), fdt.HEADER.size, fdt.VERSION, fdt.LAST_COMPATIBLE, 0)
    head = fdt.HEADER.pack(*parts, len(names), len(structure))
    with pytest.raises(FdtError, match="a name in it is no text"):
        fdt.unflatten(head + bytes(fdt.RESERVATION.size) + structure + names)


def test_what_the_user_has_chosen_goes_into_any_tree() -> None:
    root = Node("", {}, [Node("chosen", {"bootargs": "old", "rng-seed": 7})])
    choose(root, "", None)
    assert root.children[0].properties == {"bootargs": "old", "rng-seed": 7}
    choose(root, "new", (1, 2))
    wanted = {"bootargs": "new", "rng-seed": 7, "linux,initrd-start": 1, "linux,initrd-end": 2}
    assert root.children[0].properties == wanted
    empty = Node()
    choose(empty, "new", None)
    assert plain(empty) == {"chosen": {"bootargs": b"new\0"}}


def test_values_are_big_endian_cells_and_terminated_texts() -> None:
    assert encode(0x1234) == b"\0\0\x12\x34"
    assert encode(["ab", "c"]) == b"ab\0c\0"
    assert encode([1, 2]) == b"\0\0\0\1\0\0\0\2"


def test_memory_has_the_true_size() -> None:
    for megabytes in (1, 64, 2047):
        tree = unflatten(board_tree(megabytes << 20))
        assert tree["memory@80000000"]["reg"] == struct.pack(">QQ", 0x8000_0000, megabytes << 20)


def test_chosen_carries_what_the_user_asked_for() -> None:
    chosen = unflatten(board_tree(64 << 20, "console=ttyS0", (0x8300_0000, 0x8312_3456)))["chosen"]
    assert chosen["bootargs"] == b"console=ttyS0\0"
    assert chosen["linux,initrd-start"] == struct.pack(">I", 0x8300_0000)
    assert chosen["linux,initrd-end"] == struct.pack(">I", 0x8312_3456)
    assert "linux,initrd-start" not in unflatten(board_tree(64 << 20))["chosen"]


def test_console_is_where_stdout_path_says() -> None:
    tree = unflatten(board_tree(64 << 20))
    _, room, name = tree["chosen"]["stdout-path"].decode().rstrip("\0").split("/")
    assert tree[room][name]["compatible"] == b"ns16550a\0"


def test_boot_arguments_are_left_out_when_there_are_none() -> None:
    assert "bootargs" not in unflatten(board_tree(64 << 20))["chosen"]


needs_qemu = pytest.mark.skipif(
    not shutil.which("qemu-system-riscv32"), reason="QEMU (Debian package qemu-system-misc) is not installed"
)


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """-> QEMU's tree."""
    dump = tmp_path_factory.mktemp("qemu") / "qemu.dtb"
    subprocess.run(
        ["qemu-system-riscv32", "-M", f"virt,dumpdtb={dump}", "-m", "64M", "-display", "none", "-bios", "none"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    return dump.read_bytes()


@needs_qemu
def test_qemus_tree_is_read_and_written(theirs: bytes) -> None:
    root, reserved = fdt.unflatten(theirs)
    assert unflatten(flatten(root, reserved)) == unflatten(theirs)


@pytest.mark.skipif(not shutil.which("dtc"), reason="dtc (Debian package device-tree-compiler) is not installed")
def test_dtc_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    blob = tmp_path / "board.dtb"
    blob.write_bytes(board_tree(64 << 20, "a", (0x8300_0000, 0x8310_0000)))
    done = subprocess.run(
        ["dtc", "-I", "dtb", "-O", "dts", str(blob)], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""


# What QEMU's board has more, and what is different on purpose: docs/machine.md.
DEVICES = {"/pmu", "/fw-cfg@10100000", "/flash@20000000", "/platform-bus@4000000", "/soc/pci@30000000"}
ABSENT = DEVICES | {"/chosen/rng-seed"}
DIFFERENT = {"/model", "/cpus/cpu@0/riscv,isa", "/soc/plic@c000000/riscv,ndev"}
MORE = {
    "/cpus/cpu@0/riscv,isa-base",
    "/cpus/cpu@0/riscv,isa-extensions",
    "/cpus/cpu@0/interrupt-controller/#address-cells",  # which dtc asks for
}


@needs_qemu
def test_the_tree_is_qemus_but_for_what_is_named(theirs: bytes) -> None:
    """Node by node, property by property."""
    found: dict[str, set[str]] = {"absent": set(), "different": set(), "more": set()}
    phandles: dict[bytes, bytes] = {}  # QEMU's -> ours

    def compare(other: dict[str, Any], mine: dict[str, Any], path: str) -> None:
        if "phandle" in other:
            phandles[other["phandle"]] = mine["phandle"]
        found["absent"] |= {f"{path}/{name}" for name in other.keys() - mine.keys()}
        found["more"] |= {f"{path}/{name}" for name in mine.keys() - other.keys()}
        for name in other.keys() & mine.keys():
            if isinstance(other[name], dict):
                compare(other[name], mine[name], f"{path}/{name}")
            elif name in ("interrupt-parent", "regmap", "cpu", "interrupts-extended"):
                references.append((f"{path}/{name}", other[name], mine[name]))
            elif other[name] != mine[name] and name != "phandle":
                found["different"].add(f"{path}/{name}")

    references: list[tuple[str, bytes, bytes]] = []
    compare(unflatten(theirs), unflatten(board_tree(64 << 20)), "")
    assert found == {"absent": ABSENT, "different": DIFFERENT, "more": MORE}
    for path, other, mine in references:
        pairs = list(zip(struct.iter_unpack("4s", other), struct.iter_unpack("4s", mine), strict=True))
        for index, ((theirs_,), (ours_,)) in enumerate(pairs):
            number = path.endswith("interrupts-extended") and index % 2  # an interrupt's behind each controller
            assert ours_ == (theirs_ if number else phandles[theirs_]), path
