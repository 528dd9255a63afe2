"""Machines whose mtime follows the host's clock; the host's clock is the test's, where it does not matter."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from tests.images import guest
from toyos.cli.main import main
from vm import Machine, Stop
from vm.arch import TIMEBASE_HZ
from vm.realtime import SECOND, HostClock
from vm.recording import Recorder, play, read, replay, write

EXECUTORS = ("native", "reference")
TICKS = 100_000  # of mtime between two interrupts: 100 Hz
# Counts timer interrupts in a2, keeps in a4 by how many ticks the last one came too late, in a5 the last time that it
# has read; a time that runs backwards ends the run, with status 1.
TICKING = f"""
    .globl _start
_start:
    la      t0, handler
    csrw    mtvec, t0
    li      s1, 0x2004000
    li      a3, {TICKS}
    mv      a0, a3
    sw      zero, 4(s1)
    sw      a0, 0(s1)
    li      t0, 1 << 7
    csrw    mie, t0
    csrsi   mstatus, 8
again:
    {{body}}
    csrr    t0, time
    bltu    t0, a5, backwards
    mv      a5, t0
    j       again
backwards:
    li      t0, 0x100000
    li      t1, 0x3333 | 1 << 16
    sw      t1, 0(t0)
1:  j       1b
    .balign 4
handler:
    csrr    a4, time
    sub     a4, a4, a0
    addi    a2, a2, 1
    add     a0, a0, a3
    sw      a0, 0(s1)
    mret
"""
POLL = "li t3, 0x10000000\n    lbu t2, 5(t3)"
BODIES = ("addi t2, t2, 1", "wfi", POLL, "li t3, 3000\n1: addi t3, t3, -1\n    bnez t3, 1b\n    wfi")
RTC = """
    .globl _start
_start: li      s0, 0x101000
        lw      t0, 0(s0)
        lw      t0, 4(s0)
        srli    t0, t0, 22      # 2**54 nanoseconds are 208 days, and 2026 has begun when this is 98
        slli    t0, t0, 16
        li      t1, 0x3333
        or      t0, t0, t1
        li      t1, 0x100000
        sw      t0, 0(t1)
1:      j       1b
"""


class Host:
    """A host whose time passes by so many nanoseconds whenever it is asked for; sleeping lets it pass too."""

    def __init__(self, step: int) -> None:
        self.time, self.step, self.slept = 12_345, step, 0.0

    def now(self) -> int:
        self.time += self.step
        return self.time

    def sleep(self, seconds: float) -> float:
        self.slept += seconds
        self.time += int(seconds * SECOND)
        return seconds


def ticking(body: str, host: Host, executor: str = "native", observed: bool = False) -> Machine:
    machine = Machine(executor=executor, ram=1 << 20, real_time=True, observed=observed)
    machine.load(guest(TICKING.format(body=body)))
    machine.host = HostClock(machine.clock_hz, host.now)
    machine.pause = host.sleep
    return machine


def seconds(machine: Machine) -> float:
    return machine.clint.mtime / TIMEBASE_HZ


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("body", BODIES, ids=("busy", "asleep", "polling", "mixed"))
def test_time_follows_the_host_however_busy_the_guest_is(body: str, executor: str) -> None:
    """In instructions, wherever they go: the clock is never more than a look behind, and never goes back."""
    host = Host(250_000)
    machine = ticking(body, host, executor)
    begun = host.time
    while host.time - begun < SECOND // 5:
        before = seconds(machine)
        stop = machine.run(200)
        assert stop.reason in ("limit", "pause")
        assert seconds(machine) >= before
        assert abs((host.time - begun) / SECOND - seconds(machine)) < 0.003
    assert abs(int(machine.x[12]) - int(seconds(machine) * TIMEBASE_HZ) // TICKS) <= 1
    assert int(machine.x[14]) < TIMEBASE_HZ * 0.003


def test_a_host_that_is_too_slow_for_its_machine_makes_it_wait() -> None:
    """Which no host is that this can be tested on: it is one whose clock stands still."""
    waited: list[float] = []
    clock = HostClock(SECOND, lambda: 0)
    clock.start(0, 0)
    patched, time.sleep = time.sleep, waited.append  # type: ignore[assignment]
    try:
        assert clock.look(5_000_000, 1000) == -5_000_000
        assert clock.look(500_000, 2000) == -500_000
    finally:
        time.sleep = patched
    assert waited == [0.005], "and half a millisecond is nothing"


def test_time_goes_on_from_where_it_was_after_a_reset_or_in_another_state() -> None:
    host = Host(1000)
    machine = ticking("nop", host)
    machine.run(100_000)
    machine.reset()
    host.time += 3600 * SECOND
    machine.run(10)
    assert seconds(machine) < 0.1
    host.time += SECOND  # while it stands, but is not another
    machine.run(10)
    assert 1 <= seconds(machine) < 1.1


def test_a_guest_that_resets_finds_its_timer_at_zero_and_the_clock_on_the_wall_going_on() -> None:
    """Every 10 ms it does."""
    body = """csrr t0, time
    bltu    t0, a3, again
    li      t0, 0x100000
    li      t1, 0x7777
    sw      t1, 0(t0)"""
    host = Host(20_000)
    machine = ticking(body, host)
    begun, wall = host.time, machine.rtc.time
    while host.time - begun < SECOND // 10:
        machine.run(1000)
        assert seconds(machine) < 0.012
    assert machine.started > machine.instructions
    assert abs(machine.rtc.time - wall - (host.time - begun)) < SECOND // 500


def test_a_run_in_real_time_is_played_again_to_the_bit(tmp_path: Path) -> None:
    """With input, and by the other executor, which can be walked back in."""
    machine = ticking(f"{POLL}\n    wfi", Host(300_000))
    recorder = Recorder(machine)
    for count in range(20):
        machine.run(100)
        if count % 5 == 0:
            machine.receive(b"x")
    write(tmp_path / "run", recorder.recording())
    assert {entry.kind for entry in recorder.recording().log} == {"wait", "receive"}
    again = read(tmp_path / "run", observed=False)
    assert again.machine.real_time
    assert play(again) == Stop("limit"), "which compares the digests"
    other = Machine(executor="reference", ram=1 << 20, observed=True, real_time=True)
    timeline = replay(dataclasses.replace(again, machine=other))
    timeline.goto(timeline.end)
    late = seconds(timeline.machine)
    assert late == seconds(machine)
    timeline.reverse_step(300)
    assert seconds(timeline.machine) < late
    timeline.goto(timeline.end)
    assert seconds(timeline.machine) == late


def test_real_seconds_pass(capfd: pytest.CaptureFixture[str]) -> None:
    machine = Machine(ram=1 << 20, real_time=True)
    machine.load(guest(TICKING.format(body="nop")))
    machine.host = HostClock(machine.clock_hz)
    machine.run(0)
    begun = time.monotonic()
    while time.monotonic() - begun < 0.2:
        machine.run(100_000)
    machine.run(0)
    assert abs(seconds(machine) - (time.monotonic() - begun)) < 0.05


@pytest.mark.parametrize(("words", "status"), [(["--real-time"], None), ([], 52)])
def test_the_clock_on_the_wall(words: list[str], status: int | None, tmp_path: Path) -> None:
    kernel = tmp_path / "guest"
    kernel.write_bytes(guest(RTC))
    expected = time.time_ns() >> 54 if status is None else status
    assert main(["machine", "--kernel", str(kernel), "--serial", "none", *words]) == expected


def test_gdb_would_stop_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    kernel = tmp_path / "guest"
    kernel.write_bytes(guest(RTC))
    assert main(["machine", "--kernel", str(kernel), "--real-time", "--gdb", "0"]) == 2
    assert "--real-time: gdb stops the guest, but not the host's clock" in capfd.readouterr().err
