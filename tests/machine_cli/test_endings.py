"""How a run on the bare board ends when the guest does it in an unusual way, or never."""

from pathlib import Path

import pytest

from tests.images import guest, guest_elf
from vm import Machine, Stop
from vm.arch import RAM_BASE, RAM_SIZE_DEFAULT
from vm.machine import TrapRecord

EXECUTORS = ("native", "reference")
DATA = """
    .data
    .balign 8
    .globl tohost
tohost: .dword 0
counter: .word 0
"""
# What architecture tests do to halt: only the low half, again and again.
HALF_IN_A_LOOP = """
    .globl _start
_start:
    la t0, tohost
    li t1, 11
1:  sw t1, 0(t0)
    j 1b
"""
BESIDE = """
    .globl _start
_start:
    la t0, counter
    li t1, 2000
1:  sw t1, 0(t0)
    sb t1, 3(t0)
    addi t1, t1, -1
    bnez t1, 1b
    la t0, tohost
    li t1, 13
    sw t1, 0(t0)
    sw zero, 4(t0)
2:  j 2b
"""
RESET = """
    .globl _start
_start:
    la t0, 1f
    csrw mtvec, t0
    ecall
1:  li t0, 0x100000
    li t1, 0x7777
    sw t1, 0(t0)
2:  j 2b
"""


@pytest.mark.parametrize("executor", EXECUTORS)
def test_half_of_tohost_stored_in_a_loop_ends_the_run(executor: str) -> None:
    machine = Machine(executor=executor)
    machine.load(guest_elf(HALF_IN_A_LOOP + DATA, "tohost"))
    assert machine.run(1000) == Stop("halt", 5)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_stores_beside_tohost_mean_nothing_and_stay_in_the_executor(
    executor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(executor=executor)
    machine.load(guest_elf(BESIDE + DATA, "tohost"))
    runs = 0
    inner = machine.core.run

    def counted() -> None:
        nonlocal runs
        runs += 1
        inner()

    monkeypatch.setattr(machine.core, "run", counted)
    assert machine.run(20_000) == Stop("halt", 6)
    assert runs < 10, "one exit for each half of the word, none for the variable in its page"


def test_endless_resets_stay_within_the_budget() -> None:
    machine = Machine()
    traps: list[TrapRecord] = []
    machine.trace_traps = traps.append
    machine.load(guest(RESET))
    assert machine.run(70) == Stop("limit")
    assert machine.started == 70
    life = 8  # instructions from one reset to the next: la, csrw, ecall, li, li of two words, sw
    assert len(traps) == -(-70 // life), "traps are reported in every life"
    machine.run(30)
    assert machine.started == 100


@pytest.mark.parametrize("name", ["image", "elf"])
def test_a_reset_finds_the_image_as_it_was(tmp_path: Path, name: str) -> None:
    """The guest counts its lives beyond the image, and spoils its own code before each reset."""
    text = """
        .globl _start
    _start:
        li s0, 0x80100000
        lw s1, 0(s0)
        addi s1, s1, 1
        sw s1, 0(s0)
        la t0, _start
        sw zero, 0(t0)
        li t0, 0x100000
        li t1, 3
        beq s1, t1, 1f
        li t1, 0x7777
        sw t1, 0(t0)
    1:  li t1, 0x00033333
        sw t1, 0(t0)
    2:  j 2b
    """
    path = tmp_path / name
    path.write_bytes(guest_elf(text) if name == "elf" else guest(text))
    machine = Machine(ram=RAM_SIZE_DEFAULT)
    machine.load(path)
    assert machine.run(10_000) == Stop("halt", 3)
    assert machine.read(RAM_BASE + 0x100000, 4) == b"\x03\0\0\0"
