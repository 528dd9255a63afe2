"""A hart that sleeps in wfi: what wakes it, when, and where the interrupt is taken; here and on QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images import guest, program
from tests.qemu import needs_qemu, sent_by
from vm import Machine, Stop
from vm.arch import CLOCKS_PER_TICK
from vm.recording import Recorder, play
from vm.snapshot import capture, digest

EXECUTORS = ("native", "reference")
# Sleeps with interrupts on until the interrupt of SOURCE; sends '0' plus the distance of mepc from the wfi, and what
# the handler's word is; ends.
SLEEPER = """
    .equ UART, 0x10000000
    .globl _start
_start:
    la      t0, handler
    csrw    mtvec, t0
    li      s0, UART
    li      t1, 0x0c000000 + 4 * {source}
    li      t0, 1
    sw      t0, 0(t1)               # priority
    li      t1, 0x0c002000
    li      t0, 1 << {source}
    sw      t0, 0(t1)               # for M-mode
    li      t0, 1 << 11
    csrw    mie, t0
    {arm}
    csrsi   mstatus, 8
sleep:
    wfi
    csrci   mstatus, 8
    li      t1, 0x100000
    li      t0, 0x5555
    sw      t0, 0(t1)
1:  j       1b
    .balign 4
handler:
    la      t0, sleep
    csrr    a0, mepc
    sub     a0, a0, t0
    addi    a0, a0, '0'
    sb      a0, 0(s0)
    {word}
    sb      a0, 0(s0)
    li      t0, 1 << 7
    csrc    mstatus, t0             # enough of it
    mret
"""
TYPED = {"source": 10, "arm": "li t0, 1\n    sb t0, 1(s0)", "word": "lbu a0, 0(s0)"}
SOON, LATER = 100_000, 50_000_000  # nanoseconds; what is soon here has passed on QEMU before anybody looks


def alarm(distance: int = SOON) -> dict[str, object]:
    """-> the parts of a guest that wants to be woken at that distance by the clock's own time. The alarm's status is
    sent, and it is silenced."""
    return {**ALARM, "arm": f"li t2, {distance}\n" + str(ALARM["arm"])}


ALARM: dict[str, object] = {
    "source": 11,
    "arm": """li s1, 0x101000
    li      t0, 1
    sw      t0, 0x10(s1)
    lw      t0, 0(s1)
    lw      t1, 4(s1)
    add     t2, t2, t0
    sltu    t0, t2, t0
    add     t1, t1, t0
    sw      t1, 0xc(s1)
    sw      t2, 8(s1)
    lw      t0, 0x18(s1)
    addi    t0, t0, 'A'
    sb      t0, 0(s0)""",
    "word": "sw zero, 0x1c(s1)\n    lw a0, 0x18(s1)\n    addi a0, a0, 'A'",
}


def sleeper(parts: dict[str, object], executor: str, sent: bytearray, mode: str = "risc") -> Machine:
    machine = Machine(mode, executor=executor, console=sent.extend, ram=1 << 20)
    machine.load(guest(SLEEPER.format(**parts)))
    return machine


@pytest.mark.parametrize("executor", EXECUTORS)
def test_input_wakes_it_and_the_interrupt_is_taken_behind_the_wfi(executor: str) -> None:
    """A guest whose handler returns must not fall asleep again at the same wfi. So too in a run that is played again,
    and where the machine stops between the two."""
    sent = bytearray()
    machine = sleeper(TYPED, executor, sent)
    recorder = Recorder(machine)
    assert machine.run() == Stop("idle")
    machine.receive(b"x")
    assert machine.run(0) == Stop("limit")
    assert machine.run(1) == Stop("limit")
    assert machine.csr("mcause") == 0x8000_000B
    assert machine.run() == Stop("halt", 0)
    assert sent == b"4x"
    recording = recorder.recording()
    assert [entry.kind for entry in recording.log] == ["receive", "wake"]
    end = machine.started
    assert play(recording) == Stop("halt", 0)
    assert machine.started == end


@pytest.mark.parametrize("executor", EXECUTORS)
def test_an_alarm_wakes_it_at_its_time(executor: str) -> None:
    sent = bytearray()
    machine = sleeper(alarm(), executor, sent)
    assert machine.run() == Stop("halt", 0)
    assert sent == b"B4A"
    assert 1000 <= machine.stats()["clock"] // CLOCKS_PER_TICK <= 1010


def test_an_alarm_interrupts_a_busy_hart_at_exactly_its_clock_however_the_run_is_cut() -> None:
    busy = alarm()
    busy["arm"] = f"{busy['arm']}\n    csrsi mstatus, 8\n2:  j 2b"
    ends = set()
    for executor, step in (("native", None), ("native", 997), ("reference", None), ("native", 1)):
        machine = sleeper(busy, executor, bytearray())
        traps: list[tuple[int, int]] = []
        machine.trace_traps = lambda record, machine=machine, traps=traps: traps.append((machine.started, record.cause))
        while not traps:
            machine.run(step or 20_000)
        ends.add((*traps, machine.csr("time")) if step is None else tuple(traps))
    assert len({end[0] for end in ends}) == 1
    (at, cause), *_ = ends.pop()
    assert cause == 0x8000_000B
    assert at % CLOCKS_PER_TICK == 0, "when the tick begins"


def test_an_alarm_that_nobody_wants_to_hear_wakes_nobody() -> None:
    machine = sleeper({**alarm(), "source": 12}, "native", bytearray())
    assert machine.run() == Stop("idle")
    assert machine.rtc.read(0x18, 4) == 0, "it has gone off all the same"


def test_a_sleeping_machine_is_the_same_in_another_life() -> None:
    """Captured between input and wfi, and run on: here, and from the snapshot."""
    from vm.snapshot import restore

    machine = sleeper(TYPED, "native", bytearray())
    machine.run()
    machine.receive(b"y")
    moment = capture(machine)
    machine.run()
    end = digest(capture(machine))
    sent = bytearray()
    other = sleeper(TYPED, "native", sent)
    restore(other, moment)
    assert other.run() == Stop("halt", 0)
    assert digest(capture(other)) == end
    assert sent == b"4y"


@needs_qemu
def test_an_alarm_wakes_it_on_qemu_too(tmp_path: Path) -> None:
    image = program(SLEEPER.format(**alarm(LATER))).text
    assert sent_by(image, tmp_path, "rv32") == b"B4A"
