"""`toyos machine` in QEMU's words: firmware, kernel, device tree, signature; each mistake a sentence."""

import struct
from pathlib import Path

import pytest

from tests.boot.firmware import POWER_OFF, firmware, kernel
from tests.images import guest, guest_elf, make_elf
from tests.machine_cli.test_machine import ENDLESS, FINISH
from tests.machine_cli.test_machine import no_input as no_input
from toyos.cli.main import main
from toyos.cli.qemu_words import qemu_words
from vm.arch import RAM_BASE, RAM_SIZE_DEFAULT
from vm.devices.boardtree import board_tree
from vm.devices.fdt import Node, flatten, unflatten

PAST_RAM = RAM_BASE + RAM_SIZE_DEFAULT + 4
SIGNATURE = """
    .globl _start
_start:
    la t0, words
    li t1, 0x600dcafe
    sw t1, 4(t0)
    {end}
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b
    .data
    .balign 4
    .globl begin_signature
begin_signature:
words: .word 1, 0, 0xffffff01
    .globl end_signature
end_signature: .byte 0
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """-> a folder with firmware, kernel, and a device tree."""
    (tmp_path / "fw").write_bytes(firmware())
    (tmp_path / "kernel").write_bytes(kernel(POWER_OFF))
    (tmp_path / "failing").write_bytes(kernel(0x3333 | 9 << 16))
    (tmp_path / "tree").write_bytes(flatten(Node("", {"model": "mine"}), [(0x8000_0000, 0x1000)]))
    return tmp_path


@pytest.mark.parametrize("dash", ["-", "--"])
def test_firmware_and_kernel(files: Path, dash: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = [f"{dash}bios", str(files / "fw"), f"{dash}kernel", str(files / "failing"), f"{dash}append", "-m"]
    ram = ["-M", "virt", "-nographic", "-m", "32M"] if dash == "-" else ["--ram", "32M"]
    assert main(["machine", *words, *ram, f"{dash}initrd", str(files / "fw")]) == 9
    out, err = capfd.readouterr()
    assert out.endswith("0000600d ") and err == ""


def test_qemus_words_are_translated_but_no_text() -> None:
    ours = ["--ram", "1G", "--append", "-m", "--kernel", "k"]
    assert qemu_words(["-m", "1G", "-append", "-m", "-kernel", "k"]) == ours
    assert qemu_words(["-machine", "virt,dumpdtb=x.dtb", "-append"]) == ["--dumpdtb", "x.dtb", "--append"]
    usual = "--machine virt --nographic -smp 1 -display none -monitor none -snapshot -serial mon:stdio --gdb 1"
    assert qemu_words(usual.split()) == ["--disk-snapshot", "--serial", "stdio", "--gdb", "1"]


def test_the_device_tree_is_written(files: Path) -> None:
    out = files / "out.dtb"
    assert main(["machine", "--dumpdtb", str(out), "-m", "32M"]) == 0
    assert out.read_bytes() == board_tree(32 << 20)
    boot = ["--bios", str(files / "fw"), "--kernel", str(files / "kernel"), "--initrd", str(files / "fw")]
    assert main(["machine", "-M", f"virt,dumpdtb={out}", *boot, "--append", "quiet", "--dtb", str(files / "tree")]) == 0
    root, reserved = unflatten(out.read_bytes())
    assert root.properties == {"model": b"mine\0"} and reserved == [(0x8000_0000, 0x1000)]
    (chosen,) = root.children
    start, end = (struct.unpack(">I", chosen.properties[f"linux,initrd-{edge}"])[0] for edge in ("start", "end"))
    assert chosen.properties["bootargs"] == b"quiet\0" and end - start == (files / "fw").stat().st_size


def elf(folder: Path, *symbols: str, end: str = "nop") -> str:
    """-> path of a program with these symbols."""
    path = folder / "signed.elf"
    path.write_bytes(guest_elf(SIGNATURE.format(end=end), *symbols))
    return str(path)


@pytest.mark.parametrize(("end", "status"), [("nop", 0), ("2: j 2b", 124)])
def test_the_signature_is_what_lies_between_its_symbols(tmp_path: Path, end: str, status: int) -> None:
    file = tmp_path / "signature"
    words = ["--kernel", elf(tmp_path, "begin_signature", "end_signature", end=end), "--signature", str(file)]
    assert main(["machine", *words, "--max-instructions", "1000"]) == status
    assert file.read_text() == "00000001\n600dcafe\nffffff01\n"


def test_the_signature_of_our_own_executables(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(guest(SIGNATURE.format(end="nop")))
    assert main(["machine", "--kernel", str(tmp_path / "k"), "--signature", str(tmp_path / "s")]) == 0
    assert (tmp_path / "s").read_text().split()[1] == "600dcafe"


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ([], 2, "nothing to run: expected --kernel IMAGE, --bios FILE, or both"),
        (["--bios", "none"], 2, "nothing to run: expected --kernel IMAGE, --bios FILE, or both"),
        (["--bios", "no/such"], 1, "no/such: No such file or directory"),
        (["--bios", "{0}/fw", "--kernel", "{0}/kernel", "-m", "4M"], 1, "at 0x80400000, but RAM ends at 0x80400000"),
        (["--bios", "{0}/fw", "--dtb", "{0}/fw"], 1, "{0}/fw: no flattened device tree, which begins with "),
        (["--bios", "{0}/fw", "--dtb", "{0}/cut"], 1, "{0}/cut: cut short: the device tree has "),
        (["--dumpdtb", "{0}/no/such"], 1, "{0}/no/such: No such file or directory"),
        (["-M", "sifive_u", "--bios", "{0}/fw"], 2, "-M sifive_u: there is one board, virt"),
        (["-smp", "2", "--bios", "{0}/fw"], 2, "-smp 2: the board has one hart; expected 1"),
        (["-drive", "file=a"], 2, "-drive is not known here: a disk is --disk FILE"),
        (["--kernel", ""], 2, "there is nothing in the word behind --kernel"),
        (["--bios", "{0}/fw", "--serial", "file:{0}/fw"], 2, "file:{0}/fw: would empty {0}/fw, which the machine"),
        (["--restore", "{0}/fw", "--serial", "file:{0}/fw"], 2, "would empty {0}/fw, which the machine reads"),
        (["--dumpdtb", "/dev/full"], 1, "--dumpdtb /dev/full: No space left on device"),
        (["--kernel", "{0}/signed.elf", "--signature", "{0}/no/such"], 1, "--signature {0}/no/such: expected the name"),
        (["--kernel", "{0}/endless", "--signature", "s"], 1, "endless has no symbol begin_signature"),
        (["--kernel", "{0}/half", "--signature", "s"], 1, "half has no symbol end_signature"),
        (["--kernel", "{0}/two", "--bios", "{0}/fw"], 1, "at 0x80000000, where those of {0}/fw lie, 0x80000000.."),
    ],
)
def test_mistakes(
    words: list[str], status: int, sentence: str, files: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (files / "cut").write_bytes(board_tree(1 << 20)[:99])
    (files / "endless").write_bytes(guest_elf(ENDLESS))
    elf(files, "begin_signature", "end_signature")
    (files / "half").write_bytes(guest_elf(SIGNATURE.format(end="nop"), "begin_signature"))
    (files / "two").write_bytes(guest_elf(FINISH.format(word=POWER_OFF)))
    assert main(["machine", *(word.format(files) for word in words)]) == status
    out, err = capfd.readouterr()
    assert out == "" and sentence.format(files) in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("first", "last"),
    [(RAM_BASE + 8, RAM_BASE), (RAM_BASE, RAM_BASE), (RAM_BASE, RAM_BASE + 6), (RAM_BASE, PAST_RAM), (0, RAM_BASE + 4)],
)
def test_a_signature_that_cannot_be(first: int, last: int, files: Path, capfd: pytest.CaptureFixture[str]) -> None:
    symbols = {"begin_signature": first, "end_signature": last}
    (files / "k").write_bytes(make_elf((RAM_BASE, RAM_BASE, kernel(), 1 << 12), symbols=symbols))
    assert main(["machine", "--kernel", str(files / "k"), "--signature", str(files / "s")]) == 1
    assert "expected whole words of 4 bytes in RAM between them" in capfd.readouterr().err
    assert not (files / "s").exists()
