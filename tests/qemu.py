"""QEMU as an outside oracle: runs a raw image on its board, and hands over what the image has sent or stored."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

QEMU = shutil.which("qemu-system-riscv32")
needs_qemu = pytest.mark.skipif(QEMU is None, reason="qemu-system-riscv32 is not installed")


def sent_by(image: bytes, folder: Path, cpu: str, seconds: int = 20) -> bytes:
    """Raw image, a folder for files, options of -cpu, seconds that it may take -> what it sends through the UART until
    it switches the board off."""
    raw, sent = folder / "image.bin", folder / "image.out"
    raw.write_bytes(image)
    subprocess.run(
        [QEMU or "", "-M", "virt", "-cpu", cpu, "-m", "32M", "-display", "none", "-monitor", "none",
         "-serial", f"file:{sent}", "-bios", str(raw)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=True,
    )  # fmt: skip
    return sent.read_bytes()


def memory_after(image: bytes, folder: Path, cpu: str, size: int, seconds: int = 20) -> bytes:
    """Raw image, a folder for files, options of -cpu, bytes of RAM, seconds that it may take -> RAM when the image has
    switched the board off."""
    raw, ram = folder / "image.bin", folder / "ram"
    raw.write_bytes(image)
    ram.write_bytes(bytes(size))
    subprocess.run(
        [QEMU or "", "-M", "virt,memory-backend=ram", "-cpu", cpu, "-m", f"{size >> 20}M", "-display", "none",
         "-object", f"memory-backend-file,id=ram,size={size},mem-path={ram},share=on", "-monitor", "none",
         "-serial", "null", "-bios", str(raw)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=True,
    )  # fmt: skip
    return ram.read_bytes()
