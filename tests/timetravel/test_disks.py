"""Machines with disks: walked both ways, recorded, saved; and what cannot be, refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.images import guest
from tests.timetravel.rig import state
from vm import Machine, MachineError
from vm.arch import PAGE_SIZE, RAM_BASE, VIRTIO_BASE, VIRTIO_SLOTS
from vm.container import RecordingError
from vm.disk import FileDisk, SnapshotDisk
from vm.recording import Recorder, load_machine, play, read, replay, save_machine, write
from vm.snapshot import SnapshotError, capture, restore
from vm.timetravel import Timeline

SECTORS = 32
RAM = 1 << 20
STATUS = 7

# Reads sector after sector, adds one to each word of it, and writes it back two sectors on; forty times. The disk's
# first word is printed in the end.
GUEST = f"""
        .equ DISK, {VIRTIO_BASE:#x}
        .equ QUEUE, {RAM_BASE + 0x8000:#x}
        .equ AVAILABLE, QUEUE + 128
        .equ USED, QUEUE + {PAGE_SIZE}
        .equ HEADER, {RAM_BASE + 0xC000:#x}
        .equ DATA, HEADER + 16
        .equ STATUS, DATA + 512
        .globl _start
_start: li      s0, DISK
        li      t0, AVAILABLE   # as it may be a second life
        sw      zero, 0(t0)
        li      t0, {PAGE_SIZE}
        sw      t0, 0x28(s0)
        sw      zero, 0x70(s0)
        li      t0, 3
        sw      t0, 0x70(s0)
        li      t0, 0x200
        sw      t0, 0x20(s0)
        li      t0, 8
        sw      t0, 0x38(s0)
        li      t0, {(RAM_BASE + 0x8000) // PAGE_SIZE:#x}
        sw      t0, 0x40(s0)
        li      t0, 7
        sw      t0, 0x70(s0)
        li      s1, 0
next:   li      a0, 0
        andi    a1, s1, 15
        li      a2, 3
        call    request
        li      a0, DATA
        li      a1, STATUS
1:      lw      a2, 0(a0)
        addi    a2, a2, 1
        sw      a2, 0(a0)
        addi    a0, a0, 4
        bltu    a0, a1, 1b
        li      a0, 1
        andi    a1, s1, 15
        addi    a1, a1, 2
        li      a2, 1
        call    request
        addi    s1, s1, 1
        li      t0, 40
        bltu    s1, t0, next
        li      t0, {0x3333 | STATUS << 16:#x}
        li      t1, 0x100000
        sw      t0, 0(t1)
2:      j       2b

# request(type, sector, flags of the data): one, and what it says in the end.
request: li     t0, HEADER
        sw      a0, 0(t0)
        sw      zero, 4(t0)
        sw      a1, 8(t0)
        sw      zero, 12(t0)
        li      t1, QUEUE
        sw      t0, 0(t1)
        li      t0, 16
        sw      t0, 8(t1)
        li      t0, 0x10001
        sw      t0, 12(t1)
        li      t0, DATA
        sw      t0, 16(t1)
        li      t0, 512
        sw      t0, 24(t1)
        li      t0, 0x20000
        or      t0, t0, a2
        sw      t0, 28(t1)
        li      t0, STATUS
        sw      t0, 32(t1)
        li      t0, 1
        sw      t0, 40(t1)
        li      t0, 2
        sw      t0, 44(t1)
        li      t0, AVAILABLE
        lhu     t1, 2(t0)
        addi    t1, t1, 1
        sh      t1, 2(t0)
        sw      zero, 0x50(s0)
        li      t0, STATUS
        lbu     t1, 0(t0)
        li      t0, 0x10000000
        addi    t1, t1, 48
        sb      t1, 0(t0)
        ret
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "disk.img"
    made.write_bytes(Random(3).randbytes(SECTORS * 512))
    return made


@pytest.fixture
def disk(path: Path) -> Iterator[SnapshotDisk]:
    made = SnapshotDisk(path)
    yield made
    with suppress(OSError):  # a test may have closed it
        made.close()


def machine_with(*disks: SnapshotDisk | FileDisk, observed: bool = True) -> Machine:
    machine = Machine(ram=RAM, disks=disks, observed=observed)
    machine.load(guest(GUEST))
    return machine


def test_a_file_ends_as_a_snapshot_does(path: Path, disk: SnapshotDisk) -> None:
    before = path.read_bytes()
    printed = bytearray()
    machine = machine_with(disk, observed=False)
    machine.console = printed.extend
    assert machine.run(1_000_000).status == STATUS and printed == b"0" * 80
    after = disk.read(0, disk.size)
    disk.close()
    assert path.read_bytes() == before != after
    written = FileDisk(path)
    assert machine_with(written, observed=False).run(1_000_000).status == STATUS
    assert path.read_bytes() == after
    written.close()


def test_going_back_takes_the_disk_along(disk: SnapshotDisk) -> None:
    machine = machine_with(disk)
    timeline = Timeline(machine, spacing=700)
    seen = {}
    while timeline.run(777).reason == "limit":
        seen[timeline.now] = state(machine), disk.read(0, disk.size)
    assert len({content for _, content in seen.values()}) > 10
    for position in Random(2).choices(sorted(seen), k=15):
        timeline.goto(position)
        assert (state(machine), disk.read(0, disk.size)) == seen[position], position


def test_a_run_with_a_disk_is_recorded(path: Path, disk: SnapshotDisk, tmp_path: Path) -> None:
    machine = machine_with(disk, observed=False)
    recorder = Recorder(machine)
    assert machine.run(1_000_000).status == STATUS
    file = tmp_path / "run"
    write(file, recorder.recording())
    found = read(file)
    assert play(found).status == STATUS
    assert state(found.machine) == state(machine)
    walked = replay(read(file))
    walked.goto(walked.end)
    assert state(walked.machine) == state(machine)
    disk.close()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(RecordingError, match="written since"):
        read(file)
    path.unlink()
    with pytest.raises(RecordingError, match="missing.*No such file"):
        read(file)
    path.write_bytes(content)


def test_a_saved_machine_keeps_what_was_written(disk: SnapshotDisk, tmp_path: Path) -> None:
    machine = machine_with(disk, observed=False)
    machine.run(3000)
    save_machine(tmp_path / "saved", machine)
    other, _ = load_machine(tmp_path / "saved")
    assert state(other) == state(machine)
    assert other.run(1_000_000).status == machine.run(1_000_000).status == STATUS
    assert state(other) == state(machine)
    assert other.disks[0].read(0, disk.size) == disk.read(0, disk.size)


def test_a_machine_that_writes_a_file_cannot_be_kept(path: Path) -> None:
    written = FileDisk(path)
    machine = machine_with(written)
    for attempt in (capture, Timeline, Recorder):
        with pytest.raises(SnapshotError, match="disk.img.*--disk-snapshot"):
            attempt(machine)
    written.close()


def test_snapshots_of_machines_with_other_disks_are_refused(disk: SnapshotDisk) -> None:
    one, bare = machine_with(disk), machine_with()
    modern = Machine(ram=RAM, disks=[disk], virtio="modern")
    snapshot = capture(one)
    for other in (bare, modern):
        before = state(other)
        with pytest.raises(ValueError, match="another kind|version"):
            restore(other, snapshot)
        assert state(other) == before


def test_a_reset_keeps_disks(disk: SnapshotDisk) -> None:
    machine = machine_with(disk, observed=False)
    machine.run(1_000_000)
    once = disk.read(0, disk.size)
    machine.reset()
    assert machine.bus.read(VIRTIO_BASE + 0x70, 4) == 0
    disk.write(1024, bytes(15 * 512))  # what the guest made of sectors 0 and 1, so it makes it again
    assert machine.run(1_000_000).status == STATUS
    assert disk.read(0, disk.size) == once


def test_what_no_board_has(disk: SnapshotDisk) -> None:
    with pytest.raises(MachineError, match="9 disks"):
        Machine(ram=RAM, disks=[disk] * (VIRTIO_SLOTS + 1))
    with pytest.raises(MachineError, match="'mmio'.*legacy, modern"):
        Machine(ram=RAM, virtio="mmio")


# Calls what is in DATA seventeen times; the last time, what the disk holds is read over it first.
OVER_ITSELF = (
    GUEST.partition("next:")[0]
    + """
        li      s1, 16
1:      li      t0, DATA
        li      t1, 0x00500513  # li a0, 5
        bnez    s1, 2f
        li      a0, 0
        li      a1, 0
        li      a2, 3
        call    request
        j       3f
2:      li      t2, 16
        bne     s1, t2, 3f
        sw      t1, 0(t0)
        li      t1, 0x00008067  # ret
        sw      t1, 4(t0)
3:      li      t0, DATA
        jalr    t0
        addi    s1, s1, -1
        bgez    s1, 1b
        slli    a0, a0, 16
        li      t0, 0x3333
        or      t0, t0, a0
        li      t1, 0x100000
        sw      t0, 0(t1)
4:      j       4b
request: """
    + GUEST.partition("request:")[2]
)


@pytest.mark.parametrize("executor", ["native", "reference"])
def test_code_that_a_disk_brings_is_run(path: Path, executor: str) -> None:
    """Over code that has just been run, by a device, without a fence."""
    path.write_bytes(bytes.fromhex("13059000 67800000").ljust(512, b"\0"))  # li a0, 9; ret
    disk = SnapshotDisk(path)
    machine = Machine(ram=RAM, disks=[disk], executor=executor)
    machine.load(guest(OVER_ITSELF))
    assert machine.run(50_000).status == 9
    disk.close()
