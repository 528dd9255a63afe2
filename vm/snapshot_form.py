"""Snapshot -> plain values for a file (vm/container.py), and back.

What comes from a file is checked: no value of it can make the machine leave its own memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vm import boot_images, lookaside, pages
from vm.arch import PAGE_SHIFT
from vm.container import Pages as Runs
from vm.devices.block import Disk
from vm.devices.htif import SETTLE
from vm.devices.kept import ForeignState
from vm.disk import DiskError, FileDisk, SnapshotDisk
from vm.hart_state import KEPT, SIZE
from vm.loader import LoadError
from vm.lookaside import Lookaside
from vm.machine import Machine, MachineError
from vm.pages import Pages
from vm.snapshot import Snapshot, SnapshotError, restore

_ARRAYS = ("data", "fetch", "decoded", "owners")


class FormError(ValueError):
    """Values that are no snapshot; the message is a sentence without its file's name."""


def layout(machine: Machine) -> str:
    """-> what the saved bytes and values of the machine mean: the names of all that is kept, as a digest."""
    devices = [f"{base:#x} {' '.join(sorted(device.save()))}" for base, device in machine.bus.devices()]
    return blake2b("\n".join((*KEPT, str(SIZE), *devices)).encode(), digest_size=16).hexdigest()


def machine_form(machine: Machine) -> dict[str, Any]:
    """-> what is needed to make another machine of the same kind. Its disks stay where they are: their paths and what
    is in them must be the same then. Raises SnapshotError for a disk without a file, OSError for one that cannot be
    read."""
    kind = {"mode": machine.mode, "isa": machine.isa, "nwin": machine.nwin, "ram": machine.ram_size}
    kind |= {"real_time": machine.real_time, "layout": layout(machine)}
    return {**kind, "disks": [_disk_form(disk) for disk in machine.disks], "virtio": machine.virtio}


def _disk_form(disk: Disk) -> dict[str, Any]:
    if not isinstance(disk, FileDisk | SnapshotDisk):
        raise SnapshotError(f"{disk.name}: a disk that is in no file cannot be saved")
    disk.flush()
    return {"path": str(disk.path), "name": disk.name, "digest": disk.digest, "written": not disk.has_past}


class Places(NamedTuple):
    """Where the disks of a machine from a file are. paths: of their files, in order; None: where they were. snapshot:
    leave these alone, also those that the machine wrote."""

    paths: Sequence[str | Path] | None = None
    snapshot: bool = False


WHERE_THEY_WERE = Places()


def machine_of(form: dict[str, Any], places: Places = WHERE_THEY_WERE, **more: Any) -> Machine:
    """The reverse; more: goes to Machine. Raises FormError."""
    disks: list[FileDisk | SnapshotDisk] = []
    try:
        paths = [str(each["path"]) for each in form["disks"]] if places.paths is None else places.paths
        if len(paths) != len(form["disks"]):
            raise FormError(f"of a machine with {_disks(len(form['disks']))}; given are {len(paths)}")
        for path, each in zip(paths, form["disks"], strict=True):
            disks.append(_disk(path, each, places.snapshot))
        kind = {
            "isa": form["isa"],
            "real_time": bool(form["real_time"]),
            "nwin": form["nwin"] or None,
            "virtio": form["virtio"],
        }
        machine = Machine(form["mode"], form["ram"], disks=disks, **kind, **more)
        if layout(machine) != form["layout"]:
            raise FormError("made by another version, whose machine has other registers; take the one that made it")
        return machine
    except BaseException as fault:
        for disk in disks:
            disk.close()
        if isinstance(fault, MachineError | KeyError | TypeError):
            raise FormError(f"made for a machine that cannot be: {fault}") from None
        raise


def _disks(count: int) -> str:
    return f"{count or 'no'} disk{'s' * (count != 1)}"


def _disk(path: str | Path, form: dict[str, Any], snapshot: bool) -> FileDisk | SnapshotDisk:
    """Where a disk is, and what it was -> the disk. Raises FormError."""
    try:
        disk = FileDisk(path) if form["written"] and not snapshot else SnapshotDisk(path)
    except (DiskError, OSError) as fault:
        raise FormError(f"made for a machine with a disk, which is missing: {fault}") from None
    try:
        if disk.digest != form["digest"]:
            raise FormError(f"made for a machine with a disk, {path}, which has been written since")
        disk.name = str(form["name"])  # which the guest may have read
        return disk
    except BaseException:
        disk.close()
        raise


def form(snapshot: Snapshot, base: Snapshot | None = None) -> dict[str, Any]:
    """Snapshot -> plain values. base: one whose pages the reader has already; only what differs is put down."""
    known = base.pages if base else pages.empty(snapshot.ram_size)
    numbers = list(pages.differing(snapshot.pages, known))
    return {
        "at": snapshot.at,
        "hart": snapshot.hart,
        "caches": {name: getattr(snapshot.caches, name).tobytes() for name in _ARRAYS},
        "banks": snapshot.caches.banks,
        "pages": np.array(numbers, "<u4").tobytes(),
        "ram": Runs(pages.page(snapshot.pages, number) for number in numbers),
        "devices": {f"{address:#x}": dict(state) for address, state in snapshot.devices.items()},
        "htif": None if snapshot.htif is None else dict(snapshot.htif),
        "settle": snapshot.settle,
        "lives": snapshot.lives,
        "asleep": snapshot.asleep,
        "loaded": None if snapshot.loaded is None or base else boot_images.form(snapshot.loaded),
    }


def snapshot_of(values: dict[str, Any], machine: Machine, base: Snapshot | None = None) -> Snapshot:
    """What `form` made, a machine of machine_of, the base that `form` had -> the snapshot. Raises FormError."""
    try:
        return _snapshot(values, machine, base)
    except (LoadError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as fault:
        raise FormError(f"damaged: a state that the machine cannot be in ({fault})") from None


def put(machine: Machine, snapshot: Snapshot, new: bool = False) -> None:
    """A snapshot from a file -> the machine is in that state; new: as for restore. Raises FormError."""
    try:
        restore(machine, snapshot, new)
    except (SnapshotError, ForeignState, MachineError) as fault:
        raise FormError(f"damaged: {fault}") from None
    inside = machine.core.target.layout.align - 1
    if any(int(machine.core.state[name]) & inside for name in ("pc", "mepc", "sepc")):
        raise FormError("damaged: the hart stands, or shall go on, in the middle of an instruction")
    due = machine.instructions + SETTLE
    if machine.started != snapshot.at or not (
        snapshot.settle is None or (snapshot.htif and machine.instructions < snapshot.settle <= due)
    ):
        raise FormError("damaged: its clocks do not agree with each other")


def _snapshot(values: dict[str, Any], machine: Machine, base: Snapshot | None) -> Snapshot:
    loaded = base.loaded if base else None
    if base is None and values["loaded"] is not None:
        loaded = boot_images.loaded_of(values["loaded"], machine.ram_size, machine.mode)
    arrays = [
        np.frombuffer(values["caches"][name], np.uint32).reshape(-1, width)
        for name, width in zip(_ARRAYS, lookaside.WIDTHS, strict=True)
    ]
    data_bank, fetch_bank = values["banks"]
    data, fetch, decoded, owners = arrays
    caches = Lookaside(data, fetch, decoded, owners, (data_bank, fetch_bank))
    if not lookaside.fits(caches, machine.core):
        raise ValueError("its TLBs")
    hart = _bytes(values["hart"])
    if len(hart) != SIZE:
        raise ValueError("its registers")
    return Snapshot(
        at=_count(values["at"]),
        mode=machine.mode,
        isa=machine.isa,
        real_time=machine.real_time,
        nwin=machine.nwin,
        hart=hart,
        caches=caches,
        pages=_table(values, base.pages if base else pages.empty(machine.ram_size), machine.ram_size),
        ram_size=machine.ram_size,
        devices={int(address, 16): state for address, state in values["devices"].items()},
        htif=values["htif"],
        settle=None if values["settle"] is None else _count(values["settle"]),
        lives=_count(values["lives"]),
        asleep=bool(values["asleep"]),
        loaded=loaded,
    )


def _table(values: dict[str, Any], known: Pages, ram_size: int) -> Pages:
    numbers, ram = np.frombuffer(values["pages"], "<u4"), values["ram"]
    if not isinstance(ram, Runs) or len(numbers) != len(ram) or (numbers >= ram_size >> PAGE_SHIFT).any():
        raise ValueError("its RAM")
    return pages.changed_to(known, zip(map(int, numbers), ram, strict=True))


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"{value!r} where bytes were expected")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise ValueError(f"{value!r} where a count was expected")
    return value
