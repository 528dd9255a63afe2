"""`toyos machine --disk`: which options there are, and sentences for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images import guest
from toyos.cli.main import main
from vm.disk import FileDisk

# Ends with the device number of slot 0 (1 to 15), the version << 4 and the number of slot 1 << 6 as its status.
WHAT = """
    .globl _start
_start: li      s0, 0x10001000
        lw      t0, 8(s0)
        lw      t1, 4(s0)
        slli    t1, t1, 4
        or      t0, t0, t1
        li      s0, 0x10002000
        lw      t1, 8(s0)
        slli    t1, t1, 6
        or      t0, t0, t1
        slli    t0, t0, 16
        li      t1, 0x3333
        or      t0, t0, t1
        li      t1, 0x100000
        sw      t0, 0(t1)
1:      j       1b
"""


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    made = tmp_path / "disk.img"
    made.write_bytes(bytes(4096))
    return made


@pytest.fixture
def image(tmp_path: Path) -> str:
    made = tmp_path / "guest"
    made.write_bytes(guest(WHAT))
    return str(made)


def ended(*words: str | Path) -> int:
    """-> exit status of toyos machine."""
    return main(["machine", *map(str, words)])


def test_disks_are_in_the_first_slots(disk: Path, image: str, tmp_path: Path) -> None:
    other = tmp_path / "other.img"
    other.write_bytes(bytes(512))
    assert ended("--kernel", image) == 1 << 4
    assert ended("--kernel", image, "--disk", disk, "--disk-snapshot") == 2 | 1 << 4
    assert ended("--kernel", image, "--disk", disk, "--disk", other, "--virtio", "modern", "--disk-snapshot") == (
        2 | 2 << 4 | 2 << 6
    )


def test_snapshots_share_a_file(disk: Path, image: str) -> None:
    words = ("--kernel", image, "--disk", disk, "--disk", disk)
    assert ended(*words, "--disk-snapshot") == 2 | 1 << 4 | 2 << 6
    assert ended(*words) == 1


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["--disk", "missing.img"], 1, "missing.img: No such file"),
        (["--gdb", "0", "--disk", "DISK"], 2, "--gdb goes back in time, which a file cannot: add --disk-snapshot"),
        (["--disk-snapshot", *["--disk", "DISK"] * 9], 1, "9 disks: the board has room for 8"),
        (["--disk", "DISK", "--virtio", "old"], 2, "'old'"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    words: list[str], status: int, what: str, disk: Path, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("--kernel", image, *(str(disk) if word == "DISK" else word for word in words)) == status
    said = capsys.readouterr().err
    assert what in said and "Traceback" not in said


def test_a_disk_in_use_is_a_sentence(disk: Path, image: str, capsys: pytest.CaptureFixture[str]) -> None:
    held = FileDisk(disk)
    assert ended("--kernel", image, "--disk", disk) == 1
    assert "disk.img: in use" in capsys.readouterr().err
    held.close()
