"""Building and its cache: damaged entries are made again, warm starts load no toolchain, archives are readable."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.guest import PROGRAMS, ended
from toyos import boot, build, cpio, store, variants
from toyos.boot import own_program
from vm import aout

FILES = {"bin/a": b"\x00\xff" * 300, "etc/deep/er": b"text\n", "b": b""}


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOYOS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "build"


def test_what_was_kept_comes_back(own_cache: Path) -> None:
    assert store.load("x") is None
    store.keep("x", b"content")
    assert store.load("x") == b"content"
    assert [file.name for file in own_cache.iterdir()] == ["x"], "no temporary file stays behind"


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 100])
def test_damaged_entries_are_as_good_as_none(own_cache: Path, damage: bytes) -> None:
    store.keep("x", b"content")
    (own_cache / "x").write_bytes(damage)
    assert store.load("x") is None
    (own_cache / "x").write_bytes((own_cache / "x").read_bytes() + b"!")
    assert store.load("x") is None


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TOYOS_CACHE", str(tmp_path / "file"))
    store.keep("x", b"content")
    store.sweep()
    assert store.load("x") is None


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("TOYOS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", unknown)
    store.keep("a name", b"content")
    assert store.load("a name") is None
    store.sweep()


def test_keys_differ_where_contents_or_borders_do(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"ab")
    assert store.key("ab") == store.key(b"ab") == store.key(file)
    assert len({store.key("ab"), store.key("a", "b"), store.key("", "ab"), store.key("ac")}) == 4
    before = store.tree_key(tmp_path, [file])
    file.rename(tmp_path / "g")
    assert store.tree_key(tmp_path, [tmp_path / "g"]) != before


def test_old_entries_are_swept_away(own_cache: Path) -> None:
    import os

    store.keep("old", b"1")
    store.keep("new", b"2")
    os.utime(own_cache / "old", (0, 0))
    store.sweep()
    assert (store.load("old"), store.load("new")) == (None, b"2")


def test_a_system_is_rebuilt_from_a_damaged_entry_and_equal(own_cache: Path) -> None:
    first = build.system()
    for entry in own_cache.iterdir():
        entry.write_bytes(entry.read_bytes()[:1000])
        assert build.system() == first
        assert build.system() == first


def test_system_holds_every_program() -> None:
    parts = build.system()
    folders = [PROGRAMS / name for name in build.PROGRAM_FOLDERS]
    sources = [path for folder in folders for path in folder.iterdir() if path.suffix == ".s" or path.is_dir()]
    assert set(parts.programs) == {f"{path.parent.name}/{path.stem}" for path in sources}
    for name, content in parts.programs.items():
        assert not aout.read(content, name).relocatable


def test_symbol_map_is_in_order_and_names_the_kernel() -> None:
    lines = [line.split() for line in build.system().symbol_map.decode().splitlines()]
    addresses = [int(address, 16) for address, _, _ in lines]
    assert addresses == sorted(addresses) and min(addresses) >= build.KERNEL_ADDRESS
    assert {"_start", "kernel_main", "dispatch"} <= {name for _, _, name in lines}


def test_a_warm_run_loads_neither_parser_nor_table_printer() -> None:
    build.system()
    code = (
        "import sys; from toyos.boot import boot; boot(command='true');"
        "print(sorted({'lark', 'rich', 'typer', 'elftools', 'assembler.assembly'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_archive_is_deterministic_and_whole() -> None:
    content = cpio.archive(FILES, frozenset({"bin/a"}))
    assert content == cpio.archive(dict(reversed(FILES.items())), frozenset({"bin/a"}))
    assert len(content) % 4 == 0 and content.endswith(b"TRAILER!!!\0\0\0\0")
    assert content.count(cpio.MAGIC) == len(FILES) + 3 + 1  # folders bin, etc, etc/deep, and the end


@pytest.mark.skipif(shutil.which("cpio") is None, reason="cpio is not installed")
def test_cpio_unpacks_what_we_packed(tmp_path: Path) -> None:
    subprocess.run(["cpio", "-id"], cwd=tmp_path, input=cpio.archive(FILES, frozenset({"bin/a"})), check=True)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == FILES
    assert (tmp_path / "bin/a").stat().st_mode & 0o777 == 0o755


def test_the_pool_of_processes_may_have_thousands() -> None:
    """The kernel's own limits are parameters of its build: fork_limit, in a pool of 4096."""
    result = ended(boot(
        files=[PROGRAMS / "lectures/fork_limit.s"], ram=256 << 20, parameters={"NPROC": 4096}, max_instructions=10**9
    ))  # fmt: skip
    assert b"processes: 4096, room for 4096\n" in result.output
    assert b"pages missing: 0\n" in result.output


def test_a_pool_without_room_for_a_child() -> None:
    """idle, init and the program fill it: execcmd says why fork fails."""
    source = PROGRAMS / "lectures/execcmd.s"
    result = ended(boot(files=[source], args=["echo", "hi"], parameters={"NPROC": 3}, max_instructions=10**8))
    assert b"Resource temporarily unavailable" in result.output
    assert result.status not in (0, None)


@pytest.mark.parametrize("parameters", [{"NPROCS": 64}, {"NPROC": 2}, {"QUANTUM": -1}, {"NPROC": 1 << 20}])
def test_parameters_that_no_kernel_has(parameters: dict[str, int]) -> None:
    with pytest.raises(build.BuildError, match=next(iter(parameters))):
        build.system(parameters=parameters)


@pytest.mark.parametrize(("choice", "sentence"), [
    ({"mode": "vax"}, "there is no mode 'vax'; expected one of: risc"),
    ({"variant": "lazy"}, "the risc kernel has no variant 'lazy'; it has soft, xdump"),
    ({"mode": "window", "nwin": 33}, "NWIN = 33: expected a number of register windows from 2 to 32"),
    ({"mode": "cisc", "parameters": {"PARTITIONS": 2}}, "PARTITIONS = 2: only the window kernel"),
    (
        {"mode": "window", "variant": "partition", "nwin": 3, "parameters": {"PARTITIONS": 2}},
        "PARTITIONS = 2: expected at most 1 of 3",
    ),
    ({"nwin": 8}, "NWIN = 8: a risc machine has no register windows"),
])  # fmt: skip
def test_systems_that_do_not_exist(choice: dict[str, Any], sentence: str) -> None:
    with pytest.raises(build.BuildError, match=sentence):
        build.system(**choice)
    with pytest.raises(build.BuildError, match=sentence):
        boot(**choice)


@pytest.mark.parametrize(("nwin", "parts"), [(2, 1), (3, 1), (4, 2), (None, 2), (32, 2)])
def test_few_windows_make_fewer_parts(nwin: int | None, parts: int) -> None:
    assert variants.choose("window", "partition", nwin=nwin).parameters["PARTITIONS"] == parts


def test_systems_are_kept_apart(own_cache: Path) -> None:
    """A changed parameter is another system; the same values, however they were named, are the same one."""
    usual = build.system()
    small = build.system(parameters={"NPROC": 5})
    assert len(list(own_cache.iterdir())) == 3  # two kernels, and what is the same with both
    assert (usual.symbols["NPROC"], small.symbols["NPROC"]) == (64, 5)
    assert build.system("risc", {"NPROC": 5}, "soft") == small
    assert len(list(own_cache.iterdir())) == 3


def tree(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("")


def test_the_sources_of_a_variant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variant's files come before its mode's, these before those of the mode that lends; portable files always."""
    tree(tmp_path, "kernel/clock.s", "kernel/trap.s", "kernel/arch/risc/clock.s", "kernel/arch/risc/start.s")
    tree(tmp_path, "kernel/arch/risc/soft/save.s", "kernel/arch/risc/xdump/save.s", "kernel/arch/window/start.s")
    tree(tmp_path, "kernel/arch/window/lazy/clock.s", "kernel/arch/window/flush/clock.s", "include/errno.inc")
    monkeypatch.setattr(variants, "source_folder", lambda name: tmp_path / name)

    def sources(mode: str, variant: str) -> list[str]:
        choice = variants.Choice(mode, variant, {})
        return [path.relative_to(tmp_path / "kernel").as_posix() for path in variants.kernel_sources(choice)]

    assert sources("risc", "xdump") == [
        "arch/risc/start.s",
        "clock.s",
        "trap.s",
        "arch/risc/clock.s",
        "arch/risc/xdump/save.s",
    ]
    assert sources("window", "lazy") == [
        "arch/window/start.s", "clock.s", "trap.s", "arch/window/lazy/clock.s", "arch/risc/soft/save.s"
    ]  # fmt: skip


def test_nothing_that_is_built_says_where_it_was(own_cache: Path, tmp_path: Path) -> None:
    """Else sizes, places in memory and so counts of misses would depend on the checkout's path."""
    system = build.system()
    for part in (system.kernel, system.crt0, system.library, *system.programs.values()):
        assert str(build.PROJECT).encode() not in part
    there = tmp_path / "a" / "longer" / "way" / "ring.s"
    there.parent.mkdir(parents=True)
    shutil.copy(PROGRAMS / "lectures" / "fork_sum.s", there)
    here = shutil.copy(there, tmp_path / "ring.s")
    assert own_program([there], system) == own_program([Path(here)], system)
