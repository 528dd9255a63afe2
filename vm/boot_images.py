"""What a machine is given at power-on -> where each piece of it lies in RAM, and what the hart finds in a0 to a2.

    loaded = read(1 << 26, "risc", kernel="Image", bios="fw_dynamic.bin", bootargs="console=ttyS0")
    plan = planned(loaded, 1 << 26, "rv32ima")

Firmware lies where it says, raw firmware at the start of RAM; a raw kernel behind it at the next boundary of 4 MiB. The
device tree lies at the top of RAM, with room behind it, since firmware adds to it where it lies. The initial RAM disk
lies below it; behind firmware half-way up, where nothing that moves itself to the top of RAM runs over it. All this is
as QEMU does it, where its places fit (hw/riscv/boot.c there); here small RAM is used to the last page.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from vm.arch import PAGE_SIZE, PRIV_S, RAM_BASE
from vm.devices.boardtree import board_tree, choose
from vm.devices.fdt import FdtError, flatten, unflatten
from vm.loader import MEBIBYTE, Image, LoadError, load

KERNEL_ALIGN = 4 * MEBIBYTE  # a superpage of Sv32, which kernels want to lie in one
TREE_ALIGN = 8
REACH = 768 * MEBIBYTE  # 32-bit kernels map no more than about that; what they must find at once lies in it
ROOM_MOST, ROOM_SHARE = 64 << 10, 1024  # bytes behind the tree: at most, and as a part of RAM
INITRD_MOST = 128 * MEBIBYTE  # how far behind the kernel it is at most
# What OpenSBI's fw_dynamic finds at a2 (include/sbi/fw_dynamic.h there): magic, version, entry and mode of what comes
# next, options, hart to boot on.
INFO = struct.Struct("<6I")
INFO_MAGIC, INFO_VERSION, INFO_OPTIONS, INFO_HART = 0x4942_534F, 2, 0, 0

Source = str | Path | bytes


@dataclass(frozen=True, eq=False)
class Loaded:
    """All that a machine is given, and gets again at a reset. dtb: a flattened tree in place of the board's own."""

    kernel: Image | None = None
    bios: Image | None = None
    initrd: bytes | None = None
    dtb: bytes | None = None
    bootargs: str = ""

    @property
    def image(self) -> Image:
        """-> the image that matters most to the user: the kernel, where there is one. Raises LoadError."""
        image = self.kernel or self.bios
        if image is None:
            raise LoadError("nothing to run: expected firmware, a kernel or both")
        return image


class Piece(NamedTuple):
    """Bytes for RAM: `data` at `address`, then zeros up to `size` bytes in all. what: for messages."""

    what: str
    address: int
    data: bytes
    size: int

    @property
    def end(self) -> int:
        return self.address + self.size


class Plan(NamedTuple):
    """pieces: what lies where; tree: one of them, the device tree. arguments: what the hart finds in a0, a1, a2."""

    pieces: list[Piece]
    tree: Piece
    arguments: tuple[int, int, int]


def read(
    ram_size: int,
    mode: str,
    *,
    kernel: Source | None = None,
    bios: Source | None = None,
    initrd: bytes | None = None,
    dtb: bytes | None = None,
    bootargs: str = "",
    what: str = "<bytes>",
    bios_what: str = "<firmware>",
) -> Loaded:
    """RAM in bytes, the machine's mode, paths or bytes -> what is in them. what, bios_what: the names of bytes, for
    messages. Raises LoadError."""
    firmware = None if bios is None else load(bios, ram_size, mode, bios_what)
    start = RAM_BASE if firmware is None else firmware.end + -firmware.end % KERNEL_ALIGN
    image = None if kernel is None else load(kernel, ram_size, mode, what, raw_at=start)
    return Loaded(image, firmware, initrd, dtb, bootargs)


def planned(loaded: Loaded, ram_size: int, isa: str) -> Plan:
    """What is to be loaded, RAM in bytes, the machine's instruction set -> where all goes. Raises LoadError for what
    overlaps or does not fit."""
    images = [
        Piece(image.name, *segment)
        for image in (loaded.bios, loaded.kernel) if image is not None
        for segment in image.segments
    ]  # fmt: skip
    _check_apart(images)
    size = len(_tree(loaded, ram_size, isa, (0, 0) if loaded.initrd else None))
    room = min(ROOM_MOST, ram_size // ROOM_SHARE)
    tree_at = (RAM_BASE + min(ram_size, REACH) - room - size) & -TREE_ALIGN
    info_at = tree_at - INFO.size
    extra, initrd_range = [], None
    if loaded.initrd:
        initrd_at = _initrd_at(loaded, ram_size, info_at)
        initrd_range = initrd_at, initrd_at + len(loaded.initrd)
        extra.append(Piece("the initrd", initrd_at, loaded.initrd, len(loaded.initrd)))
    tree = Piece("the device tree", tree_at, _tree(loaded, ram_size, isa, initrd_range), size + room)
    extra.append(tree)
    if loaded.bios is not None:
        start = loaded.kernel.start if loaded.kernel else 0
        info = INFO.pack(INFO_MAGIC, INFO_VERSION, start, PRIV_S, INFO_OPTIONS, INFO_HART)
        extra.append(Piece("what firmware is told", info_at, info, len(info)))
    for piece in extra:
        _check_free(piece, images)
    return Plan(images + extra, tree, (0, tree_at, info_at if loaded.bios else 0))


def _tree(loaded: Loaded, ram_size: int, isa: str, initrd: tuple[int, int] | None) -> bytes:
    """-> the device tree, which says where the initrd is and what the boot arguments are. Raises LoadError."""
    if loaded.dtb is None:
        return board_tree(ram_size, loaded.bootargs, initrd, isa)
    try:
        root, reservations = unflatten(loaded.dtb)
    except FdtError as fault:
        raise LoadError(f"the device tree: {fault}") from None
    choose(root, loaded.bootargs, initrd)
    return flatten(root, reservations)


def _initrd_at(loaded: Loaded, ram_size: int, top: int) -> int:
    """-> where the initrd begins, which ends at `top` at the latest."""
    highest = (top - len(loaded.initrd or b"")) & -PAGE_SIZE
    if loaded.bios is None:
        return highest
    start = loaded.kernel.start if loaded.kernel else RAM_BASE
    wanted = (start + min(ram_size // 2, INITRD_MOST)) & -PAGE_SIZE
    return wanted if loaded.image.end <= wanted <= highest else highest


def _check_apart(pieces: list[Piece]) -> None:
    """Raises LoadError when two pieces need the same bytes."""
    ordered = sorted(pieces, key=lambda piece: piece.address)
    for lower, upper in zip(ordered, ordered[1:], strict=False):
        if upper.address < lower.end:
            raise LoadError(
                f"{upper.what}: {upper.size} bytes belong at {upper.address:#010x}, where those of {lower.what} lie, "
                f"{lower.address:#010x}..{lower.end - 1:#010x}"
            )


def _check_free(piece: Piece, images: list[Piece]) -> None:
    """Raises LoadError when a piece that the machine has placed does not fit beside the images."""
    for image in images:
        if piece.address < image.end and image.address < piece.end or piece.address < RAM_BASE:
            raise LoadError(
                f"{piece.what} of {len(piece.data)} bytes does not fit into RAM beside {image.what}, "
                f"which lies at {image.address:#010x}..{image.end - 1:#010x}"
            )


def form(loaded: Loaded) -> dict[str, Any]:
    """-> plain values for a file."""
    named = {
        part: None if image is None else {"name": image.name, "content": image.content}
        for part, image in (("kernel", loaded.kernel), ("bios", loaded.bios))
    }
    return {**named, "initrd": loaded.initrd, "dtb": loaded.dtb, "bootargs": loaded.bootargs}


def loaded_of(values: dict[str, Any], ram_size: int, mode: str) -> Loaded:
    """The reverse. Raises LoadError, KeyError and TypeError for values that `form` did not make."""
    parts: dict[str, Any] = {}
    for part, name in (("kernel", "what"), ("bios", "bios_what")):
        if values[part] is not None:
            parts |= {part: bytes(values[part]["content"]), name: str(values[part]["name"])}
    for part in ("initrd", "dtb"):
        parts[part] = None if values[part] is None else bytes(values[part])
    return read(ram_size, mode, bootargs=str(values["bootargs"]), **parts)
