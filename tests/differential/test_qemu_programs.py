"""Guest programs in C, built by gcc, here and on QEMU's board: the same output, line by line, and the same exit status.

Each program (programs/NAME.c) tries a whole field of the architecture and prints what it saw. Where QEMU is known to
differ from the manual, the test says how, and checks that it is the manual that is followed here.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.gnu import PREFIX, needs_gcc
from vm import Machine
from vm.isa.sets import DEFAULT_ISA, ISAS

QEMU = "qemu-system-riscv32"
PROGRAMS = Path(__file__).with_name("programs")
SHARED = ("guest.S", "guest.c")
pytestmark = [
    needs_gcc,
    pytest.mark.skipif(not shutil.which(QEMU), reason="QEMU (Debian package qemu-system-misc) is not installed"),
]
LIMIT = 400_000_000  # instructions
SHORT = 90_000  # so many for the reference executor
# The ISA of this board. Only with x-smaia does QEMU 7.2 order simultaneous machine interrupts as the manual does.
PROCESSOR = "rv32,c=off,f=off,d=off,h=off,x-smaia=true"


def build(name: str, folder: Path, level: str, isa: str = DEFAULT_ISA) -> Path:
    """Program, level of optimisation, instruction set -> its ELF."""
    elf = folder / f"{name}{level}.elf"
    command = [PREFIX + "gcc", f"-march={isa}_zicsr_zifencei", "-mabi=ilp32", "-mcmodel=medany", level, "-Wall"]
    command += ["-Werror", "-ffreestanding", "-fno-builtin", "-nostdlib", "-static", "-Wl,--no-warn-rwx-segments"]
    command += [f"-T{PROGRAMS / 'guest.ld'}", *(str(PROGRAMS / source) for source in SHARED)]
    command += [str(PROGRAMS / f"{name}.c"), "-lgcc", "-o", str(elf)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return elf


def here(elf: Path, executor: str = "native", isa: str = DEFAULT_ISA) -> tuple[int | None, list[str]]:
    """-> (exit status, lines printed) on our machine."""
    printed = bytearray()
    machine = Machine(executor=executor, console=printed.extend, isa=isa)
    machine.load(elf)
    stop = machine.run(LIMIT)
    assert stop.reason == "halt", printed.decode()[-500:]
    return stop.status, printed.decode().splitlines()


@cache
def on_qemu(elf: Path, processor: str = PROCESSOR) -> tuple[int, list[str]]:
    """-> the same on QEMU's."""
    command = [QEMU, "-M", "virt", "-cpu", processor, "-m", "64M", "-nographic", "-bios", "none", "-kernel", str(elf)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines()


def differing(name: str, folder: Path, level: str = "-O1", isa: str = DEFAULT_ISA) -> list[tuple[int, str, str]]:
    """Runs the program on both -> (number, line here, line on QEMU) where they differ."""
    elf = build(name, folder, level, isa)
    status, ours = here(elf, isa=isa)
    other_status, theirs = on_qemu(elf, PROCESSOR.replace("c=off", f"c={'on' if ISAS[isa].compressed else 'off'}"))
    assert (status, len(ours)) == (other_status, len(theirs)), ours[-3:] + theirs[-3:]
    return [(n, a, b) for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]


@pytest.mark.parametrize("level", ["-O0", "-O3"])
@pytest.mark.parametrize("name", ["atomics", "status", "pager"])
def test_programs_that_agree(name: str, level: str, tmp_path: Path) -> None:
    """Atomic operations; status registers, returns and delegation; a pager that evicts self-modifying code."""
    assert differing(name, tmp_path, level) == []


def test_programs_in_compressed_instructions_agree(tmp_path: Path) -> None:
    """Of the registers that hold a pc, QEMU 7.2 keeps bit 0, which is always zero (sections 3.1.14 and 4.1.7)."""
    assert differing("status", tmp_path, "-O2", "rv32imac") == []
    different = [(ours, theirs) for _, ours, theirs in differing("compressed", tmp_path, isa="rv32imac")]
    assert different == [("mepc fffffffe", "mepc ffffffff"), ("sepc 12345676", "sepc 12345677")]
    printed = bytearray()
    slow = Machine(executor="reference", console=printed.extend, isa="rv32imac")
    slow.load(tmp_path / "compressed-O1.elf")
    slow.run(SHORT)
    lines, others = printed.decode().splitlines()[:-1], here(tmp_path / "compressed-O1.elf", isa="rv32imac")[1]
    assert lines == others[: len(lines)]
    assert len(lines) > 30


def test_page_tables(tmp_path: Path) -> None:
    """A page table outside RAM is an access fault (section 4.3.2, step 2): causes 5, 7, 1. QEMU makes it 13, 15, 12."""
    different = differing("paging", tmp_path)
    assert {(ours, theirs) for _, ours, theirs in different} <= {("pointer 507010", "pointer d0f0c0")}


def test_interrupts(tmp_path: Path) -> None:
    """Priorities for the supervisor: external before software before timer (section 4.1.3). QEMU 7.2 puts external
    last when all are delegated."""
    external, others = 0x200, 0x022
    for _, ours, _ in differing("interrupts", tmp_path):
        pending = int(ours[:3], 16)
        assert pending & external and pending & others, ours
        # What the supervisor's handler told: the cause and bits of sstatus, or the vector's offset; 0 if it never ran.
        told = {int(word.partition("/")[2][:4], 16) for word in ours.split()[1:] if "/" in word} - {0}
        assert told
        assert all(word == 9 * 4 or word >> 8 == 9 for word in told), ours


def test_timers_and_counters(tmp_path: Path) -> None:
    """QEMU's time is the host's, which may be busy elsewhere: what depends on it is checked here alone."""
    ours = here(build("timers", tmp_path, "-O1"))[1]
    assert not [line for line in ours if "WRONG" in line]
    assert "deepest 00000002" in ours
    assert {line.split()[0] for _, line, _ in differing("timers", tmp_path)} <= {"carry", "closed", "deepest"}


# Snippets of traps.c where the manual and QEMU part -> cause that the manual asks for.
BY_THE_MANUAL = {
    "jal_2": "0", "jal_6": "0", "branch_2_taken": "0", "branch_6_taken": "0",  # mtval is the target, QEMU's the pc
    "ebreak_": "3",  # mtval may be the pc or 0
    "cycle_set_zero": "2",  # csrrs writes whenever rs1 is not x0
    "amo_nowhere": "7",  # an atomic operation's faults are a store's, whatever it began with
    "sc_nowhere": "7",  # without a reservation it may trap or fail
    "sc_1": "6", "amo_1": "6", "amo_nowhere_1": "6",  # misaligned: QEMU lets sc fail, and calls the others loads
    "jump_device": "1",  # QEMU executes device registers
}  # fmt: skip


def snippets(lines: list[str]) -> dict[str, list[str]]:
    """Output of traps.c -> its lines by name of the snippet."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line[0].isalpha():
            name = line
            found[name] = []
        else:
            found[name].append(line)
    return found


def test_traps(tmp_path: Path) -> None:
    elf = build("traps", tmp_path, "-O1")
    ours, theirs = snippets(here(elf)[1]), snippets(on_qemu(elf)[1])
    assert ours.keys() == theirs.keys() >= BY_THE_MANUAL.keys()
    for name, lines in ours.items():
        if name in BY_THE_MANUAL:
            causes = {line.split()[1].lstrip("0") or "0" for line in lines if "a0" not in line}
            assert causes == {BY_THE_MANUAL[name]}, name
            assert lines != theirs[name], f"{name}: QEMU agrees now, so it can be compared"
        else:
            assert lines == theirs[name], name


@pytest.mark.parametrize("name", ["atomics", "traps", "status"])
def test_reference_executor(name: str, tmp_path: Path) -> None:
    """What native code prints, the plain-Python executor prints too."""
    elf = build(name, tmp_path, "-O2")
    assert here(elf, "reference") == here(elf)
