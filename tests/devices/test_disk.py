"""Disks of files: written through and locked, or left alone with the changes in memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm import disk as disk_module
from vm.devices.kept import ForeignState
from vm.disk import BLOCK, DiskError, FileDisk, SnapshotDisk

SIZE = 5 * BLOCK + 512  # the last block is not whole
CONTENT = Random(1).randbytes(SIZE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "disk.img"
    made.write_bytes(CONTENT)
    return made


@pytest.fixture
def snapshot(path: Path) -> Iterator[SnapshotDisk]:
    disk = SnapshotDisk(path)
    yield disk
    disk.close()


def test_a_file_is_written_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(disk_module.os, "fdatasync", lambda fd: synced.append(fd) or real(fd))
    disk = FileDisk(path)
    disk.write(1024, b"z" * 2048)
    assert disk.read(512, 1024) == CONTENT[512:1024] + b"z" * 512
    assert path.read_bytes() == CONTENT[:1024] + b"z" * 2048 + CONTENT[3072:] and not synced
    disk.flush()
    assert len(synced) == 1
    disk.close()


def test_what_a_machine_wrote_is_there_when_it_dies(path: Path) -> None:
    """A killed process has closed nothing and said nothing."""
    program = (
        "import os, signal, sys; from vm.disk import FileDisk; d = FileDisk(sys.argv[1]);"
        "d.write(512, b'k' * 512); d.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], timeout=60)
    assert done.returncode < 0
    assert path.read_bytes()[512:1024] == b"k" * 512
    FileDisk(path).close()  # its lock went with it


def test_a_disk_that_is_written_is_nobody_elses(path: Path) -> None:
    first = FileDisk(path)
    for kind in (FileDisk, SnapshotDisk):
        with pytest.raises(DiskError, match="in use"):
            kind(path)
    first.close()
    readers = [SnapshotDisk(path), SnapshotDisk(path)]
    with pytest.raises(DiskError, match="in use"):
        FileDisk(path)
    for each in readers:
        each.close()
    FileDisk(path).close()


@pytest.mark.parametrize("kind", [FileDisk, SnapshotDisk])
def test_what_cannot_be_a_disk(kind: type[FileDisk] | type[SnapshotDisk], tmp_path: Path) -> None:
    empty, odd, pipe = tmp_path / "empty", tmp_path / "odd", tmp_path / "pipe"
    empty.write_bytes(b"")
    odd.write_bytes(bytes(1000))
    os.mkfifo(pipe)
    for path, what in (
        (tmp_path / "none", "No such file"), (tmp_path, "neither a file"), (pipe, "neither a file"),
        (empty, "0 bytes; expected"), (odd, "1000 bytes; expected"),
    ):  # fmt: skip
        with pytest.raises(DiskError, match=what) as found:
            kind(path)
        assert str(path) in str(found.value)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(DiskError):
        kind(odd)
    assert len(os.listdir("/proc/self/fd")) == len(before), "nothing stays open"


def test_a_file_that_became_shorter_reads_as_zeros(path: Path) -> None:
    disk = FileDisk(path)
    os.truncate(path, 1000)
    assert disk.read(512, 1024) == CONTENT[512:1000] + bytes(1024 - 488)
    disk.close()


pieces = st.integers(0, SIZE).flatmap(lambda at: st.tuples(st.just(at), st.integers(0, min(SIZE - at, 3 * BLOCK))))


@given(st.lists(st.tuples(st.sampled_from(["read", "write", "save", "load"]), pieces), max_size=12))
def test_a_snapshot_is_a_disk_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, tuple[int, int]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "shared.img"
    path.write_bytes(CONTENT)
    disk, model = SnapshotDisk(path), bytearray(CONTENT)
    saved, saved_model = disk.save(), bytes(model)
    for number, (what, (at, size)) in enumerate(steps):
        if what == "write":
            data = Random(number).randbytes(size)
            disk.write(at, data)
            model[at : at + size] = data
        elif what == "save":
            saved, saved_model = disk.save(), bytes(model)
        elif what == "load":
            disk.load(saved)
            model[:] = saved_model
        assert disk.read(at, size) == model[at : at + size]
    assert disk.read(0, SIZE) == model
    again = SnapshotDisk(path)
    again.load(disk.save())
    assert again.read(0, SIZE) == model and again.save() == disk.save()
    assert path.read_bytes() == CONTENT
    disk.close()
    again.close()


def test_changes_of_another_disk_are_refused(snapshot: SnapshotDisk) -> None:
    snapshot.write(0, b"mine" * 128)
    before = snapshot.read(0, SIZE)
    for foreign in (b"short", (6).to_bytes(8, "little") + bytes(BLOCK)):
        with pytest.raises(ForeignState):
            snapshot.load(foreign)
    assert snapshot.read(0, SIZE) == before


def test_a_disk_that_writes_its_file_has_no_past_but_a_digest(path: Path) -> None:
    disk = FileDisk(path)
    assert not disk.has_past and disk.save() == b"" and disk.path == path
    disk.load(b"")
    with pytest.raises(ForeignState, match="disk.img"):
        disk.load(bytes(8 + BLOCK))
    first = disk.digest
    disk.write(512, b"new " * 128)
    last = disk.digest
    disk.close()
    assert first != last == SnapshotDisk(path).digest


def test_the_digest_is_that_of_the_file(path: Path, snapshot: SnapshotDisk) -> None:
    first = snapshot.digest
    snapshot.write(0, b"new " * 128)
    assert snapshot.digest == first
    path.write_bytes(CONTENT[:-1] + b"?")
    assert SnapshotDisk(path).digest != first
