"""The device tree, read back by an independent reader; by dtc and beside QEMU's own tree where those are installed."""

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm.devices.boardtree import board_tree
from vm.devices.fdt import Node, encode, flatten


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


@given(trees)
def test_what_is_written_can_be_read(tree: Node) -> None:
    tree.name = ""
    blob = flatten(tree)
    assert len(blob) % 8 == 0
    assert int.from_bytes(blob[4:8], "big") == len(blob)
    assert unflatten(blob) == plain(tree)


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


@pytest.mark.skipif(not shutil.which("dtc"), reason="dtc (Debian package device-tree-compiler) is not installed")
def test_dtc_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    blob = tmp_path / "board.dtb"
    blob.write_bytes(board_tree(64 << 20, "a", (0x8300_0000, 0x8310_0000), virtio=True))
    done = subprocess.run(
        ["dtc", "-I", "dtb", "-O", "dts", str(blob)], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stderr == ""


@pytest.mark.skipif(
    not shutil.which("qemu-system-riscv32"), reason="QEMU (Debian package qemu-system-misc) is not installed"
)
def test_shared_nodes_agree_with_qemu(tmp_path: Path) -> None:
    """Every property that both trees have must be the same, save the ones that describe QEMU's larger processor."""
    dump = tmp_path / "qemu.dtb"
    subprocess.run(
        ["qemu-system-riscv32", "-M", f"virt,dumpdtb={dump}", "-m", "64M", "-display", "none", "-bios", "none"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    theirs, ours = unflatten(dump.read_bytes()), unflatten(board_tree(64 << 20, virtio=True))
    differ = {
        "model", "bootargs", "riscv,isa", "phandle", "regmap", "interrupt-parent", "interrupts-extended", "riscv,ndev",
        "#address-cells", "stdout-path", "compatible",
    }  # fmt: skip
    compared = 0

    def compare(a: dict[str, Any], b: dict[str, Any], path: str) -> None:
        nonlocal compared
        for name in a.keys() & b.keys() - differ:
            if isinstance(a[name], dict):
                compare(a[name], b[name], f"{path}/{name}")
            else:
                assert a[name] == b[name], f"{path}/{name}"
                compared += 1

    compare(ours, theirs, "")
    assert compared >= 15, "the trees have drifted apart: hardly a node in common"
    slots = [f"virtio_mmio@1000{slot}000" for slot in range(1, 9)]
    for device in ("serial@10000000", "plic@c000000", "clint@2000000", "test@100000", *slots):
        assert ours["soc"][device]["compatible"] == theirs["soc"][device]["compatible"]
