"""Random and nearly right instruction words: which are legal, and what they do; on both executors, on QEMU, by unicorn
and by GNU objdump."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.rig import machine, words
from tests.fuzz.comparing import agrees_with_qemu, executors_agree
from tests.fuzz.decoding import OWN, program, word
from tests.fuzz.knob import seeds
from tests.gnu import needs_as, run
from tests.qemu import needs_qemu
from vm.arch import (
    CAUSE_ILLEGAL_INSTRUCTION,
    CAUSE_LOAD_ACCESS,
    CAUSE_MISALIGNED_FETCH,
    CAUSE_MISALIGNED_LOAD,
    CAUSE_MISALIGNED_STORE,
    CAUSE_STORE_ACCESS,
    RAM_BASE,
)
from vm.isa.codec import decode

# What objdump shows, by our table: compressed forms, floating point, and other extensions have opcodes of their own.
FLOATING = {0x07, 0x27, 0x43, 0x47, 0x4B, 0x4F, 0x53}
LONGER = 0x1F  # the low bits of instructions of more than four bytes
RESERVED_FIELDS = {"fence", "fence.i"}  # what to ignore by the manual, objdump shows as data
LONG_SHIFTS = {"slli", "srli", "srai"}  # by 32 and more, in RV64 only; objdump shows them
DRAFTS = {"uret", "hret", "sfence.vm"}  # no part of the ratified manuals
UNIMP = 0xC000_1073  # a write of a counter, which objdump calls by another name
LISTED = re.compile(r"^\s*[0-9a-f]+:\s+([0-9a-f]{8})\s+(\S+)", re.MULTILINE)
RAM = 1 << 16
WINDOW = RAM_BASE + 0x8000
COUNT = 1500
NO_CAUSE = 31
SYSTEM_OPCODE = 0x73
LEFT_OUT = {*OWN, "sc.w"}
FAULTS = {
    CAUSE_ILLEGAL_INSTRUCTION, CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_MISALIGNED_LOAD, CAUSE_MISALIGNED_STORE,
}  # fmt: skip


def test_native_and_reference_agree() -> None:
    for seed in seeds(1):
        executors_agree(program(seed, 250), f"seed {seed}")


@needs_qemu
def test_agrees_with_qemu(tmp_path: Path) -> None:
    for seed in seeds(2):
        agrees_with_qemu(program(seed, 2000), tmp_path, f"seed {seed}")


@needs_as
def test_objdump_knows_the_same_instructions(tmp_path: Path) -> None:
    for seed in seeds(1):
        pick = random.Random(seed)
        drawn = [found for found in (word(pick) | 3 for _ in range(20_000)) if _is_shown(found)]
        raw = tmp_path / "words"
        raw.write_bytes(words(drawn))
        text = run("objdump", "-D", "-b", "binary", "-m", "riscv:rv32", "-M", "no-aliases,numeric", raw)
        listed = [(int(found, 16), name) for found, name in LISTED.findall(text)]
        assert [found for found, _ in listed] == drawn
        wrong = [(hex(found), name, _ours(found)) for found, name in listed if not _same(found, name)]
        assert wrong == [], f"seed {seed}"


def _is_shown(found: int) -> bool:
    return found & 0x7F not in FLOATING and found & LONGER != LONGER


def _ours(found: int) -> str:
    row = decode(found)
    return row.name if row and row.name not in OWN else ""


def _same(found: int, name: str) -> bool:
    ours, theirs = _ours(found), "" if name.startswith(".") else name
    if ours in RESERVED_FIELDS and not theirs:
        return True
    if not ours and (theirs in DRAFTS or (theirs in LONG_SHIFTS and found >> 25 & 1)):
        return True
    return (found == UNIMP and ours == "csrrw") or ours == re.sub(r"\.(aq|rl|aqrl)$", "", theirs)


def test_unicorn_does_the_same() -> None:
    unicorn = pytest.importorskip("unicorn", reason="unicorn is not installed")
    from unicorn import riscv_const as uc

    numbers = [uc.UC_RISCV_REG_X0 + k for k in range(32)]
    for seed in seeds(1):
        pick = random.Random(seed)
        registers = [0, *(WINDOW + pick.randrange(0x1000) for _ in range(31))]
        oracle = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
        oracle.mem_map(RAM_BASE, RAM)
        made = machine("native", ram=RAM)
        content = pick.randbytes(RAM)
        made.write(RAM_BASE, content)
        oracle.mem_write(RAM_BASE, content)
        at = RAM_BASE
        for found in _drawn(pick, COUNT):
            at = at + 4 if at < WINDOW - 0x1000 else RAM_BASE
            for number, value in zip(numbers, registers, strict=True):
                oracle.reg_write(number, value)
            oracle.ctl_flush_tb()  # or it may go on with what it translated before, behind a branch
            oracle.mem_write(at, words([found]))
            made.write(at, words([found]))
            try:
                oracle.emu_start(at, 0, count=1)
                failed = False
            except unicorn.UcError as fault:
                failed = fault.errno != unicorn.UC_ERR_FETCH_UNMAPPED  # a jump away is none
            theirs = [oracle.reg_read(number) & 0xFFFF_FFFF for number in (*numbers, uc.UC_RISCV_REG_PC)]
            made.x[:] = registers
            made.pc, made.core.state["mcause"] = at, NO_CAUSE
            made.run(1)
            cause = made.csr("mcause")
            if cause == CAUSE_MISALIGNED_FETCH:
                assert theirs[-1] & 2 and not failed, f"seed {seed}: {found:#x}"  # unicorn has compressed instructions
                continue
            assert failed == (cause in FAULTS), f"seed {seed}: {found:#x} at {at:#x}, mcause {cause}"
            assert failed or [*map(int, made.x), made.pc] == theirs, f"seed {seed}: {found:#x} at {at:#x}"
        assert made.read(RAM_BASE, RAM) == bytes(oracle.mem_read(RAM_BASE, RAM))


def _drawn(pick: random.Random, count: int) -> Iterator[int]:
    """-> words that depend on nothing but registers and memory, here and there."""
    while count:
        found = word(pick) | 3
        row = decode(found)
        if _is_shown(found) and found & 0x7F != SYSTEM_OPCODE and (row is None or row.name not in LEFT_OUT):
            count -= 1
            yield found
