"""The options of commands that give the machine disks: --disk, --disk-snapshot, --virtio."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import USAGE, CommandError

if TYPE_CHECKING:
    from vm.devices.block import Disk


class VirtioKind(StrEnum):
    """Which of the two interfaces drivers find."""

    legacy = "legacy"
    modern = "modern"


Disks = Annotated[
    list[Path] | None,
    typer.Option("--disk", metavar="FILE", help="a disk, which the guest reads and writes; may be repeated"),
]
DiskSnapshot = Annotated[
    bool, typer.Option("--disk-snapshot", help="leave the files of disks alone: what is written is lost in the end")
]
Virtio = Annotated[VirtioKind, typer.Option("--virtio", help="the interface of virtio devices")]


def opened(files: Sequence[Path] | None, snapshot: bool, rewound: str | None = None) -> list[Disk]:
    """What was asked for -> disks, locked. rewound: what takes the machine back in time, such as "--gdb". Raises
    CommandError."""
    if files and rewound is not None and not snapshot:
        raise CommandError(f"{rewound} goes back in time, which a file cannot: add --disk-snapshot", USAGE)
    from vm.disk import DiskError, FileDisk, SnapshotDisk

    disks: list[Disk] = []
    try:
        for file in files or ():
            disks.append(SnapshotDisk(file) if snapshot else FileDisk(file))
    except DiskError as fault:
        raise CommandError(str(fault)) from None
    return disks
