"""Machine.save and Machine.restore: a run that was cut in many pieces, each by another machine, is the run that was not
cut; and what a file may not be."""

from __future__ import annotations

import os
import tracemalloc
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.devices.virtio_driver import MemoryDisk
from tests.engine.rig import examples
from tests.images import guest
from tests.timetravel.rig import SMALL, bare, state
from tests.timetravel.test_disks import GUEST, STATUS
from tests.timetravel.test_disks import RAM as DISK_RAM
from tests.timetravel.test_disks import path as path
from tests.timetravel.test_recording import forged, mangled
from vm import container
from vm.container import HEADER, LARGEST, MAGIC, RecordingError
from vm.disk import DiskError, FileDisk, SnapshotDisk
from vm.machine import Machine
from vm.recording import KINDS, MACHINE, Recorder, load_machine, save_machine
from vm.recording import write as write_recording
from vm.snapshot import SnapshotError

# Sleeps; a timer prints a dot and typing is echoed, both by interrupt; after TICKS dots, of which the first half are in
# a first life, ended by a reset, it ends with the number of bytes typed as its status.
TICKS = 24
BUSY = f"""
        .globl _start
_start: la      t0, trap
        csrw    mtvec, t0
        li      s0, 0x10000000  # UART: interrupts on, with FIFOs
        li      t0, 1
        sb      t0, 2(s0)
        sb      t0, 1(s0)
        li      s1, 0x0C000000  # PLIC: line 10, priority 1, of M-mode
        sw      t0, 40(s1)
        li      t1, 0x0C002000
        li      t0, 1 << 10
        sw      t0, 0(t1)
        li      a3, 0x02004000  # mtimecmp
        sw      zero, 4(a3)
        li      t0, 100
        sw      t0, 0(a3)
        li      t0, 0x880
        csrw    mie, t0
        csrsi   mstatus, 8
1:      wfi
        addi    a2, a2, 3       # what the interrupts must leave alone
        mul     a2, a2, a2
        j       1b
        .balign 4
trap:   csrr    t0, mcause
        slli    t0, t0, 1
        li      t1, 7 << 1
        beq     t0, t1, tick
        li      t1, 0x0C200004
        lw      t2, 0(t1)       # claim
        lbu     t0, 0(s0)
        sb      t0, 0(s0)
        sw      t2, 0(t1)
        la      t1, typed
        lw      t0, 0(t1)
        addi    t0, t0, 1
        sw      t0, 0(t1)
        mret
tick:   lw      t0, 0(a3)
        addi    t0, t0, 300
        sw      t0, 0(a3)
        li      t0, '.'
        sb      t0, 0(s0)
        la      t1, ticks
        lw      t0, 0(t1)
        addi    t0, t0, 1
        sw      t0, 0(t1)
        addi    t0, t0, -{TICKS // 2}
        bltz    t0, 2f
        la      t1, typed
        lw      t0, 0(t1)
        li      t1, 0x100000
        li      t2, 0x7777
        la      a0, lives
        lw      a1, 0(a0)
        bnez    a1, 1f          # the image is loaded anew, but this word does not belong to it
        li      a1, 1
        sw      a1, 0(a0)
        sw      t2, 0(t1)
1:      slli    t0, t0, 16
        li      t2, 0x3333
        or      t0, t0, t2
        sw      t0, 0(t1)
2:      mret
        .data
ticks:  .word   0
typed:  .word   0
        .equ    lives, _start + 0x8000
"""


def cut(machine: Machine, file: Path, pieces: list[tuple[int, bytes]], save: bool) -> tuple[bytes, str, Any, int]:
    """Runs in pieces, types behind each; saves and restores in between, or not -> output, state, statistics, status."""
    shown = bytearray()
    machine.console = shown.extend
    for count, text in pieces:
        machine.run(count)
        machine.receive(text)
        if save:
            machine.save(file)
            for disk in machine.disks:
                disk.close()
            machine = Machine.restore(file, shown.extend)
    status = machine.run(200_000).status
    found = bytes(shown), state(machine) if all(d.has_past for d in machine.disks) else "", machine.stats(), status
    for disk in machine.disks:
        disk.close()
    return found  # type: ignore[return-value]


def test_a_run_in_pieces_is_the_whole_run(tmp_path: Path) -> None:
    """Timer, serial port, PLIC claims and a reset; the cuts come also in the middle of handlers."""
    pick = Random(5)
    pieces = [(pick.randrange(1, 60), pick.choice([b"", b"", b"a", b"long lines"])) for _ in range(80)]
    results = []
    for save in (False, True):
        machine = Machine(ram=SMALL)
        machine.load(guest(BUSY))
        results.append(cut(machine, tmp_path / "saved", pieces, save))
    assert results[0] == results[1]
    output, _, stats, status = results[1]
    second_life = output.split(b".", TICKS // 2)[-1]
    assert output.count(b".") == TICKS and status == len(second_life.replace(b".", b"")) > 20
    assert stats["interrupts"].keys() == {"machine timer interrupt", "machine external interrupt"}


@pytest.mark.parametrize(("kind", "virtio"), [(FileDisk, "legacy"), (SnapshotDisk, "modern"), (SnapshotDisk, "legacy")])
def test_disks_go_along(kind: type[FileDisk | SnapshotDisk], virtio: str, path: Path, tmp_path: Path) -> None:
    pick, before = Random(6), path.read_bytes()
    pieces = [(pick.randrange(1, 1500), b"") for _ in range(25)]
    results = []
    for save in (False, True):
        path.write_bytes(before)
        machine = Machine(ram=DISK_RAM, disks=[kind(path)], virtio=virtio)
        machine.load(guest(GUEST))
        results.append((*cut(machine, tmp_path / "saved", pieces, save), path.read_bytes()))
    assert results[0] == results[1]
    assert (results[1][-1] == before) == (kind is SnapshotDisk)
    assert virtio == "modern" or results[1][3] == STATUS  # the guest drives a legacy device


# ---- disks that are somewhere else, or something else ----------------------------------------------------------------
@pytest.fixture
def saved(path: Path, tmp_path: Path) -> Path:
    """-> a machine in the middle of its work on a disk that it writes."""
    disk = FileDisk(path)
    machine = Machine(ram=DISK_RAM, disks=[disk])
    machine.load(guest(GUEST))
    machine.run(5000)
    machine.save(tmp_path / "saved")
    disk.close()
    return tmp_path / "saved"


def test_a_disk_that_was_written_since_is_refused(saved: Path, path: Path) -> None:
    held = FileDisk(path)
    with pytest.raises(RecordingError, match=f"saved: .*which is missing: {path}: in use"):
        Machine.restore(saved)
    held.write(0, b"!" * 512)
    held.close()
    with pytest.raises(RecordingError, match=f"saved: .*{path}, which has been written since"):
        Machine.restore(saved)
    FileDisk(path).close()  # a refusal leaves it free


def test_a_disk_may_have_moved_and_keeps_its_name(saved: Path, path: Path, tmp_path: Path) -> None:
    moved = path.rename(tmp_path / "elsewhere.img")
    with pytest.raises(RecordingError, match="which is missing: .*disk.img: No such file"):
        Machine.restore(saved)
    with pytest.raises(RecordingError, match="of a machine with 1 disk; given are 2"):
        Machine.restore(saved, disks=[moved, moved])
    machine = Machine.restore(saved, disks=[moved])
    assert [(disk.name, disk.has_past) for disk in machine.disks] == [("disk.img", False)]
    assert machine.run(1_000_000).status == STATUS
    machine.disks[0].close()


def test_a_written_disk_can_be_left_alone_from_then_on(saved: Path, path: Path) -> None:
    before = path.read_bytes()
    for _ in range(2):
        machine = Machine.restore(saved, disk_snapshot=True)
        assert machine.run(1_000_000).status == STATUS
        assert machine.disks[0].read(0, machine.disks[0].size) != before == path.read_bytes()
        machine.disks[0].close()


def test_a_disk_that_is_no_file_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="a disk of memory"):
        Machine(ram=SMALL, disks=[MemoryDisk()]).save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_a_refusal_closes_every_disk(saved: Path, path: Path) -> None:
    content = saved.read_bytes()
    before = os.listdir("/proc/self/fd")
    for change in ({"state": {}}, {"machine": None}, {"extra": 5}):
        saved.write_bytes(forged(content, lambda value, change=change: {**value, **change}))
        with pytest.raises(RecordingError):
            Machine.restore(saved)
    assert len(os.listdir("/proc/self/fd")) == len(before)
    FileDisk(path).close()


# ---- files ---------------------------------------------------------------------------------------------------------
def test_empty_pages_take_no_room(tmp_path: Path) -> None:
    machine = Machine(ram=256 << 20)
    machine.write(0x8000_0000 + (255 << 20), b"the only ones")
    machine.save(tmp_path / "saved")
    assert (tmp_path / "saved").stat().st_size < 4000
    again = Machine.restore(tmp_path / "saved")
    assert again.read(0x8000_0000 + (255 << 20), 13) == b"the only ones" and again.ram_size == machine.ram_size


def test_another_version_and_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "saved"
    machine = bare("1: j 1b", observed=False)
    machine.save(file)
    content = file.read_bytes()
    kind = {"layout": "that of another version"}
    for other, sentence in (
        (forged(content, lambda value: {**value, "machine": {**value["machine"], **kind}}), "made by another version"),
        (content[:8] + b"\x07" + content[9:], "format 7; this version reads format"),
        (content[: len(content) // 2], "cut short"),
        (b"\x7fELF" + content[4:], "not a saved machine: it begins otherwise"),
    ):
        file.write_bytes(other)
        with pytest.raises(RecordingError, match=sentence):
            Machine.restore(file)
    write_recording(file, Recorder(machine).recording())
    with pytest.raises(RecordingError, match="a recording of a run; expected a saved machine"):
        Machine.restore(file)
    with pytest.raises(RecordingError, match="/dev/zero: not a saved machine"):
        Machine.restore("/dev/zero")


def test_no_flipped_bit_and_no_missing_end_goes_unnoticed(saved: Path) -> None:
    content, pick = saved.read_bytes(), Random(9)
    spoilt = [content[:end] for end in (*range(HEADER.size + 2), *pick.sample(range(len(content)), examples(60)))]
    for at in (*range(HEADER.size), *pick.sample(range(HEADER.size, len(content)), examples(60))):
        spoilt.append(content[:at] + bytes([content[at] ^ 1 << pick.randrange(8)]) + content[at + 1 :])
    for each in spoilt:
        saved.write_bytes(each)
        with pytest.raises(RecordingError) as caught:
            Machine.restore(saved)
        assert "\n" not in str(caught.value) and str(caught.value).startswith(str(saved))


def test_nonsense_with_the_right_checksum_harms_nobody(saved: Path) -> None:
    """What is refused leaves the disk free; what is not can run."""
    content, pick, refused = saved.read_bytes(), Random(13), 0
    for _ in range(examples(150)):
        saved.write_bytes(forged(content, lambda value: mangled(value, pick)))
        try:
            machine = Machine.restore(saved, disk_snapshot=True)
        except RecordingError as fault:
            assert "\n" not in str(fault)
            refused += 1
        else:
            machine.run(3000)
            machine.disks[0].close()
    assert refused > examples(60)


def packed(*pieces: bytes, size: int | None = None) -> bytes:
    """What is to be packed, what the header says of its size -> a file whose checksum is right."""
    made = BytesIO()
    real = container._pieces
    try:
        container._pieces = lambda value: iter(pieces)  # type: ignore[assignment]
        container._fill(made, MACHINE, None)
    finally:
        container._pieces = real
    content = made.getvalue()
    _, version, kind, packed_size, there, checksum = HEADER.unpack_from(content)
    return HEADER.pack(MAGIC, version, kind, packed_size, there if size is None else size, checksum) + content[64:]


def test_claims_of_any_size_cost_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    assert HEADER.size == 64

    def text(sizes: str) -> bytes:
        value = b'{"value": {"$": 0}, "sizes": %s}' % sizes.encode()
        return len(value).to_bytes(4, "little") + value

    bombs = [
        packed(b"", size=LARGEST), packed(b"", size=1 << 63), packed(b"\xff\xff\xff\xff" + bytes(100)),
        packed(text("[[1048576]]"), b"x" * 4096), packed(text("[4294967295]")), packed(text("[-1]")),
        packed(text(f"[{10**30}]")), packed(text("[[-1]]")), packed(text("[[1, 1]]")), packed(text("[1e9]")),
        packed(text("[4]"), b"12345"), packed(text("[4]"), b"123"), packed(text("[" * 100_000)),
        packed(text("[4096]"), bytes(4096), size=4096), packed(text("[4]"), b"1234") + b"more",
    ]  # fmt: skip
    tracemalloc.start()
    for bomb in bombs:
        file.write_bytes(bomb)
        with pytest.raises(RecordingError, match="damaged"):
            container.read(file, KINDS, MACHINE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * container.PIECE


def test_pipes_are_read_and_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    machine = bare("li a0, 77\n1: j 1b", observed=False)
    machine.run(5)
    child = os.fork()
    if not child:
        save_machine(pipe, machine, {"through": "a pipe"})
        os._exit(0)
    other, extra = load_machine(pipe)
    assert os.waitpid(child, 0)[1] == 0
    assert (int(other.x[10]), extra) == (77, {"through": "a pipe"})


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "saved"
    machine = bare("1: j 1b", observed=False)
    machine.save(file)
    before = file.read_bytes()
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        machine.save("/dev/full")

    def full(*what: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(container.os, "fsync", full)
    with pytest.raises(OSError, match=f"No space left on device: '{file}'"):
        machine.save(file)
    assert file.read_bytes() == before and list(tmp_path.iterdir()) == [file]


def test_saving_changes_nothing_and_a_disk_in_use_elsewhere_is_said(saved: Path, path: Path) -> None:
    machine = Machine.restore(saved)
    before = machine.stats(), machine.pc
    machine.save(saved)
    assert (machine.stats(), machine.pc) == before
    with pytest.raises(DiskError, match="in use"):
        FileDisk(path)
    machine.disks[0].close()
