"""Guests that touch every device anywhere, in every size, with interrupts on and bytes coming in.

Nothing but stops of the machine comes out; executors agree; and a machine that was saved on the way, and restored, goes
on as if nothing had been.
"""

from __future__ import annotations

import gc
import random
import resource
from pathlib import Path

import pytest

from tests.engine.rig import differences
from tests.fuzz.knob import seeds
from tests.fuzz.monitor import DATA, LOG, RAM, REGISTERS, TABLES, Program, Step, packed
from tests.fuzz.paging import word
from vm import arch
from vm.container import RecordingError
from vm.devices import virtio
from vm.disk import SnapshotDisk
from vm.machine import Machine
from vm.snapshot import capture, digest

STEPS, SLICES = 300, 12
MOST = 60_000  # instructions of a run, whatever becomes of the guest: devices may write over it
LOADS = ("lb", "lbu", "lh", "lhu", "lw", "lr.w")
STORES = ("sb", "sh", "sw", "sw", "sw", "amoswap.w")
RANGES = {
    arch.FINISHER_BASE: arch.FINISHER_SIZE, arch.RTC_BASE: arch.RTC_SIZE, arch.CLINT_BASE: arch.CLINT_SIZE,
    arch.PLIC_BASE: arch.PLIC_SIZE, arch.UART_BASE: arch.UART_SIZE,
    **{arch.VIRTIO_BASE + n * arch.VIRTIO_SIZE: arch.VIRTIO_SIZE for n in range(3)},
}  # fmt: skip
DENSE = {
    arch.CLINT_BASE: (0, 4, 0x4000, 0x4004, 0x4008, 0xBFF8, 0xBFFC),
    arch.PLIC_BASE: (4, 8, 0x28, 0x2C, 0x1000, 0x2000, 0x2080, 0x20_0000, 0x20_0004, 0x20_1000, 0x20_1004, 0x20_2000),
    arch.UART_BASE: tuple(range(8)),
    arch.RTC_BASE: tuple(range(0, 0x20, 4)),
}  # fmt: skip
REGISTERS_OF_QUEUE = (
    virtio.STATUS, virtio.QUEUE_SEL, virtio.QUEUE_NUM, virtio.QUEUE_PFN, virtio.QUEUE_READY, virtio.QUEUE_NOTIFY,
    virtio.QUEUE_NOTIFY, virtio.QUEUE_ALIGN, virtio.GUEST_PAGE_SIZE, virtio.INTERRUPT_ACK, virtio.DRIVER_FEATURES,
    virtio.DRIVER_FEATURES_SEL, virtio.DEVICE_FEATURES_SEL, virtio.CONFIG, *virtio.QUEUE_ADDRESSES,
)  # fmt: skip
PLACES = (DATA, DATA + 0x1000, DATA >> 12, TABLES, LOG, arch.RAM_BASE + RAM - 8, arch.RAM_BASE + RAM, 0xFFFF_FFF0)
QUEUE_SET_UP = (
    (virtio.GUEST_PAGE_SIZE, 4096), (virtio.QUEUE_SEL, 0), (virtio.QUEUE_NUM, 8), (virtio.QUEUE_PFN, DATA >> 12),
    (0x080, DATA), (0x090, DATA + 128), (0x0A0, DATA + 4096), (virtio.QUEUE_READY, 1), (virtio.STATUS, 7),
)  # fmt: skip
GROWTH = 1 << 19  # KiB of memory that a run may take at most, machines included


def _address(pick: random.Random) -> int:
    base = pick.choice(tuple(RANGES))
    kind = pick.random()
    if kind < 0.7:
        return base + pick.choice(DENSE.get(base, REGISTERS_OF_QUEUE)) + (pick.randrange(4) if kind < 0.1 else 0)
    if kind < 0.85:
        return base + pick.randrange(RANGES[base])
    return (pick.choice((base, base + RANGES[base])) + pick.randrange(-5, 5)) & 0xFFFF_FFFF


def _value(pick: random.Random) -> int:
    return pick.choice((0, 1, 2, 3, 7, 15, 0x80, 0xFF, 1 << pick.randrange(32), 0x1000, pick.choice(PLACES),
                        pick.getrandbits(32), pick.randrange(16)))  # fmt: skip


def _program(pick: random.Random) -> Program:
    made = Program(vectored=pick.random() < 0.5)
    made.memory = {REGISTERS: packed([0] * 32)}
    ring = [pick.choice((0, 1, 2, 3, 16, 512, DATA, DATA + 16, pick.choice(PLACES))) for _ in range(2048)]
    made.memory[DATA] = packed(ring)  # what a queue finds there
    enabled = arch.MSTATUS_SIE | arch.MSTATUS_MIE | arch.MSTATUS_SPIE | arch.MSTATUS_MPIE
    for offset, value in QUEUE_SET_UP:  # so that there is something to disturb
        made.poke(arch.VIRTIO_BASE + offset, value)
    while len(made.records) < STEPS:
        name = pick.choice((*LOADS, *STORES))
        operands = {"rd": 12} if name in (*LOADS, "amoswap.w") else {}
        operands |= {"rs2": 11} if name in STORES else {}
        operands |= {} if "." in name else {"imm": 0}
        made.run(Step(
            (word(name, rs1=10, **operands),), pick.choice((arch.PRIV_M, arch.PRIV_S, arch.PRIV_U)),
            pick.getrandbits(32) & enabled, a0=_address(pick), a1=_value(pick), mideleg=pick.getrandbits(12) & 0x222,
            mie=pick.getrandbits(12) & 0xAAA, sepc=DATA, fence=False, medeleg=pick.choice((0, 0xB1FF)),
        ))  # fmt: skip
    return made


@pytest.mark.parametrize("version", virtio.VERSIONS)
def test_whatever_a_guest_does_to_devices(version: str, tmp_path: Path) -> None:
    file = tmp_path / "disk"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in seeds(1):
        pick = random.Random(seed)
        file.write_bytes(pick.randbytes(16 * 512))
        image = _program(pick).image()
        sent = [bytearray() for _ in range(3)]
        machines = [
            Machine(ram=RAM, executor=executor, console=out.extend, disks=[SnapshotDisk(file)], virtio=version)
            for executor, out in zip(("native", "reference", "native"), sent, strict=True)
        ]
        for each in machines:
            each.load(image)
        left = MOST
        for number in range(SLICES):
            count, typed = pick.randrange(1, 2 * MOST // SLICES), pick.randbytes(pick.randrange(4))
            count = left if number == SLICES - 1 else min(count, left)
            left -= count
            stops = set()
            for each in machines:
                each.receive(typed)
                stops.add(each.run(count))
            assert len(stops) == 1, f"seed {seed}, slice {number}: {stops}"
            if number % 4 == 2:
                machines[2].save(tmp_path / "saved")
                machines[2].disks[0].close()
                machines[2] = Machine.restore(tmp_path / "saved", console=sent[2].extend)
            if stops.pop().reason != "limit":
                break
        native, reference, restored = machines
        assert differences(native.core, reference.core) == {}, f"seed {seed}"
        assert digest(capture(native)) == digest(capture(reference)) == digest(capture(restored)), f"seed {seed}"
        assert sent[0] == sent[1] == sent[2], f"seed {seed}"
        for each in machines:
            each.disks[0].close()
        del machines, native, reference, restored, each
        gc.collect()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


@pytest.mark.parametrize("name", ["pc", "mepc", "sepc"])
def test_a_saved_hart_inside_an_instruction_is_refused(name: str, tmp_path: Path) -> None:
    """No run leads there, and none would lead out."""
    made = Machine(ram=1 << 16)
    made.core.state[name] = arch.RAM_BASE + 1
    made.save(tmp_path / "saved")
    with pytest.raises(RecordingError, match="in the middle of an instruction"):
        Machine.restore(tmp_path / "saved")
