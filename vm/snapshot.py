"""A machine between two instructions -> its complete state, and back, to the bit.

    snapshot = capture(machine)
    machine.run(1_000_000)
    restore(machine, snapshot)

Neither changes what the guest will do, or has done: the machine runs on as if nobody had looked. Pages of RAM that did
not change are shared by all snapshots of a machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from vm import lookaside, pages
from vm.devices.kept import Plain
from vm.hart_state import CLEARED, EXTENTS, SIZE
from vm.lookaside import Lookaside
from vm.machine import Machine
from vm.pages import Pages

if TYPE_CHECKING:
    from vm.boot_images import Loaded

Device = Mapping[str, Plain]
FIXED_COST = 4096  # bytes that a snapshot takes beside registers, caches, queues and pages


class SnapshotError(ValueError):
    """A snapshot of another kind of machine, or a machine of which none can be; the message is a sentence."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a machine. at: its position (Machine.started). hart: the fields that vm/hart_state.py keeps.
    devices: base address -> state. htif: state of the `tohost` interface, where the image has one; settle: instructions
    at which a half-written word counts. lives: instructions started before the last reset. asleep: as Machine.asleep.
    """

    at: int
    mode: str
    isa: str
    real_time: bool
    nwin: int
    hart: bytes
    caches: Lookaside
    pages: Pages
    ram_size: int
    devices: Mapping[int, Device]
    htif: Device | None
    settle: int | None
    lives: int
    asleep: bool
    loaded: Loaded | None

    @property
    def own_size(self) -> int:
        """-> bytes that it takes beside its table of pages."""
        queued = sum(len(v) for each in self.devices.values() for v in each.values() if isinstance(v, bytes))
        return FIXED_COST + SIZE + self.caches.size + queued + 8 * len(self.pages)


# What is known of a machine's RAM: the table that was right when its core.take_dirty() was last called.
_known: WeakKeyDictionary[Machine, Pages] = WeakKeyDictionary()


def _changed(machine: Machine) -> tuple[Pages, list[int]]:
    """-> the last table of the machine's RAM, and the pages that may have changed since. Only a machine that observes
    knows which these are; of another one, all are compared."""
    core, known = machine.core, _known.get(machine)
    if known is None:
        known, changed = pages.empty(machine.ram_size), pages.nonzero(core.ram)
        if core.marks is not None:
            core.marks.take_dirty()
    elif core.marks is not None:
        changed = core.marks.take_dirty().tolist()
    else:
        held = pages.contents(known)
        changed = sorted({*pages.nonzero(core.ram), *(page for page, _ in held)})
    return known, changed


def capture(machine: Machine, past: bool = True) -> Snapshot:
    """A machine that is not running -> its state now. past: the machine may be taken back to it; otherwise it is
    for another one, made when nothing has happened since. Raises SnapshotError when a past is wanted, and a disk of
    the machine is written to its file."""
    core = machine.core
    for disk in machine.disks:
        if past and not disk.has_past:
            raise SnapshotError(
                f"{disk.name}: a disk that is written to its file cannot go back in time; --disk-snapshot can"
            )
    devices = {base: device.save() for base, device in machine.bus.devices()}
    known, changed = _changed(machine)
    table = _known[machine] = pages.taken(core.ram, known, changed)
    record = core.state_array.view(np.uint8)
    return Snapshot(
        at=machine.started,
        mode=machine.mode,
        isa=machine.isa,
        real_time=machine.real_time,
        nwin=machine.nwin,
        hart=b"".join(record[extent].tobytes() for extent in EXTENTS),
        caches=lookaside.save(core),
        pages=table,
        ram_size=machine.ram_size,
        devices=devices,
        htif=machine._htif.save() if machine._htif else None,
        settle=machine._settle,
        lives=machine._before_reset,
        asleep=machine.asleep,
        loaded=machine.loaded,
    )


def restore(machine: Machine, snapshot: Snapshot, new: bool = False) -> None:
    """The machine is in the state that was captured, of itself or of another one of the same kind. new: nothing has
    been loaded into the machine yet, so that its RAM need not be looked at.

    Points stay; call Observer.refresh afterwards. Raises SnapshotError when mode, windows or RAM are others, and
    ForeignState when the devices are; then nothing has been changed but, perhaps, devices.
    """
    _check(machine, snapshot)
    core = machine.core
    machine.moves += 1
    if snapshot.loaded is not machine.loaded:
        machine.adopt(snapshot.loaded)
    for base, device in machine.bus.devices():
        device.load(snapshot.devices[base])
    if machine._htif is not None and snapshot.htif is not None:
        machine._htif.load(snapshot.htif)
    known, changed = (pages.empty(machine.ram_size), []) if new else _changed(machine)
    stale = set(changed)
    stale.update(pages.differing(known, snapshot.pages))
    pages.put(core.ram, snapshot.pages, stale)
    _known[machine] = snapshot.pages
    record, at = core.state_array.view(np.uint8), 0
    for extent in EXTENTS:
        size = extent.stop - extent.start
        record[extent] = np.frombuffer(snapshot.hart, np.uint8, size, at)
        at += size
    for name in CLEARED:
        core.state[name] = 0
    lookaside.restore(core, snapshot.caches)
    machine._settle, machine._before_reset = snapshot.settle, snapshot.lives
    machine.asleep = snapshot.asleep
    machine._connect()


def _check(machine: Machine, snapshot: Snapshot) -> None:
    """Raises SnapshotError for a snapshot of another kind of machine."""
    for what, here, there in (
        ("the mode", machine.mode, snapshot.mode),
        ("the instruction set", machine.isa, snapshot.isa),
        ("whether its clock follows the host's", machine.real_time, snapshot.real_time),
        ("the number of register windows", machine.nwin, snapshot.nwin),
        ("RAM in bytes", machine.ram_size, snapshot.ram_size),
        ("where devices lie", sorted(base for base, _ in machine.bus.devices()), sorted(snapshot.devices)),
    ):
        if here != there:
            raise SnapshotError(f"the snapshot is of another machine: {what} is {there} there, {here} here")


def digest(snapshot: Snapshot) -> str:
    """-> 32 hexadecimal digits that are equal for equal states: of hart, clock, devices and RAM. The executor's caches
    do not count."""
    found = hashlib.blake2b(snapshot.hart, digest_size=16)
    devices = {base: _text(each) for base, each in snapshot.devices.items()}
    board = [snapshot.at, snapshot.lives, snapshot.settle, devices, snapshot.htif and _text(snapshot.htif)]
    found.update(json.dumps(board, sort_keys=True).encode())
    for page, content in pages.contents(snapshot.pages):
        found.update(page.to_bytes(4, "little") + content)
    return found.hexdigest()


def _text(device: Device) -> dict[str, object]:
    """State of a device -> the same for JSON."""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in device.items()}
