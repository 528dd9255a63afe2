"""A hart that sleeps in wfi: what wakes it, when, and where the interrupt is taken; here and on QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.rig import code
from tests.images import guest, program
from tests.qemu import needs_qemu, sent_by
from vm import Machine, Stop
from vm.arch import CLOCKS_PER_TICK, REAL_TIME_CLOCKS_PER_TICK
from vm.devices.rtc import NANOSECONDS_PER_TICK
from vm.machine import LONGEST_REST
from vm.recording import Recorder, play, read, write
from vm.snapshot import capture, digest, restore

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
def test_input_wakes_it_and_the_interrupt_is_taken_behind_the_wfi(executor: str, tmp_path: Path) -> None:
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
    write(tmp_path / "run", recording)
    for each in (recording, read(tmp_path / "run")):
        assert play(each) == Stop("halt", 0)
        assert each.machine.started == end


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


def test_who_is_taken_away_from_its_wfi_sleeps_no_more() -> None:
    machine = sleeper(TYPED, "native", bytearray())
    assert machine.run() == Stop("idle") and machine.asleep
    machine.pc += 4  # as a debugger may do
    machine.receive(b"x")
    assert not machine.asleep and not machine.core.state["woken"]


def test_input_that_interrupts_nothing_wakes_nobody() -> None:
    machine = sleeper({**TYPED, "arm": ""}, "native", bytearray())
    assert machine.run() == Stop("idle")
    machine.receive(b"x")
    assert machine.run() == Stop("idle")


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("timer", "sent", "tick"), [(500, b"4H", 500), (1000, b"4H", 1000), (2000, b"4L", 1000)])
def test_the_sooner_of_timer_and_alarm_wakes_it_and_of_both_at_once_the_timer(
    executor: str, timer: int, sent: bytes, tick: int
) -> None:
    """The handler sends 'A' plus the cause: 7 for the timer, which the hart sees itself, 11 for a device, whose word
    comes when the tick has begun."""
    causes = {"source": 11, "arm": "li t0, 1 << 7\n    csrs mie, t0", "word": "csrr a0, mcause\n    andi a0, a0, 15\n"}
    causes["word"] = f"{causes['word']}    addi a0, a0, 'A'"
    said = bytearray()
    machine = sleeper(causes, executor, said)
    machine.clint.mtimecmp = timer
    alarm = machine.rtc.start + 1000 * NANOSECONDS_PER_TICK
    for offset, value in ((0x10, 1), (0x0C, alarm >> 32), (0x08, alarm & 0xFFFF_FFFF)):
        machine.rtc.write(offset, 4, value)
    clocks = []
    machine.trace_traps = lambda record: clocks.append(machine.stats()["clock"])
    assert machine.run() == Stop("halt", 0)
    assert (said, clocks) == (sent, [tick * CLOCKS_PER_TICK])


def test_an_alarm_behind_a_sleep_interrupts_a_busy_hart_at_exactly_its_clock() -> None:
    first = alarm()
    served = "wfi\n    sw zero, 0x1c(s1)\n    li t1, 0x0c200004\n    lw t0, 0(t1)\n    sw t0, 0(t1)"
    again = f"{first['arm']}\n    {served}\n    li t2, {SOON}\n    {ALARM['arm']}\n    csrsi mstatus, 8\n2:  j 2b"
    machine = sleeper({**first, "arm": again}, "native", bytearray())
    clocks: list[int] = []
    machine.trace_traps = lambda record: clocks.append(machine.stats()["clock"])
    while not clocks:
        machine.run(2000)
    wanted = machine.rtc.read(0x0C, 4) << 32 | machine.rtc.read(0x08, 4)
    assert clocks == [-(-(wanted - machine.rtc.start) // NANOSECONDS_PER_TICK) * CLOCKS_PER_TICK]


@pytest.mark.parametrize("real_time", [False, True])
@pytest.mark.parametrize("ticks", [1 << 53, (1 << 55) - 1, 2**64 // REAL_TIME_CLOCKS_PER_TICK + 1, 2**64 // 100])
def test_who_sleeps_for_centuries_asks_the_host_for_no_more_than_it_can(ticks: int, real_time: bool) -> None:
    """A timer, an alarm, or both of them so far away that clocks overflow, the machine's or the host's."""
    for arm in (["timer"], ["alarm"], ["timer", "alarm"]):
        machine = Machine(ram=1 << 20, real_time=real_time)
        machine.load(code("csrw mie, t0\n wfi\n"))
        machine.x[5] = 0x880
        machine.clint.mtimecmp = ticks if "timer" in arm else (1 << 64) - 1
        if "alarm" in arm:
            alarm = min(machine.rtc.start + ticks * NANOSECONDS_PER_TICK, (1 << 64) - 1)
            for offset, value in ((0x10, 1), (0x0C, alarm >> 32), (0x08, alarm & 0xFFFF_FFFF)):
                machine.rtc.write(offset, 4, value)
        asked: list[float] = []
        machine.pause = lambda wanted, asked=asked: asked.append(wanted) or 0.25
        assert machine.run().reason in ("pause", "idle")
        assert asked in ([], [LONGEST_REST]), arm
        assert machine.stats()["clock"] in (1, 1 + machine.clock_hz // 4)


@pytest.mark.parametrize("typed", [True, False], ids=["behind the input", "before it"])
def test_a_sleeping_machine_is_the_same_in_another_life(typed: bool, tmp_path: Path) -> None:
    """Captured in its sleep, and run on: here, from the snapshot, and from a file."""
    machine = sleeper(TYPED, "native", bytearray())
    machine.run()
    if typed:
        machine.receive(b"y")
    moment = capture(machine)
    machine.save(tmp_path / "saved")
    sent = bytearray()
    other = sleeper(TYPED, "native", sent)
    restore(other, moment)
    ends = set()
    for each in (machine, other, Machine.restore(tmp_path / "saved", sent.extend)):
        if not typed:
            each.receive(b"y")
        assert each.run() == Stop("halt", 0)
        ends.add(digest(capture(each)))
    assert len(ends) == 1
    assert sent == b"4y4y"


@needs_qemu
def test_an_alarm_wakes_it_on_qemu_too(tmp_path: Path) -> None:
    image = program(SLEEPER.format(**alarm(LATER))).text
    assert sent_by(image, tmp_path, "rv32") == b"B4A"
