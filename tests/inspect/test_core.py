"""Core files: written when a signal ends a program, opened again, opened by gdb; and damaged ones."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.inspect.guests import HEAD, Guest
from toyos.core_elf import CoreError
from toyos.core_file import core_of, dump_on_fatal, open_core, read_core, write_core
from toyos.debugger import opening
from toyos.inspect import InspectError
from toyos.inspect.process import Process
from vm.arch import PRIV_U

CRASH = """
proc main
        li      a0, 7
        call    one
endp
proc one, args=1, frame=32
        addi    a0, a0, 1
        sw      a0, 4(sp)
        call    two
endp
proc two, args=1
        mv      s0, a0
        call    leaf
endp
leaf:   la      t0, word
        lw      a1, 0(t0)
        sw      zero, 4(zero)           # the end
        ret
.data
word:   .word   0x12345678
"""
SIGSEGV = 11
GDB = shutil.which("gdb-multiarch")


def crashed(folder: Path, mode: str, variant: str | None = None, nwin: int | None = None) -> tuple[Guest, Path]:
    """-> a guest that has come to its end, and the core that it has left."""
    guest, path = Guest(folder, CRASH, mode, variant, nwin, arguments=["eins", "zwei"]), folder / "core"
    seen: list[tuple[str, int]] = []

    def written(process: Process, signal: int) -> None:
        seen.append((process.name, signal))

    run = dump_on_fatal(guest.computer, path, guest.own, guest.name, written=written)
    assert guest.computer.run(run).status == 128 + SIGSEGV
    assert seen == [("guest", SIGSEGV)]
    return guest, path


KERNELS = [
    ("risc", "soft", None), ("risc", "xdump", None), ("cisc", "svpctx", None), ("cisc", "pushr", None),
    ("window", "flush", None), ("window", "lazy", 2), ("window", "partition", 4),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "variant", "nwin"), KERNELS)
def test_a_core_is_opened_as_a_machine_that_can_be_looked_at(
    mode: str, variant: str, nwin: int | None, tmp_path: Path
) -> None:
    guest, path = crashed(tmp_path, mode, variant, nwin)
    machine, inspector = open_core(path)
    assert machine.mode == mode and machine.nwin == guest.machine.nwin
    assert inspector.parts.choice == guest.parts.choice
    assert not inspector.in_kernel and int(machine.core.state["priv"]) == PRIV_U
    (process,) = inspector.processes()
    assert inspector.current() == process and (process.name, process.program) == ("guest", "run/guest")
    frames = inspector.backtrace()
    assert [frame.symbol.partition("+")[0] for frame in frames] == ["leaf", "two", "one", "main", "_start"]
    assert not any(frame.note for frame in frames)
    assert frames[0].line is not None
    assert (tmp_path / "guest.s").read_text().splitlines()[frames[0].line.line - 1].strip().startswith("sw      zero")
    registers = inspector.registers(process)
    assert registers["a1"] == 0x1234_5678 and registers["pc"] == machine.pc == frames[0].pc
    found = {region.name: region for region in inspector.memory_map(process)}
    assert set(found) == {"text", "data", "bss", "guard", "stack", "arguments"}
    assert (found["text"].permissions, found["data"].permissions) == ("r-x", "rw-")
    word = inspector.symbols.address("word", process)
    assert inspector.memory.user(process.space_root).word(word) == 0x1234_5678
    assert {field.name for field in process.fields} == {field.name for field in guest.inspector.pool()[0].fields}
    assert inspector.open_files(process) == [] and not any(queue.trouble for queue in inspector.queue_list())


def test_any_process_can_be_written_at_any_time(system: tuple[str, str], tmp_path: Path) -> None:
    guest = Guest(tmp_path, CRASH, *system)
    guest.to("two")
    init, own = guest.process("init"), guest.current
    for process in (init, own):
        path = tmp_path / f"{process.name}.core"
        write_core(guest.inspector, process, path)
        _, inspector = open_core(path)
        assert [frame.pc for frame in inspector.backtrace()] == [
            frame.pc for frame in guest.inspector.backtrace(process)
        ]
    idle = guest.inspector.process(0)
    assert idle is not None
    kernel_only = read_core(core_of(guest.inspector, idle))
    assert kernel_only.segments == [] and kernel_only.pid == 0


def test_a_zombie_has_nothing_to_be_written(mode: str, tmp_path: Path) -> None:
    guest, _ = crashed(tmp_path, mode)
    guest = Guest(tmp_path, "proc main\n        call fork\n        beqz a0, 1f\n        call wait\n1:\nendp\n", mode)
    guest.to("wake_all", lambda: any(process.state == "Zombie" for process in guest.inspector.processes()))
    (zombie,) = (process for process in guest.inspector.processes() if process.state == "Zombie")
    with pytest.raises(InspectError, match="given up its address space"):
        core_of(guest.inspector, zombie)


@pytest.mark.skipif(GDB is None, reason="gdb-multiarch is not installed")
@pytest.mark.parametrize("mode", ["risc", "window"])
def test_gdb_opens_a_core(mode: str, tmp_path: Path) -> None:
    _, path = crashed(tmp_path, mode)
    _, inspector = open_core(path)
    process = inspector.current()
    assert process is not None and GDB is not None
    registers = inspector.registers(process)
    word = inspector.symbols.address("word", process)
    commands = ["bt", "info registers", "x/i $pc", f"x/xw {word:#x}"]
    words = [word for command in commands for word in ("-ex", command)]
    done = subprocess.run(
        [GDB, "-nx", "-batch", "-core", str(path), *words], capture_output=True, text=True, timeout=60, check=True
    )
    shown = done.stdout
    assert "Core was generated by `guest eins zwei'." in shown
    assert "Program terminated with signal SIGSEGV, Segmentation fault." in shown
    assert f"#0  {registers['pc']:#010x} in ?? ()" in shown
    for name in ("ra", "sp", "a0", "a1", "pc"):
        assert re.search(rf"^{name} +{registers[name]:#x}\b", shown, re.MULTILINE), name
    assert "sw\tzero,4(zero)" in shown and "0x12345678" in shown
    assert "warning" not in done.stderr + shown


def test_foreign_and_cut_off_files_are_refused_by_a_sentence(mode: str, tmp_path: Path) -> None:
    _, path = crashed(tmp_path, mode)
    content = path.read_bytes()
    for wrong, sentence in (
        (b"", "no ELF file"),
        (b"#!/bin/sh\n", "no ELF file"),
        (content[:40], "ends within the ELF header"),
        (content[:60], "program headers are not all there"),
        (content[:-1], r"tells of \d+ bytes at 0x[0-9a-f]+, the file has \d+"),
        (content[:4] + b"\2" + content[5:], "an ELF file of another kind"),
        (content[:16] + b"\2\0" + content[18:], "an ELF file of type 2; expected 4, a core file"),
        (content[:18] + b"\x3e\0" + content[20:], "the core file of another system"),
        (content.replace(b"TOYOS\0", b"LINUX\0"), "the core file of another system"),
        (content.replace(b'"format": 1', b'"format": 9'), "format 9 of another version"),
        (content.replace(b'"choice"', b'"chance"'), r"its notes are damaged \(KeyError: 'choice'\)"),
        (content.replace(b'"choice": ["' + mode.encode(), b'"choice": ["' + mode[::-1].encode()), "no mode|damaged"),
    ):
        path.write_bytes(wrong)
        with pytest.raises(CoreError, match=sentence) as fault:
            open_core(path)
        assert str(fault.value).startswith(str(path))


def test_damaged_cores_are_opened_or_refused(mode: str, tmp_path: Path) -> None:
    _, path = crashed(tmp_path, mode)
    content, noise = bytearray(path.read_bytes()), random.Random(mode)
    notes_end = content.index(b"\x7fELF") + 4096
    opened = 0
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(noise.choice([1, 3])):
            damaged[noise.randrange(16, notes_end)] = noise.randrange(256)
        path.write_bytes(damaged)
        try:
            _, inspector = open_core(path)
        except CoreError:
            continue
        opened += 1
        inspector.backtrace()
        for process in inspector.processes():
            inspector.memory_map(process)
    assert opened


def test_the_command_writes_a_core_and_says_so(
    mode: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from toyos.cli.main import main

    monkeypatch.chdir(tmp_path)
    Path("crash.s").write_text(HEAD + CRASH)
    assert main(["run", "--mode", mode, "--core", "my.core", "crash.s"]) == 128 + SIGSEGV
    assert "pid 2 (crash) was ended by signal 11; its core: toyos debug --core my.core" in capfd.readouterr().err
    assert "process 2 (crash) as it was when SIGSEGV ended it" in opening.core(Path("my.core")).note
    assert open_core("my.core")[1].current() is not None
    Path("fine.s").write_text(HEAD + "proc main\n        li a0, 3\nendp\n")
    assert main(["run", "--mode", mode, "--core", "none.core", "fine.s"]) == 3
    assert not Path("none.core").exists()
    assert main(["run", "--mode", mode, "--core", "no/such/folder", "crash.s"]) == 1
    assert "no/such/folder: No such file or directory" in capfd.readouterr().err
