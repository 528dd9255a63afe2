"""Archives: our writer and reader agree with each other and with GNU ar; damage is met with ArchiveError."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembler import archiver
from assembler.archiver import Archive, ArchiveError, Member
from vm import aout
from vm.aout import AoutError, Object, Symbol

AR = shutil.which("ar")
needs_ar = pytest.mark.skipif(AR is None, reason="GNU ar is not installed")

FILE_NAMES = st.text("abcdefghijklmnopqrstuvwxyz._-+0123456789 ü", min_size=1, max_size=40).filter(
    lambda name: name.strip(" ") == name and name not in (".", "..")
)
MEMBERS = st.lists(st.builds(Member, FILE_NAMES, st.binary(max_size=60)), max_size=5)


def library() -> Archive:
    """Three objects, one with a long name, of which two define the same symbol."""
    return archiver.archive(
        {
            "put.o": Object(
                text=bytes(4), symbols=[Symbol("put", "text"), Symbol("get"), Symbol("x", "text", 0, "local")]
            ),
            "a_member_with_a_long_name.o": Object(
                text=bytes(5), symbols=[Symbol("get", "text"), Symbol("b", "common", 8)]
            ),
            "late.o": Object(text=bytes(8), symbols=[Symbol("put", "text", 4), Symbol("w", "abs", 1, "weak")]),
        },
        "lib.a",
    )


@given(MEMBERS)
@settings(deadline=None)
def test_written_archives_read_back_the_same(members: list[Member]) -> None:
    content = archiver.write(Archive(members))
    again = archiver.read(content)
    assert again.members == members
    assert archiver.write(again) == content


def test_index_names_the_first_definition_of_every_global_symbol() -> None:
    content = archiver.write(library())
    index = archiver.read(content).index
    assert index is not None
    assert {symbol: member.name for symbol, member in index.items()} == {
        "put": "put.o",
        "get": "a_member_with_a_long_name.o",
        "b": "a_member_with_a_long_name.o",
        "w": "late.o",
    }


def test_without_an_index_the_members_themselves_are_asked() -> None:
    archive = archiver.read(archiver.write(library(), index=False))
    assert archive.index is None
    assert archive.definitions()["put"].name == "put.o"


@given(MEMBERS, st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_either_harmless_or_refused(members: list[Member], data: st.DataObject) -> None:
    content = bytearray(archiver.write(Archive(library().members + members)))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(content) - 1)))
    try:
        archive = archiver.read(bytes(content[:cut]), "hurt.a")
    except ArchiveError as error:
        assert str(error).startswith("hurt.a: ")
        return
    try:
        archive.definitions()
        archiver.write(archive)
    except (AoutError, ArchiveError):
        return


@needs_ar
def test_gnu_ar_lists_and_extracts_what_we_write(tmp_path: Path) -> None:
    (tmp_path / "lib.a").write_bytes(archiver.write(library()))
    listed = subprocess.run([str(AR), "t", "lib.a"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert listed.stdout.split() == [member.name for member in library().members]
    subprocess.run([str(AR), "x", "lib.a"], cwd=tmp_path, check=True)
    for member in library().members:
        assert (tmp_path / member.name).read_bytes() == member.content


@needs_ar
@pytest.mark.parametrize("flags", ["rcsD", "rcsU", "rcS"])
def test_we_read_what_gnu_ar_writes(tmp_path: Path, flags: str) -> None:
    members = [*library().members, Member("odd", b"odd"), Member("notes.txt", b"no object")]
    for member in members:
        (tmp_path / member.name).write_bytes(member.content)
    subprocess.run([str(AR), flags, "gnu.a", *(m.name for m in members)], cwd=tmp_path, check=True)
    archive = archiver.read((tmp_path / "gnu.a").read_bytes())
    assert [(m.name, m.content) for m in archive.members] == [(m.name, m.content) for m in members]
    # GNU ar does not know our objects, so its index cannot list them: ours is made from the members.
    assert archive.definitions()["get"].name == "a_member_with_a_long_name.o"


def test_bsd_names_are_read() -> None:
    name = b"a name of BSD\0\0\0"
    head = archiver.HEADER.pack(b"#1/16".ljust(16), b"0".ljust(12), b"0".ljust(6), b"0".ljust(6), b"644".ljust(8),
                                b"20".ljust(10), archiver.HEADER_END)  # fmt: skip
    archive = archiver.read(archiver.MAGIC + head + name + b"data")
    assert archive.members == [Member("a name of BSD", b"data")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not an archive"),
        (b"!<thin>\n", "thin archive"),
        (b"!<arch>\nfoo/", "truncated: a member header at offset 0x8 is cut off"),
        (b"!<arch>\n" + b"x" * 60, "no member header at offset 0x8"),
        (archiver.write(library())[:-1], "truncated: the member at offset"),
    ],
)
def test_a_file_that_is_no_archive_is_refused_with_a_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(ArchiveError, match=sentence):
        archiver.read(content, "bad.a")


def test_members_are_sound_objects() -> None:
    for member in archiver.read(archiver.write(library())).members:
        assert aout.write(aout.read(member.content)) == member.content
