"""A driver of virtio block devices, in C, here and on QEMU's board: the same output, and the same bytes on the disk."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.differential.test_qemu_programs import PROCESSOR, QEMU, build
from tests.gnu import needs_gcc
from vm import Machine
from vm.disk import FileDisk

pytestmark = [
    needs_gcc,
    pytest.mark.skipif(not shutil.which(QEMU), reason="QEMU (Debian package qemu-system-misc) is not installed"),
]
SECTORS = 64
LIMIT = 200_000_000  # instructions
NAME = "serial"  # of the file here, and what QEMU is told to call the disk


def on_qemu(elf: Path, disk: Path, kind: str) -> list[str]:
    """-> lines printed."""
    command = [QEMU, "-M", "virt", "-cpu", PROCESSOR, "-m", "64M", "-nographic", "-bios", "none", "-kernel", str(elf)]
    command += ["-drive", f"if=none,file={disk},format=raw,id=disk", "-device"]
    command += [f"virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0,serial={NAME}"]
    command += ["-global", f"virtio-mmio.force-legacy={'true' if kind == 'legacy' else 'false'}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=True)
    return done.stdout.decode("latin-1").splitlines()


@pytest.mark.parametrize(("kind", "level"), [("legacy", "-O1"), ("modern", "-O2")])
def test_a_driver_sees_the_same(kind: str, level: str, tmp_path: Path) -> None:
    """Registers, requests in all shapes, interrupts, nine ways to break a ring, and what works after a reset."""
    elf = build("virtio", tmp_path, level)
    content = Random(1).randbytes(SECTORS * 512)
    mine, other = tmp_path / NAME, tmp_path / "other"
    mine.write_bytes(content)
    other.write_bytes(content)
    printed = bytearray()
    disk = FileDisk(mine)
    machine = Machine(console=printed.extend, disks=[disk], virtio=kind)
    machine.load(elf)
    assert machine.run(LIMIT).status == 0
    disk.close()
    ours = printed.decode("latin-1").splitlines()
    theirs = on_qemu(elf, other, kind)
    assert len(ours) > 150
    assert [(n, a, b) for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b] == []
    assert mine.read_bytes() == other.read_bytes() != content
