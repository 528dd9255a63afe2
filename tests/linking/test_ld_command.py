"""toyos ld beyond its transcripts: the libraries it knows by itself, GNU's spellings, and files it must not leave."""

from pathlib import Path

import pytest

from assembler import archive, archiver, assemble
from assembler.files import load
from toyos.cli.ld import CRT0, LIBC
from toyos.cli.main import main
from vm import aout
from vm.aout import Object

START = ".globl _start\n_start: call f\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with start.o, which needs f, and libf.a, which has it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "start.o").write_bytes(aout.write(assemble(START, filename="start.s")))
    member = assemble(".globl f\nf: ret\n", filename="f.s")
    (tmp_path / "libf.a").write_bytes(archiver.write(archive({"f.o": member})))
    return tmp_path


def symbols(path: Path) -> dict[str, int]:
    program = load(path)
    assert isinstance(program, Object)
    return {symbol.name: symbol.value for symbol in program.symbols}


@pytest.mark.parametrize(
    "words",
    [
        "-Ttext=0x80000000 -e f -N -o out start.o libf.a -Map=map",
        "-Ttext 80000000 --entry=f --omagic --output=out start.o -L. -lf --Map map",
        "-static -nostdlib --entry f -N -L . start.o -l f -Ttext 0x80000000 --output out -Map map",
        "start.o -N --start-group libf.a -) -e f -Ttext 80000000 -o out -Map map --library-path .",
        "start.o --library=f -L. -N -e f -Ttext 80000000 -o out -Map map --no-relax",
        "start.o -l:libf.a -L. -N -e f -Ttext 80000000 -o out -Map map",
    ],
)
def test_spellings_of_gnu_ld(folder: Path, words: str) -> None:
    assert main(["ld", *words.split()]) == 0
    program = load(folder / "out")
    assert isinstance(program, Object)
    assert program.magic == aout.OMAGIC and program.text_address == 0x8000_0000
    assert program.entry == symbols(folder / "out")["f"] == 0x8000_0008
    assert "0x80000008                f" in (folder / "map").read_text()


def test_the_c_library_and_its_start_up_code_are_found_without_a_folder(folder: Path) -> None:
    source = '.globl main\nmain: la a0, text\ntail puts\ntext: .asciz "hello"\n'
    (folder / "hello.o").write_bytes(aout.write(assemble(source, filename="hello.s")))
    assert main(["ld", "-o", "hello", f"-l:{CRT0}", "hello.o", "-lc"]) == 0
    assert {"_start", "main", "puts", "exit", "write"} <= symbols(folder / "hello").keys()


def test_the_chain_by_hand_needs_no_folders(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = '.include "common.inc"\n.include "syscall.inc"\nproc main\n li a0, SYS_exit\nendp\n'
    (folder / "hello.s").write_text(source)
    assert main(["as", "-o", "hello.o", "hello.s"]) == 0
    assert main(["ld", "-o", "hello", f"-l:{CRT0}", "hello.o", "-lc"]) == 0
    assert main(["run", "hello"]) == 93
    (folder / "common.inc").write_text('.error "mine"\n')
    assert main(["as", "hello.s"]) == 1
    assert "mine" in capfd.readouterr().err


def test_a_library_of_that_name_in_a_folder_comes_first(folder: Path) -> None:
    (folder / "libf.a").rename(folder / LIBC)
    assert main(["ld", "-o", "out", "start.o", "-L.", "-lc"]) == 0
    assert symbols(folder / "out").keys() >= {"_start", "f"}


def test_an_error_leaves_the_old_output_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").write_bytes(b"old")
    before = sorted(folder.iterdir())
    assert main(["ld", "-o", "out", "start.o"]) == 1
    assert capsys.readouterr().err == "toyos ld: undefined symbol 'f', used by start.o: text+0x0 (start.s:2)\n"
    assert (folder / "out").read_bytes() == b"old"
    assert sorted(folder.iterdir()) == before
