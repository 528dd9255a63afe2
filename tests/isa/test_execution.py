"""Self-checking programs, one for every instruction row and one for every piece of the privileged architecture: run by
both executors, and by QEMU where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assembler import assemble_file, link
from assembler.assembly import Options
from tests.engine.rig import EXECUTORS
from vm.aout import OMAGIC, Object, write
from vm.arch import RAM_BASE
from vm.isa.codec import rows
from vm.machine import Machine

PROGRAMS, PRIVILEGED = (Path(__file__).parent / name for name in ("programs", "privileged"))
SOURCES = sorted(PROGRAMS.glob("*.s"))
ALL = SOURCES + sorted(PRIVILEGED.glob("*.s"))
OURS = {row.name for row in rows("window") if row.ext.startswith("X")}  # instructions that nobody else has
WINDOWS = [source for source in SOURCES if source.stem in OURS and source.stem.startswith("w")]
MOST = 100_000  # instructions: ten times what the longest program takes
QEMU = shutil.which("qemu-system-riscv32")
RAM = 32 << 20  # some programs use memory a few MiB away from themselves


def built(source: Path, on_qemu: bool = False, mode: str = "risc") -> Object:
    """Program -> executable at the start of RAM."""
    made = assemble_file(source, Options(mode, include=(PROGRAMS, PRIVILEGED), defines={"ON_QEMU": int(on_qemu)}))
    return link([made], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC)


def test_every_row_has_a_program() -> None:
    assert {source.stem for source in SOURCES} == {row.name for row in rows("window")}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("source", [each for each in ALL if each not in WINDOWS], ids=lambda source: source.stem)
def test_program_passes(source: Path, executor: str) -> None:
    passes(Machine(executor=executor, ram=RAM), source)


@pytest.mark.parametrize("source", [each for each in ALL if each not in WINDOWS], ids=lambda source: source.stem)
def test_program_without_windows_passes_in_window_mode(source: Path) -> None:
    passes(Machine(ram=RAM, mode="window"), source)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("nwin", [2, 3, 8, 31, 32])
@pytest.mark.parametrize("source", WINDOWS, ids=lambda source: source.stem)
def test_program_with_windows_passes(source: Path, nwin: int, executor: str) -> None:
    passes(Machine(executor=executor, ram=RAM, mode="window", nwin=nwin), source)


def passes(machine: Machine, source: Path) -> None:
    machine.load(write(built(source, mode=machine.mode)))
    stop = machine.run(MOST)
    assert (stop.reason, stop.status) == ("halt", 0), f"{stop}: check {machine.x[3] >> 16 or machine.x[3]} of {source}"


@pytest.mark.skipif(QEMU is None, reason="qemu-system-riscv32 is not installed")
@pytest.mark.parametrize("source", [each for each in ALL if each.stem not in OURS], ids=lambda source: source.stem)
def test_program_passes_on_qemu(source: Path, tmp_path: Path) -> None:
    """The programs themselves are right: an independent machine agrees with them."""
    raw = tmp_path / "program.bin"
    made = built(source, on_qemu=True)
    raw.write_bytes(made.text + made.data)
    done = subprocess.run(
        [QEMU or "", "-M", "virt", "-cpu", "rv32,c=false", "-m", "32M", "-nographic", "-monitor", "none",
         "-bios", str(raw)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
    )  # fmt: skip
    assert done.returncode == 0, f"check {done.returncode} of {source.name}"
