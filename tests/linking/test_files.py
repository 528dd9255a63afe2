"""Files come whole or not at all, and what a file is gets told by its first bytes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assembler import archiver, files
from assembler.archiver import Archive, ArchiveError
from vm import aout
from vm.aout import AoutError, Object, Symbol


def test_objects_and_archives_are_told_apart(tmp_path: Path) -> None:
    obj = Object(text=bytes(4), symbols=[Symbol("f", "text")])
    (tmp_path / "f.o").write_bytes(aout.write(obj))
    (tmp_path / "lib.a").write_bytes(archiver.write(archiver.archive({"f.o": obj})))
    assert files.load(tmp_path / "f.o") == obj
    library = files.load(tmp_path / "lib.a")
    assert isinstance(library, Archive)
    assert list(files.objects(library)) == [("f.o", obj)]


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"", AoutError, "file ends within the 32-byte a.out header"),
        (b"\x7fELF" + bytes(60), AoutError, "an ELF file; expected an a.out object or an archive"),
        (b"        .globl main\nmain:   li      a0, 0\n        ret\n", AoutError, "not an a.out file: magic number"),
        (bytes([0x07, 0x01, 0x86, 0x00]) + bytes(28), AoutError, "a.out file of a foreign machine: id 0x86, expected"),
        (b"!<thin>\n", ArchiveError, "a thin archive"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, content: bytes, error: type[Exception], sentence: str) -> None:
    path = tmp_path / "strange"
    path.write_bytes(content)
    with pytest.raises(error, match=sentence) as caught:
        files.load(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_executables_may_be_executed_and_objects_not(tmp_path: Path) -> None:
    files.save(tmp_path / "program", b"x", executable=True)
    files.save(tmp_path / "object", b"x")
    assert os.access(tmp_path / "program", os.X_OK)
    assert not (tmp_path / "object").stat().st_mode & 0o111


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "program"
    target.write_bytes(b"old")

    def full_disk(source: str, destination: object) -> None:
        raise OSError(28, "No space left on device", destination)

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        files.save(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_saving_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        files.save(tmp_path, b"x")
    with pytest.raises(FileNotFoundError) as caught:
        files.save(tmp_path / "no" / "such" / "folder", b"x")
    assert caught.value.filename == str(tmp_path / "no" / "such" / "folder")


def test_devices_are_written_to_and_not_replaced() -> None:
    files.save("/dev/null", b"x")
    assert not Path("/dev/null").is_file()


def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        files.save("/dev/full", b"x")
    assert caught.value.filename == "/dev/full"


def test_devices_without_end_are_not_read(tmp_path: Path) -> None:
    for name in ("/dev/zero", "/dev/full"):
        with pytest.raises(OSError, match="a device, which may have no end") as caught:
            files.content(name)
        assert caught.value.filename == name
    assert files.content("/dev/null") == b""


def test_linking_loads_neither_the_grammar_nor_the_engine() -> None:
    program = (
        "import sys, toyos.cli.ld, toyos.cli.objdump; print(*{'lark', 'numpy', 'rich', 'llvmlite'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
