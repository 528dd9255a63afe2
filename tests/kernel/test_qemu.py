"""The same kernel and root file system on QEMU's board: an outside witness that the kernel relies on nothing of ours.

What depends on exact instruction counts is left out: QEMU's clock does not count as ours does.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.images import make_elf
from tests.kernel.guest import PROGRAMS, arguments_of, check_output
from toyos import boot, build
from toyos.boot import own_program, root_files
from vm import aout

QEMU = shutil.which("qemu-system-riscv32")
SECONDS = 30
TIMED = {"syscall_cost", "round_robin"}
VIRTUAL_TIME = "shift=3,sleep=off"  # 8 ns an instruction, so that a busy host changes nothing
PROGRAM = [source for source in sorted((PROGRAMS / "lectures").glob("*.s")) if source.stem not in TIMED]

pytestmark = pytest.mark.skipif(QEMU is None, reason="qemu-system-riscv32 is not installed")


def elf_of(executable: bytes) -> bytes:
    """a.out executable -> the same as an ELF file, which is what QEMU loads."""
    linked = aout.read(executable, "kernel")
    start = linked.text_address
    image = linked.text.ljust(linked.data_address - start, b"\0") + linked.data
    return make_elf((start, start, image, len(image) + linked.bss), entry=linked.entry)


def on_qemu(folder: Path, words: list[str], files: dict[str, bytes]) -> tuple[bytes, int]:
    """Words for init, guest files -> what QEMU's guest printed, and QEMU's exit status."""
    parts = build.system()
    (folder / "kernel.elf").write_bytes(elf_of(parts.kernel))
    (folder / "root.cpio").write_bytes(root_files(parts, words, files, terminal=False))
    command = [str(QEMU), "-M", "virt", "-m", "64M", "-nographic", "-bios", "none", "-monitor", "none"]
    command += ["-icount", VIRTUAL_TIME, "-serial", "stdio", "-kernel", "kernel.elf", "-initrd", "root.cpio"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    return done.stdout, done.returncode


@pytest.mark.parametrize("source", PROGRAM, ids=lambda path: path.stem)
def test_lecture_prints_the_same(source: Path, tmp_path: Path) -> None:
    name, files = own_program([source], build.system())
    output, status = on_qemu(tmp_path, [name, *arguments_of(source)], files)
    check_output(source, output.decode())
    assert status == 0


def test_shell_prints_the_same_and_status_comes_through(tmp_path: Path) -> None:
    text = "echo a && false || ls /bin; cd /bin; pwd; sleep 0.01 & wait $!; sh -c 'kill -9 $$'; nosuch; ps -s; exit 3"
    ours = boot(command=text)
    assert on_qemu(tmp_path, ["sh", "-c", text], {}) == (ours.output, ours.status)
