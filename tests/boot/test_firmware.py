"""Firmware with a kernel behind it: what each finds in its registers is what it finds on QEMU's board."""

import subprocess
from pathlib import Path

import pytest

from tests.boot.firmware import KERNEL_AT, firmware, kernel, kernel_elf
from tests.qemu import QEMU, needs_qemu
from vm import Machine

FIRST_WORD_OF_A_TREE = "edfe0dd0"
FOUND = f"00000000 {FIRST_WORD_OF_A_TREE} 4942534f 00000002 {KERNEL_AT:08x} 00000001 00000000 00000000 00000000"
RAN = f" {FIRST_WORD_OF_A_TREE} 0000600d "


def printed(kernel: bytes | None, **more: object) -> str:
    """-> what firmware and kernel print on this board."""
    shown = bytearray()
    machine = Machine(console=shown.extend)
    machine.load(kernel, bios=firmware(), **more)
    machine.run(20_000)
    return shown.decode()


def test_firmware_is_told_where_the_kernel_is() -> None:
    assert printed(kernel()) == printed(kernel_elf()) == FOUND + RAN
    assert printed(kernel(), initrd=bytes(5000), bootargs="quiet") == FOUND + RAN


def test_firmware_alone_is_told_that_there_is_no_kernel() -> None:
    assert printed(None).split()[4] == "00000000"


@needs_qemu
@pytest.mark.parametrize("image", [kernel(), kernel_elf(KERNEL_AT + 4)], ids=["raw", "elf"])
def test_qemu_says_the_same(image: bytes, tmp_path: Path) -> None:
    """Also of an ELF whose entry is not its beginning: behind firmware, that is where it starts."""
    stub, file = tmp_path / "firmware.bin", tmp_path / "kernel"
    stub.write_bytes(firmware())
    file.write_bytes(image)
    command = [QEMU or "", "-M", "virt", "-m", "64M", "-nographic", "-bios", str(stub), "-kernel", str(file)]
    theirs = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
    assert theirs.stdout == printed(image) == FOUND + RAN
